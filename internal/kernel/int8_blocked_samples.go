package kernel

import (
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// PackedConvInt8Blocked is PackedConvInt8 on blocks.
type PackedConvInt8Blocked struct {
	ready           bool
	kernel          blockedTileKernel
	source          blockedSource
	copies          *paddedCopies[byte]
	order           int8Order
	parts           [][]int8Part // of the source's blocks
	samples         int
	inputs, outputs int // elements of a sample
	m               int // output channels
	exponents       []int
	bySource        bool // exponents are those of source channels, else of output channels
	reset           bool // results start from zero
	correlations    []int8BlockedCorrelation
	taps            []int8Tap
	packed          int8Workspace // the correlations' weights, distances and corrections
}

var packedConvsInt8Blocked = sync.Pool{New: func() any { return new(PackedConvInt8Blocked) }}

// TakesBlocksInt8 reports whether a forward convolution of codes of 8 bits can run on blocks: where TakesBlocks does, C is a
// multiple of 16, and rows of x are one of 4.
func (p Conv) TakesBlocksInt8() bool {
	flat := p.flat()
	g := blockedForwardSource(flat)
	return hasInt8Blocks() && p.TakesBlocks() && g.place > 1 && g.int8Whole() && HoldsInt8(p.C*p.KH*p.KW)
}

// DataTakesBlocksInt8 is TakesBlocksInt8 for the gradient with respect to x: where DataTakesBlocks does, and rows of dy
// are a multiple of 4.
func (p Conv) DataTakesBlocksInt8() bool {
	return hasInt8Blocks() && p.DataTakesBlocks() && p.flat().OW()%quadPlaces == 0 && HoldsInt8(p.OC*p.KH*p.KW)
}

// lay says where the samples lie, and their copies, with the channels in the given order.
func (c *PackedConvInt8Blocked) lay(p Conv, g blockedSource, channels []int, inputs, outputs int) {
	c.source, c.samples, c.inputs, c.outputs = g, p.N, inputs, outputs
	c.copies = g.int8Copies()
	c.parts = int8PartsOf(c.parts, channels, g.height*g.width*blockChannels)
	c.correlations = c.correlations[:0]
	c.packed.empty()
}

// PackForward takes the weight w of a forward convolution: codes times 2^exponents by output channel. It reports whether
// samples can be computed so.
func (c *PackedConvInt8Blocked) PackForward(p Conv, w []float32, exponents []int, threads int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.ready = p.TakesBlocksInt8() && int8Powers([]int{0}, exponents) && c.packForward(p.flat(), w, exponents, threads)
	return c.ready
}

func (c *PackedConvInt8Blocked) packForward(p Conv, w []float32, exponents []int, threads int) bool {
	g := blockedForwardSource(p)
	g.int8Whole()
	oh, ow, channels := p.OH(), p.OW(), c.order.ascending(p.C)
	c.lay(p, g, channels, p.C*p.H*p.W, p.OC*oh*ow)
	c.m, c.exponents, c.bySource, c.reset = p.OC, exponents, false, false
	c.taps = c.taps[:0]
	for kh := range p.KH {
		for kw := range p.KW {
			c.taps = append(c.taps, int8Tap{kh*p.DilationH*g.columns + kw*p.DilationW, kh*p.KW + kw})
		}
	}
	k := int8BlockedCorrelation{int8Correlation: int8Correlation{m: p.OC, vectors: int8VectorsFor(p.OC), area: oh * ow}}
	weights := int8Weights{values: w, exponents: exponents, outPitch: p.C * p.KH * p.KW, inPitch: p.KH * p.KW, channels: channels}
	if !k.setPlaces(&c.packed, weights, &g, c.taps, threads) {
		return false
	}
	c.kernel = int8BlockedTile(k.vectors, p.StrideW, 1)
	c.packed.segments = addQuads(c.packed.segments, c.kernel, oh, ow, [2]int{p.StrideH * g.columns * blockChannels, p.StrideW * blockChannels}, 0, [2]int{ow * blockBytes, blockBytes})
	k.quads = c.packed.segments
	c.correlations = append(c.correlations, k)
	return true
}

// PackBackwardData is PackForward for the gradient with respect to x. The caller certifies what ConvBackwardDataInt8 asks.
func (c *PackedConvInt8Blocked) PackBackwardData(p Conv, w []float32, exponents []int, threads int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.ready = p.DataTakesBlocksInt8() && int8Powers([]int{0}, exponents) && c.packBackwardData(p.flat(), w, exponents, threads)
	return c.ready
}

func (c *PackedConvInt8Blocked) packBackwardData(p Conv, w []float32, exponents []int, threads int) bool {
	vertical, horizontal := p.classes()
	g := blockedErrors(p, vertical, horizontal)
	// Errors are put into the order of their weights' exponents.
	channels := c.order.falling(p.OC, exponents)
	g.blocks = (len(channels) + blockChannels - 1) / blockChannels
	g.int8Whole()
	if g.size() > maxSample {
		return false
	}
	c.lay(p, g, channels, p.OC*p.OH()*p.OW(), p.C*p.H*p.W)
	c.m, c.exponents, c.bySource = p.C, exponents, true
	weights := int8Weights{values: w, outPitch: p.KH * p.KW, inPitch: p.C * p.KH * p.KW, exponents: exponents, bySource: true, channels: channels}
	c.kernel = int8BlockedTile(int8VectorsFor(p.C), 1, p.StrideW)
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			if len(v.taps)*len(h.taps) == 0 || v.count == 0 {
				continue
			}
			c.taps = c.taps[:0]
			for _, kh := range v.taps {
				for _, kw := range h.taps {
					c.taps = append(c.taps, int8Tap{(kh.source+g.top)*g.columns + kw.source + g.left, kh.tap*p.KW + kw.tap})
				}
			}
			k := int8BlockedCorrelation{int8Correlation: int8Correlation{m: p.C, vectors: int8VectorsFor(p.C), area: p.H * p.W}}
			if !k.setPlaces(&c.packed, weights, &g, c.taps, threads) {
				return false
			}
			first := len(c.packed.segments)
			c.packed.segments = addQuads(c.packed.segments, c.kernel, v.count, h.count, [2]int{g.columns * blockChannels, blockChannels},
				(v.first*p.W+h.first)*blockBytes, [2]int{p.StrideH * p.W * blockBytes, p.StrideW * blockBytes})
			k.quads = c.packed.segments[first:]
			c.correlations = append(c.correlations, k)
		}
	}
	c.reset = len(c.correlations) < p.StrideH*p.StrideW
	return true
}

// Run computes sample n of out from that of in, codes that count multiples of 2^exponent. It reports whether it did; where
// it did not, the sample holds anything. Calls for other samples may run at the same time.
func (c *PackedConvInt8Blocked) Run(out []float32, in []int8, n, exponent int) bool {
	if !c.takes(len(out), len(in), exponent) {
		return false
	}
	w := getInt8Workspace()
	defer w.release()
	c.run(w, out, in[n*c.inputs:(n+1)*c.inputs], n, exponent)
	return true
}

// RunValues is Run on the values themselves. It does not where one is no code.
func (c *PackedConvInt8Blocked) RunValues(out, in []float32, n, exponent int) bool {
	if !c.takes(len(out), len(in), exponent) {
		return false
	}
	w := getInt8Workspace()
	defer w.release()
	codes := grow(&w.plain, c.inputs)
	if !w.codes(codes, in[n*c.inputs:(n+1)*c.inputs], power(-exponent)) {
		return false
	}
	c.run(w, out, codes, n, exponent)
	return true
}

// takes reports whether samples with the exponent are computed, of arrays of so many elements.
func (c *PackedConvInt8Blocked) takes(out, in, exponent int) bool {
	if !c.ready {
		return false
	}
	if out != c.samples*c.outputs || in != c.samples*c.inputs {
		panic(badLength)
	}
	return int8Powers([]int{exponent}, c.exponents)
}

func (c *PackedConvInt8Blocked) run(w *int8Workspace, out []float32, sample []int8, n, exponent int) {
	room := c.copies.take()
	defer c.copies.give(room)
	w.int8FillPlaces(&c.source, room.elements, sample, c.parts)
	scales := grow(&w.scales, c.m)
	if c.bySource {
		fillWith(scales, power(exponent+slices.Min(c.exponents)))
	} else {
		for o := range scales {
			scales[o] = power(exponent + exponentOf(c.exponents, o))
		}
	}
	result := out[n*c.outputs : (n+1)*c.outputs]
	if c.reset {
		clear(result)
	}
	for i := range c.correlations {
		c.correlations[i].run(&w.blocked, c.kernel, result, room.elements, scales)
	}
}

// runAll computes all samples, on several threads.
func (c *PackedConvInt8Blocked) runAll(out []float32, in []int8, exponents []int, threads int) bool {
	var bad atomic.Bool
	parallel.Share(c.samples, 1, threads, func(w *parallel.Work) {
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			for n := lo; n < hi; n++ {
				if !c.Run(out, in, n, exponentOf(exponents, n)) {
					bad.Store(true)
				}
			}
		}
	})
	return !bad.Load()
}

// codes sets codes to values times a scale, and reports whether these are such.
func (w *int8Workspace) codes(dst []int8, src []float32, scale float32) bool {
	p := &w.pack
	p.src[0], p.dst, p.flip, p.scales[0] = unsafe.Pointer(&src[0]), unsafe.Pointer(&dst[0]), 128, scale
	p.extent(1, len(src), 0, 0)
	int8Pack(p, int8Straight)
	return p.wrong == 0
}

// Int8Codes sets dst to the codes of values that are multiples of 2^exponent, and reports whether all are from -128 to 127.
// It does not without the instructions of convolutions on blocks of codes.
func Int8Codes(dst []int8, src []float32, exponent int) bool {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if !hasInt8Blocks() || max(exponent, -exponent) > int8Exponent {
		return false
	}
	if len(src) == 0 {
		return true
	}
	w := getInt8Workspace()
	defer w.release()
	return w.codes(dst, src, power(-exponent))
}
