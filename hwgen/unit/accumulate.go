package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// accumulate is total + term in the accumulator's type: wrapped, or the nearest value that the accumulator holds.
// Both are named signals and signed; term may be narrower or wider than total.
//
//	wrap: (total + term) mod 2^w
//	sat:  min(max(total + term, -2^(w-1)), 2^(w-1)-1), the sum taken with one bit more than the wider of the two
func (p *Parameters) accumulate(m *circuit.Module, name string, total, term *circuit.Expr) *circuit.Expr {
	width := p.Accumulator.Width
	if !p.Saturate {
		return m.Wire(name, circuit.Add(total, resize(term, width)))
	}
	wide := max(width, term.Type.Width) + 1
	sum := m.Wire(name+"_wide", circuit.Add(circuit.Extend(total, wide), circuit.Extend(term, wide)))
	lo, hi := p.Accumulator.Range()
	lowest, highest := circuit.Constant(sum.Type, lo), circuit.Constant(sum.Type, hi)
	return m.Wire(name, circuit.Mux(circuit.Less(sum, lowest), circuit.Constant(p.Accumulator, lo),
		circuit.Mux(circuit.Less(highest, sum), circuit.Constant(p.Accumulator, hi), resize(sum, width))))
}

// resize extends a named signed signal, or takes its low bits.
func resize(a *circuit.Expr, width int) *circuit.Expr {
	if width >= a.Type.Width {
		return circuit.Extend(a, width)
	}
	return circuit.AsSigned(circuit.Slice(a, width-1, 0))
}

// product is activation * weight, exact, in p.Product, after the registers that the target puts behind the multiplier.
func (p *Parameters) product(m *circuit.Module, name string, activation, weight, advance *circuit.Expr) *circuit.Expr {
	if activation.Type.Kind == circuit.KindUnsigned {
		activation = m.Wire(name+"_activation", circuit.AsSigned(circuit.Extend(activation, activation.Type.Width+1)))
	}
	exact := m.Wire(name+"_exact", circuit.Mul(activation, weight))
	return m.Pipe(name, resize(exact, p.Product.Width), p.Pipeline.Multiply, advance)
}
