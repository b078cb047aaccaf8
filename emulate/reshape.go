package emulate

import (
	"slices"

	"github.com/pkg/errors"
)

// Reshape gives the codes of an image another shape, with the same row-major order: the flattening before a dense layer.
// Scale, zero point and bounds stay.
type Reshape struct {
	Shape []int `json:"shape"`
}

var _ Op = (*Reshape)(nil)

// Kind is "reshape".
func (*Reshape) Kind() string { return "reshape" }

func (*Reshape) arity() int { return 1 }

func (r *Reshape) shape(inputs [][]int) ([]int, error) {
	n, err := elements(r.Shape)
	if err != nil {
		return nil, err
	}
	if n != volume(inputs[0]) {
		return nil, errors.Errorf("the shapes %v and %v have different sizes", inputs[0], r.Shape)
	}
	return slices.Clone(r.Shape), nil
}

func (*Reshape) compile(s *scope) (step, error) {
	if err := s.sameScale(); err != nil {
		return nil, err
	}
	if in, out := s.inputs[0], s.layer.Output; in != out {
		return nil, errors.Errorf("a reshape changes no codes, but its bounds are %d to %d where its input's are %d to %d", out.Lo, out.Hi, in.Lo, in.Hi)
	}
	return reshapeStep{}, nil
}

type reshapeStep struct{}

func (reshapeStep) run(c *call) int64 {
	copy(c.out, c.in[0])
	return 0
}
