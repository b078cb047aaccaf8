package qops

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/internal/kernel"
)

// channelsOfBlock is the number of channels of a block.
const channelsOfBlock = 16

// placesAtOnce is the number of positions that sums over a block take at a time.
const placesAtOnce = 8

// CanBlock reports whether a tensor has a form in blocks that every kernel computes fast.
func (a *Array) CanBlock() bool {
	s := a.Shape
	return len(s) == 4 && s[1] > 0 && s[1]%channelsOfBlock == 0 && s[2]*s[3] > 0 && s[2]*s[3]%placesAtOnce == 0
}

// PlainIndex is the place that an element of a sample has in row-major layout, counted from the first element of the
// tensor, given its place in the tensor's own layout.
func (a *Array) PlainIndex(i int) int {
	if !a.Blocked {
		return i
	}
	area := a.Shape[2] * a.Shape[3]
	block, rest := i/(area*channelsOfBlock), i%(area*channelsOfBlock)
	return (block*channelsOfBlock+rest%channelsOfBlock)*area + rest/channelsOfBlock
}

// TakesBlocks tells which operands an op reads in blocks where it runs on blocks, and whether its output is in blocks then.
// It returns false where the op computes from planes only.
func TakesBlocks(op Op, c *Call) (operands []bool, out, ok bool) {
	switch op := op.(type) {
	case *Conv:
		return op.takesBlocks(c)
	case *Reshape:
		return []bool{true}, true, c.Out.CanBlock() && slices.Equal(c.In[0].Shape, c.Out.Shape)
	case *Quantize:
		return []bool{true}, true, op.takesBlocks(c)
	case *BatchMean, *BatchVariance, *ChannelSum:
		operands = make([]bool, len(c.In))
		for i, in := range c.In {
			operands[i] = len(in.Shape) == len(c.In[0].Shape)
		}
		return operands, false, c.In[0].CanBlock()
	case *ReLU, *ReLUGrad, *scaledReLUGrad, *Binary, *Normalise, *NormaliseGrad, *ScaleShift, *Scale, *BiasAdd, *Times, *Unary:
		operands = make([]bool, len(c.In))
		for i, in := range c.In {
			operands[i] = slices.Equal(in.Shape, c.Out.Shape)
		}
		return operands, true, c.Out.CanBlock() && operands[0]
	}
	return nil, false, false
}

// byBlock is byPlane for an op on blocks: on ranges of them.
func byBlock[O any](o O, c *Call, body func(o O, c *Call, from, to int)) error {
	channels, inner := planesOf(c)
	return inRanges(o, c, c.In[0].Shape[0]*channels/channelsOfBlock, max(1, 4096/(channelsOfBlock*inner)), body, nil)
}

// block returns the ends of a block, and its channels' numbers in vectors that have one for every channel.
func block(c *Call, i int) (lo, hi, channel int) {
	channels, inner := planesOf(c)
	size := inner * channelsOfBlock
	return i * size, (i + 1) * size, i * channelsOfBlock % channels
}

func scalars(a *Array, channel int) *kernel.BlockScalars {
	return (*kernel.BlockScalars)(a.F32[channel:])
}

func normaliseBlocks(_ *Normalise, c *Call, from, to int) {
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockNormalise(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], scalars(c.In[1], ch), scalars(c.In[2], ch))
	}
}

func normaliseGradBlocks(_ *NormaliseGrad, c *Call, from, to int) {
	invstd, mean, dot := c.In[2], c.In[3], c.In[4]
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockNormaliseGradient(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], c.In[1].F32[lo:hi], scalars(mean, ch), scalars(dot, ch), scalars(invstd, ch))
	}
}

func scaleShiftBlocks(_ *ScaleShift, c *Call, from, to int) {
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockScaleShift(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], scalars(c.In[1], ch), scalars(c.In[2], ch))
	}
}

func scaledReLUGradientBlocks(_ *scaledReLUGrad, c *Call, from, to int) {
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockScaledReLUGradient(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], c.In[1].F32[lo:hi], scalars(c.In[2], ch), scalars(c.In[3], ch))
	}
}

// noScale and noShift change no value, not even the sign of a zero.
var noScale, noShift = func() (one, zero kernel.BlockScalars) {
	for i := range one {
		one[i], zero[i] = 1, float32(math.Copysign(0, -1))
	}
	return
}()

func scaleBlocks(_ *Scale, c *Call, from, to int) {
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockScaleShift(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], scalars(c.In[1], ch), &noShift)
	}
}

func biasBlocks(_ *BiasAdd, c *Call, from, to int) {
	for i := from; i < to; i++ {
		lo, hi, ch := block(c, i)
		kernel.BlockScaleShift(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], &noScale, scalars(c.In[1], ch))
	}
}
