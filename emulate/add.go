package emulate

import (
	"slices"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// Add is the sum of two tensors of equal shape, as LiteRT's int8 ADD takes it: [requant.Add].
type Add struct{}

var _ Op = (*Add)(nil)

// Kind is "add".
func (*Add) Kind() string { return "add" }

func (*Add) arity() int { return 2 }

func (*Add) shape(inputs [][]int) ([]int, error) {
	if !slices.Equal(inputs[0], inputs[1]) {
		return nil, errors.Errorf("the shapes %v and %v of the inputs differ", inputs[0], inputs[1])
	}
	return inputs[0], nil
}

func (*Add) compile(s *scope) (step, error) {
	out := s.layer.Output
	add, err := requant.NewAdd(s.rule, s.inputs[0].affine(), s.inputs[1].affine(), out.affine(), out.Lo, out.Hi)
	if err != nil {
		return nil, err
	}
	return &addStep{add}, nil
}

type addStep struct{ add *requant.Add }

func (s *addStep) run(c *call) int64 {
	for i, a := range c.in[0] {
		c.out[i] = int16(s.add.Apply(int32(a), int32(c.in[1][i])))
	}
	return 0
}
