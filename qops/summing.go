package qops

import "github.com/halftone-go/halftone/qops/number"

// Summing is implemented by ops that take sums of products.
type Summing interface {
	// Certificate says before a run which arithmetic gives the sums exactly, for operands of these formats, shapes
	// and channel axes; wide for float64 tensors. Where blocks vary along the sum it takes equal exponents, and
	// Certificate.Spread says that a run decides.
	Certificate(a, b number.Format, shapes [2][]int, channelAxis [2]int, wide bool) Certificate
}

var (
	_ Summing = (*Conv)(nil)
	_ Summing = (*Dense)(nil)
	_ Op      = (*Conv)(nil)
	_ Op      = (*Dense)(nil)
)
