package emulate

import "github.com/pkg/errors"

// Dense multiplies a vector (In) with a matrix, fused with its bias and, by the output's bounds, an activation. The layout
// of the weights is (In, OutFeatures).
type Dense struct {
	OutFeatures int `json:"out_features"`
	Weights
}

var (
	_ Op     = (*Dense)(nil)
	_ stored = (*Dense)(nil)
)

// Kind is "dense".
func (*Dense) Kind() string { return "dense" }

func (*Dense) arity() int { return 1 }

func (d *Dense) shape(inputs [][]int) ([]int, error) {
	if len(inputs[0]) != 1 {
		return nil, errors.Errorf("the input's shape %v is no vector; put a reshape layer before", inputs[0])
	}
	if _, err := elements([]int{inputs[0][0], d.OutFeatures}); err != nil {
		return nil, errors.WithMessage(err, "weights")
	}
	return []int{d.OutFeatures}, nil
}

func (d *Dense) compile(s *scope) (step, error) {
	k := s.shapes[0][0]
	if err := d.check(s.target, k, d.OutFeatures); err != nil {
		return nil, err
	}
	m, err := s.newMultiplication(d.Codes, k, d.OutFeatures, d.Scales, d.Bias, false)
	if err != nil {
		return nil, err
	}
	return &denseStep{m}, nil
}

type denseStep struct{ m *multiplication }

var _ multiplies = (*denseStep)(nil)

func (s *denseStep) multiplication() *multiplication { return s.m }

func (s *denseStep) run(c *call) int64 { return multiplyAll(s, c) }

func (s *denseStep) place(_, o int) int { return o }

func (s *denseStep) rows(c *call, do func(rows []int16, n, first int)) { do(c.in[0], 1, 0) }
