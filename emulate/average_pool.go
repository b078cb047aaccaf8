package emulate

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// AveragePool takes the mean of the codes under a window, as LiteRT's int8 AVERAGE_POOL_2D does: [requant.Mean]. Padding
// does not count. Scale and zero point stay. There is no dilation: both are 1.
type AveragePool struct{ Window }

var _ Op = (*AveragePool)(nil)

// Kind is "avgpool".
func (*AveragePool) Kind() string { return "avgpool" }

func (*AveragePool) arity() int { return 1 }

func (p *AveragePool) shape(inputs [][]int) ([]int, error) { return poolShape(p.Window, inputs[0]) }

func (p *AveragePool) compile(s *scope) (step, error) {
	if err := s.sameScale(); err != nil {
		return nil, err
	}
	return &averagePoolStep{pool{p.Window, s.shapes[0], s.outputs}, s.layer.Output}, nil
}

type averagePoolStep struct {
	pool
	output Output
}

func (s *averagePoolStep) run(c *call) int64 {
	s.windows(c, func(plane []int16, top, bottom, left, right int) int16 {
		var sum int64
		for y := top; y < bottom; y++ {
			for _, code := range plane[y*s.in[2]+left : y*s.in[2]+right] {
				sum += int64(code)
			}
		}
		return s.output.clamp(requant.Mean(sum, int64((bottom-top)*(right-left))))
	})
	return 0
}

// pool is a window that slides over each channel by itself.
type pool struct {
	window  Window
	in, out []int
}

// poolShape checks the window of a pool: one that could lie in the padding altogether would have nothing to pool.
func poolShape(w Window, in []int) ([]int, error) {
	if err := w.check(in); err != nil {
		return nil, err
	}
	if w.DilationH != 1 || w.DilationW != 1 {
		return nil, errors.New("a pool has no dilation; set dilation_h and dilation_w to 1")
	}
	if max(w.PadTop, w.PadBottom) >= w.KernelH || max(w.PadLeft, w.PadRight) >= w.KernelW {
		return nil, errors.New("the padding of a pool must be smaller than its kernel")
	}
	rows, columns := w.positions(in)
	return []int{in[0], rows, columns}, nil
}

// windows calls do for each output with the channel's plane and the part of the window that lies in the image.
func (p *pool) windows(c *call, do func(plane []int16, top, bottom, left, right int) int16) {
	i := 0
	for ch := range p.in[0] {
		plane := c.in[0][ch*p.in[1]*p.in[2]:][:p.in[1]*p.in[2]]
		for y := range p.out[1] {
			top := y*p.window.StrideH - p.window.PadTop
			bottom := min(top+p.window.KernelH, p.in[1])
			for x := range p.out[2] {
				left := x*p.window.StrideW - p.window.PadLeft
				right := min(left+p.window.KernelW, p.in[2])
				c.out[i] = do(plane, max(top, 0), bottom, max(left, 0), right)
				i++
			}
		}
	}
}
