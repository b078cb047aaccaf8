package emulate

import (
	"github.com/halftone-go/halftone/emulate/internal/products"
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Weights are what a convolution or a dense layer multiplies with.
type Weights struct {
	// Codes are the weights, in the layout that the op says.
	Codes []int8 `json:"-"`
	// Scales has one element, or one for each output channel: the value of a weight is code * scale.
	Scales []float64 `json:"-"`
	// Bias has one element for each output channel, in units of input scale * weight scale.
	Bias []int32 `json:"-"`
}

func (w *Weights) arrays() map[string]*npy.Array {
	return map[string]*npy.Array{
		"weights": {Shape: []int{len(w.Codes)}, Data: w.Codes},
		"scales":  {Shape: []int{len(w.Scales)}, Data: w.Scales},
		"bias":    {Shape: []int{len(w.Bias)}, Data: w.Bias},
	}
}

func (w *Weights) setArrays(get func(string) *npy.Array) (err error) {
	if w.Codes, err = elementsOf[int8](get, "weights"); err != nil {
		return err
	}
	if w.Scales, err = elementsOf[float64](get, "scales"); err != nil {
		return err
	}
	w.Bias, err = elementsOf[int32](get, "bias")
	return err
}

func elementsOf[T npy.Element](get func(string) *npy.Array, name string) ([]T, error) {
	a := get(name)
	if a == nil {
		return nil, errors.Errorf("the array %q is missing", name)
	}
	values, err := npy.Elements[T](a)
	return values, errors.Wrapf(err, "array %q", name)
}

// check refuses weights that are not k x outputs or not of the target's operand.
func (w *Weights) check(t *target.Target, k, outputs int) error {
	switch {
	case len(w.Codes) != k*outputs:
		return errors.Errorf("%d weights where %d inputs x %d outputs need %d", len(w.Codes), k, outputs, k*outputs)
	case len(w.Bias) != outputs:
		return errors.Errorf("%d biases for %d outputs", len(w.Bias), outputs)
	case len(w.Scales) != 1 && len(w.Scales) != outputs:
		return errors.Errorf("%d weight scales for %d outputs; there must be one for each, or one in all", len(w.Scales), outputs)
	}
	for _, s := range w.Scales {
		if !positive(s) {
			return errors.Errorf("weight scale %v is not a positive finite number", s)
		}
		if t.Scales == target.PerTensor && s != w.Scales[0] {
			return errors.Errorf("weight scales differ between channels, but the target %s has scales: %s; quantize the weights with block=tensor", t.Name, t.Scales)
		}
	}
	lo, hi := t.Operands.Weight.Range()
	for i, code := range w.Codes {
		if int64(code) < lo || int64(code) > hi {
			return errors.Errorf("weight %d is %d, which is no %v", i, code, t.Operands.Weight)
		}
	}
	return nil
}

// multiplication is a layer as the target's array sees it: rows of codes, a matrix of weights, registers for the rest.
type multiplication struct {
	matrix      products.Matrix
	engine      products.Engine
	bounds      []products.Bound
	rule        requant.Rule
	multipliers []requant.Multiplier
	output      Output
	clamp       bool
}

// newMultiplication prepares weights, k x outputs in row-major order. padded says that zero points enter as codes.
func (s *scope) newMultiplication(codes []int8, k, outputs int, scales []float64, bias []int32, padded bool) (*multiplication, error) {
	in, out := s.inputs[0], s.layer.Output
	m := &multiplication{
		matrix:      products.Matrix{K: k, Outputs: outputs, Weights: codes, Start: make([]int64, outputs)},
		rule:        s.rule,
		multipliers: make([]requant.Multiplier, outputs),
		output:      out,
		clamp:       s.target.Clamp,
	}
	lo, hi := s.target.Operands.Activation.Range()
	if !m.clamp && (int64(out.Lo) != lo || int64(out.Hi) != hi) {
		return nil, errors.Errorf("output bounds %d to %d need a clamp, which the target %s does not have (clamp: false)", out.Lo, out.Hi, s.target.Name)
	}
	copyStart(m.matrix, bias, in.Zero)
	accumulator := products.Accumulator{
		Width:    s.target.Accumulator.Width(),
		Saturate: s.target.Accumulator.Overflow() == number.Saturate,
		Group:    s.target.Array.ProductsPerAddition(),
	}
	accLo, accHi := accumulator.Range()
	for o, start := range m.matrix.Start {
		if accumulator.Saturate && (start < accLo || start > accHi) {
			return nil, errors.Errorf("channel %d: the bias less the zero point's part is %d, which the accumulator %v cannot hold; use a wider one",
				o, start, s.target.Accumulator)
		}
		multiplier, err := s.rule.Multiplier(requant.EffectiveScale(in.Scale, scales[o%len(scales)], out.Scale))
		if err != nil {
			return nil, errors.Wrapf(err, "channel %d: input scale * weight scale / output scale", o)
		}
		m.multipliers[o] = multiplier
	}
	codeLo, codeHi := int64(in.Lo), int64(in.Hi)
	if padded {
		codeLo, codeHi = min(codeLo, int64(in.Zero)), max(codeHi, int64(in.Zero))
	}
	m.bounds = m.matrix.Bounds(codeLo, codeHi)
	m.engine = products.New(m.matrix, accumulator, codeLo, codeHi)
	return m, nil
}

// copyStart sets where each output's register starts: the bias, less what the zero point of the codes adds to the sum.
func copyStart(m products.Matrix, bias []int32, zero int32) {
	for o, b := range bias {
		m.Start[o] = int64(b)
	}
	for k := range m.K {
		for o, w := range m.Weights[k*m.Outputs:][:m.Outputs] {
			m.Start[o] -= int64(zero) * int64(w)
		}
	}
}

// code brings the sum of output channel o to a code.
func (m *multiplication) code(sum int64, o int) int16 {
	v := m.rule.Apply(sum, m.multipliers[o]) + int64(m.output.Zero)
	if m.clamp {
		return m.output.clamp(v)
	}
	return lowBits(v, m.output)
}

// lowBits is what a register of the activation's width keeps of v. Without a clamp, the output's bounds are those of the
// register.
func lowBits(v int64, o Output) int16 {
	size := int64(o.Hi) - int64(o.Lo) + 1 // a power of two
	return int16(int64(o.Lo) + (v-int64(o.Lo))&(size-1))
}

// multiplies is a step with a multiplication, whose rows of activations can be exported.
type multiplies interface {
	step
	// multiplication is the matrix and the registers.
	multiplication() *multiplication
	// rows calls do with the rows of codes that enter the array, n x K at a time, for one image. Position i of the output is
	// in row i - first.
	rows(c *call, do func(rows []int16, n, first int))
	// place is the index in the output of position i of channel o.
	place(i, o int) int
}

// multiplyAll runs the multiplication on all rows of an image.
func multiplyAll(s multiplies, c *call) (overflows int64) {
	m := s.multiplication()
	outputs := m.matrix.Outputs
	s.rows(c, func(rows []int16, n, first int) {
		sums := grow(&c.scratch.sums, n*outputs)
		overflows += m.engine.Sums(sums, rows, n)
		for r := range n {
			for o, sum := range sums[r*outputs:][:outputs] {
				c.out[s.place(first+r, o)] = m.code(sum, o)
			}
		}
	})
	return overflows
}
