package kernel

import (
	"sync"
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// PackedConvInt16 is PackedConv on codes of 16 bits, as ConvForwardInt16 and ConvBackwardDataInt16 are.
type PackedConvInt16 struct {
	shape     Conv
	data      bool
	exponents []int // of the weight: one, or one for each output plane
	weights   []int32
	of        sampleConv[pair]
	sums      bool // sums of codes are wanted, as int32, in place of values
}

var packedConvsInt16 = sync.Pool{New: func() any { return new(PackedConvInt16) }}

// PackForward takes the weight w of a forward convolution, in multiples of 2^exponents, one or one for each output channel.
// It reports whether samples can be computed so.
func (c *PackedConvInt16) PackForward(p Conv, w []float32, exponents []int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.shape, c.data = p, false
	if !codeExponents(exponents, p.OC) {
		return false
	}
	c.exponents = append(c.exponents[:0], exponents...)
	local := int16Workspaces.Get().(*int16Workspace)
	defer local.release()
	taps := p.KH * p.KW
	terms := (p.C + 1) / 2 * taps
	grow(&c.weights, p.OC*terms)
	for o := range p.OC {
		if !local.pack(c.weights[o*terms:], w[o*p.C*taps:(o+1)*p.C*taps], p.C, taps, exponentOf(exponents, o)) {
			return false
		}
	}
	p.C = (p.C + 1) / 2
	packForward(&c.of, p, pairsOf(c.weights), Sequence)
	return true
}

// PackBackwardData takes the weight w, in multiples of 2^exponent, of a convolution whose gradient with respect to x is
// wanted.
func (c *PackedConvInt16) PackBackwardData(p Conv, w []float32, exponent int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.shape, c.data = p, true
	c.exponents = append(c.exponents[:0], exponent)
	if !codeExponents(c.exponents, 1) {
		return false
	}
	local := int16Workspaces.Get().(*int16Workspace)
	defer local.release()
	columns := p.C * p.KH * p.KW
	if !local.pack(grow(&c.weights, (p.OC+1)/2*columns), w, p.OC, columns, exponent) {
		return false
	}
	p.OC = (p.OC + 1) / 2
	packBackwardData(&c.of, p, pairsOf(c.weights), Sequence)
	return true
}

// Run computes sample n of out from that of in, which comes in multiples of 2^exponent. It reports whether it did; where it
// did not, the sample holds anything. Calls for other samples may run at the same time.
func (c *PackedConvInt16) Run(out, in []float32, n, exponent int) bool {
	c.shape.checkSamples(len(out), len(in), c.data)
	return exponent >= lowestCodeExponent && exponent <= highestCodeExponent && c.run(out, in, n, exponent, 0, c.of.panels())
}

// run computes the planes of some panels.
func (c *PackedConvInt16) run(out, in []float32, n, exponent, panelLo, panelHi int) bool {
	local := int16Workspaces.Get().(*int16Workspace)
	defer local.release()
	sample, results := in[n*len(in)/c.shape.N:][:len(in)/c.shape.N], out[n*len(out)/c.shape.N:][:len(out)/c.shape.N]
	area, planes := c.of.source.height*c.of.source.width, c.shape.C
	if c.data {
		planes = c.shape.OC
	}
	codes := grow(&local.codes, (planes+1)/2*area)
	if !local.pack(codes, sample, planes, area, exponent) {
		return false
	}
	room := c.of.room()
	defer c.of.leave(room)
	sums, _ := sameType[pair](results)
	runSample(&c.of, &room, sums, pairsOf(codes), 0, panelLo, panelHi)
	lo, hi := panelLo*c.of.kernel.rows, min(panelHi*c.of.kernel.rows, c.of.m)
	area = len(results) / c.of.m
	if c.sums {
		return true
	}
	local.scale(results[lo*area:hi*area], area, lo, exponent, c.exponents)
	return true
}

// forward packs the weight and computes all samples.
func (c *PackedConvInt16) forward(p Conv, y, x, w []float32, xExponents, wExponents []int, threads int, sums bool) bool {
	c.sums = sums
	return codeExponents(xExponents, p.N) && c.PackForward(p, w, wExponents) && c.runAll(y, x, xExponents, threads)
}

// backwardData is forward for the gradient with respect to x.
func (c *PackedConvInt16) backwardData(p Conv, dx, dy, w []float32, dyExponents []int, wExponent, threads int, sums bool) bool {
	c.sums = sums
	return codeExponents(dyExponents, p.N) && c.PackBackwardData(p, w, wExponent) && c.runAll(dx, dy, dyExponents, threads)
}

// runAll computes all samples, spread over threads.
func (c *PackedConvInt16) runAll(out, in []float32, exponents []int, threads int) bool {
	c.shape.checkSamples(len(out), len(in), c.data)
	// Few samples are cut into parts of their panels.
	n, parts, panels := c.shape.N, 1, c.of.panels()
	if n < threads {
		parts = min((threads+n-1)/n, panels)
	}
	var bad atomic.Bool
	parallel.For(n*parts, 1, threads, func(lo, hi int) {
		for i := lo; i < hi && !bad.Load(); i++ {
			part := i % parts
			if !c.run(out, in, i/parts, exponentOf(exponents, i/parts), panels*part/parts, panels*(part+1)/parts) {
				bad.Store(true)
			}
		}
	})
	return !bad.Load()
}
