package emulate

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// Quantize is the first layer of every program: it turns a float32 image into codes as LiteRT's QUANTIZE does,
// [requant.AffineQuantize]. The output's scale must be a float32 number, since LiteRT divides in float32.
type Quantize struct{}

var _ Op = (*Quantize)(nil)

// Kind is "quantize".
func (*Quantize) Kind() string { return "quantize" }

func (*Quantize) arity() int { return 0 }

func (*Quantize) shape([][]int) ([]int, error) {
	return nil, errors.New("only the first layer may be a quantize layer")
}

func (*Quantize) compile(s *scope) (step, error) {
	if o := s.layer.Output; float64(float32(o.Scale)) != o.Scale {
		return nil, errors.Errorf("output scale %v is no float32 number; round it to %v", o.Scale, float32(o.Scale))
	}
	return quantizeStep(s.layer.Output), nil
}

type quantizeStep Output

func (q quantizeStep) run(c *call) int64 {
	scale := float32(q.Scale)
	for i, x := range c.image {
		c.out[i] = int16(requant.AffineQuantize(x, scale, q.Zero, q.Lo, q.Hi))
	}
	return 0
}
