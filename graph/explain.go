package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Explanation says of one tensor what a program does with it.
type Explanation struct {
	Name        string      // canonical
	Role        policy.Role // what it is for
	Op          string      // kind of the op that makes it, "parameter", "input" or "edge"
	Shape       []int
	Format      string // what it is rounded to; inherited ones are given as such
	Kernel      string // which arithmetic makes it
	Certificate string // for sums of products: what is exact, and why
}

// Explain lists every tensor of the program in the order in which a run makes them.
func (p *Program) Explain() []Explanation {
	var out []Explanation
	for _, n := range p.placed.nodes {
		info := p.placed.info[n]
		if info == nil {
			continue
		}
		if q := p.placed.quantize[n]; q != nil {
			if info.point.IsEdge() {
				out = append(out, Explanation{Name: info.point.Name, Role: info.point.Role, Op: "edge", Shape: n.Shape(), Format: q.Format.String(), Kernel: "quantize"})
			}
			continue
		}
		out = append(out, p.explain(n, info))
	}
	return out
}

// ExplainOptimizer lists the tensors that an optimizer may keep for every parameter.
func (p *Program) ExplainOptimizer() []Explanation {
	var out []Explanation
	for _, q := range p.parameters {
		for _, role := range optimizerRoles {
			out = append(out, Explanation{
				Name: q.Name + "." + string(role), Role: role, Op: "optimizer", Shape: q.Node.Shape(), Format: q.Formats[role].String(), Kernel: "optimizer",
			})
		}
	}
	return out
}

func (p *Program) explain(n *gorgonia.Node, info *tensorInfo) Explanation {
	e := Explanation{Name: info.point.Name, Role: info.point.Role, Op: info.point.Op, Shape: n.Shape(), Format: "inherited"}
	if f, ok := p.placed.format[n]; ok {
		e.Format = f.String()
	}
	if n.Op() == nil {
		e.Op, e.Kernel = "input", "-"
		if p.isParameter(n) {
			e.Op = "parameter"
		}
		return e
	}
	op := n.Op().(qops.Op)
	e.Kernel = elementName(n) + " " + op.Kind()
	if op.Moves() {
		e.Kernel = "moved"
	}
	if i, ok := op.(qops.Integer); ok {
		e.Kernel, e.Certificate = i.Arithmetic()
	}
	if s, ok := op.(qops.Summing); ok && info.interior != nil {
		in := operands(n)
		e.Kernel, e.Certificate = info.interior.Arithmetic(s, p.operand(in[0]), p.operand(in[1]))
	} else if ok {
		c, in := p.certificate(n, s, info.floatSum)
		e.Kernel, e.Certificate = arithmetic(c, in, n), c.Reason.String()
		if c.Spread {
			e.Certificate += "; the exponents of a run decide"
		}
	}
	return e
}

func (p *Program) isParameter(n *gorgonia.Node) bool {
	for _, q := range p.parameters {
		if q.placed == n {
			return true
		}
	}
	return false
}

// certificate is what is known of a product's sums before a run, and the arithmetic that they run in.
func (p *Program) certificate(n *gorgonia.Node, s qops.Summing, floatSum bool) (qops.Certificate, qops.Arithmetic) {
	var a, b qops.Operand
	if !floatSum {
		in := operands(n)
		a, b = p.operand(in[0]), p.operand(in[1])
	}
	return s.Certificate(a, b, isWide(n)), s.Expected(a, b, isWide(n))
}

// operand is what is known of the values of a placed node before a run: the grid that they were rounded to, which the
// ops that move them keep as far as they do in a run.
func (p *Program) operand(n *gorgonia.Node) qops.Operand {
	if q := p.placed.quantize[n]; q != nil {
		if blocks, err := q.Format.Blocks(n.Shape(), q.ChannelAxis); err == nil {
			return qops.Operand{Format: q.Format, Blocks: blocks, Shape: n.Shape()}
		}
	}
	unknown := qops.Operand{Shape: n.Shape()}
	op, ok := n.Op().(qops.Op)
	if !ok || !op.Moves() {
		return unknown
	}
	in := operands(n)
	o := p.operand(in[0])
	switch op := op.(type) {
	case *qops.Reshape, *qops.ClipGate:
	case *qops.Transpose:
		blocks, kept := op.Blocks(o.Blocks, in[0].Shape())
		if !kept || o.Format.Kind() == "int" {
			return unknown
		}
		o.Blocks = blocks
	default:
		// Parts keep the grid of one block; joined ones if all parts have the same, which only a fixed step promises.
		for _, x := range in {
			part := p.operand(x)
			if part.Format != o.Format || part.Blocks.Count > 1 || part.Format.Kind() == "int" || len(in) > 1 && part.Format.Step() == 0 {
				return unknown
			}
		}
		o.Blocks = number.Blocks{Count: 1, Inner: 1}
	}
	o.Shape = n.Shape()
	return o
}

// arithmetic names what a product's sums run in, and where they are rounded other than once at the end.
func arithmetic(c qops.Certificate, in qops.Arithmetic, n *gorgonia.Node) string {
	name := in.String()
	if in == qops.OfTensor {
		name = elementName(n)
	}
	switch {
	case c.Codes:
		return name + " over codes"
	case c.Sum == kernel.Blockwise:
		return name + " by blocks"
	case in == qops.Float64 && !isWide(n):
		return name + ", rounded once"
	}
	return name
}

func isWide(n *gorgonia.Node) bool { return n.Dtype() == gorgonia.Float64 }

func elementName(n *gorgonia.Node) string {
	if isWide(n) {
		return "float64"
	}
	return "float32"
}
