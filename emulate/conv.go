package emulate

import (
	"github.com/pkg/errors"
)

// Conv is a two-dimensional convolution of an input (C, H, W) with OutChannels kernels, fused with its bias and, by the
// output's bounds, an activation. The layout of the weights is (OutChannels, C, KernelH, KernelW).
type Conv struct {
	OutChannels int `json:"out_channels"`
	Window
	Weights
}

var (
	_ Op     = (*Conv)(nil)
	_ stored = (*Conv)(nil)
)

// Kind is "conv".
func (*Conv) Kind() string { return "conv" }

func (*Conv) arity() int { return 1 }

func (v *Conv) shape(inputs [][]int) ([]int, error) {
	if err := v.Window.check(inputs[0]); err != nil {
		return nil, err
	}
	if err := inRange(1, maxDimension, "out_channels", v.OutChannels); err != nil {
		return nil, err
	}
	if _, err := elements([]int{v.OutChannels, inputs[0][0], v.KernelH, v.KernelW}); err != nil {
		return nil, errors.WithMessage(err, "weights")
	}
	height, width := v.padded(inputs[0])
	if _, err := elements([]int{inputs[0][0], height, width}); err != nil {
		return nil, errors.WithMessage(err, "the padded image")
	}
	rows, columns := v.positions(inputs[0])
	if _, err := elements([]int{columns, inputs[0][0] * v.KernelH * v.KernelW}); err != nil {
		return nil, errors.WithMessage(err, "the patches of one row of outputs")
	}
	return []int{v.OutChannels, rows, columns}, nil
}

func (v *Conv) compile(s *scope) (step, error) {
	in := s.shapes[0]
	k := in[0] * v.KernelH * v.KernelW
	if err := v.Weights.check(s.target, k, v.OutChannels); err != nil {
		return nil, err
	}
	codes := make([]int8, len(v.Codes)) // K x OutChannels
	for o := range v.OutChannels {
		for i := range k {
			codes[i*v.OutChannels+o] = v.Codes[o*k+i]
		}
	}
	m, err := s.newMultiplication(codes, k, v.OutChannels, v.Scales, v.Bias, v.pads())
	if err != nil {
		return nil, err
	}
	return &convStep{window: v.Window, in: in, out: s.outputs, zero: int16(s.inputs[0].Zero), m: m}, nil
}

type convStep struct {
	window  Window
	in, out []int
	zero    int16
	m       *multiplication
}

var _ multiplies = (*convStep)(nil)

func (s *convStep) multiplication() *multiplication { return s.m }

func (s *convStep) run(c *call) int64 { return multiplyAll(s, c) }

// place is the index of position i of channel o in an output (channels, rows, columns).
func (s *convStep) place(i, o int) int { return o*s.out[1]*s.out[2] + i }

// rows gives the patches of one row of output positions at a time.
func (s *convStep) rows(c *call, do func(rows []int16, n, first int)) {
	image := s.window.pad(&c.scratch.padded, c.in[0], s.in, s.zero)
	columns := s.out[2]
	patches := grow(&c.scratch.rows, columns*s.m.matrix.K)
	for y := range s.out[1] {
		for x := range columns {
			s.patch(patches[x*s.m.matrix.K:][:s.m.matrix.K], image, y*s.window.StrideH, x*s.window.StrideW)
		}
		do(patches, columns, y*columns)
	}
}

// patch copies the codes under the kernel at the given corner of the padded image, in the order (channel, kernel row,
// kernel column).
func (s *convStep) patch(patch, image []int16, top, left int) {
	w := s.window
	height, width := w.padded(s.in)
	span := w.spanW()
	k := 0
	for c := range s.in[0] {
		for ky := range w.KernelH {
			row := image[(c*height+top+ky*w.DilationH)*width+left:][:span]
			for x := 0; x < len(row); x += w.DilationW {
				patch[k] = row[x]
				k++
			}
		}
	}
}
