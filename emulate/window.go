package emulate

import "github.com/pkg/errors"

// Window is how a kernel slides over an image of (channels, height, width).
type Window struct {
	KernelH   int `json:"kernel_h"`
	KernelW   int `json:"kernel_w"`
	StrideH   int `json:"stride_h"`
	StrideW   int `json:"stride_w"`
	PadTop    int `json:"pad_top"`
	PadLeft   int `json:"pad_left"`
	PadBottom int `json:"pad_bottom"`
	PadRight  int `json:"pad_right"`
	DilationH int `json:"dilation_h"` // distance of neighbouring kernel rows in the image, 1 without dilation
	DilationW int `json:"dilation_w"`
}

// maxWindow bounds each number of a window, so that their products stay far from overflow.
const maxWindow = 1 << 12

// check refuses windows that do not fit an image.
func (w Window) check(in []int) error {
	if len(in) != 3 {
		return errors.Errorf("the input's shape %v is not (channels, height, width)", in)
	}
	if err := inRange(1, maxWindow, "kernel_h", w.KernelH, "kernel_w", w.KernelW, "stride_h", w.StrideH, "stride_w", w.StrideW,
		"dilation_h", w.DilationH, "dilation_w", w.DilationW); err != nil {
		return err
	}
	if err := inRange(0, maxWindow, "pad_top", w.PadTop, "pad_left", w.PadLeft, "pad_bottom", w.PadBottom, "pad_right", w.PadRight); err != nil {
		return err
	}
	if h, wd := w.padded(in); w.spanH() > h || w.spanW() > wd {
		return errors.Errorf("a kernel that spans %d x %d does not fit the padded image of %d x %d", w.spanH(), w.spanW(), h, wd)
	}
	return nil
}

// spanH is the number of image rows that the kernel covers.
func (w Window) spanH() int { return (w.KernelH-1)*w.DilationH + 1 }

func (w Window) spanW() int { return (w.KernelW-1)*w.DilationW + 1 }

// padded is the height and width of the image with its padding.
func (w Window) padded(in []int) (height, width int) {
	return in[1] + w.PadTop + w.PadBottom, in[2] + w.PadLeft + w.PadRight
}

// positions is the number of rows and columns of the output.
func (w Window) positions(in []int) (rows, columns int) {
	height, width := w.padded(in)
	return (height-w.spanH())/w.StrideH + 1, (width-w.spanW())/w.StrideW + 1
}

func (w Window) pads() bool { return w.PadTop+w.PadLeft+w.PadBottom+w.PadRight > 0 }

// pad copies an image into a larger one whose margin has the code zero.
func (w Window) pad(buffer *[]int16, image []int16, in []int, zero int16) []int16 {
	if !w.pads() {
		return image
	}
	height, width := w.padded(in)
	padded := grow(buffer, in[0]*height*width)
	for i := range padded {
		padded[i] = zero
	}
	for c := range in[0] {
		for y := range in[1] {
			from := image[(c*in[1]+y)*in[2]:][:in[2]]
			copy(padded[(c*height+y+w.PadTop)*width+w.PadLeft:], from)
		}
	}
	return padded
}
