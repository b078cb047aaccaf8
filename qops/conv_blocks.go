package qops

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// takesBlocks is TakesBlocks of a convolution. Images of few channels are read in planes.
func (o *Conv) takesBlocks(c *Call) (operands []bool, out, ok bool) {
	if c.Interior != nil {
		return nil, false, false
	}
	switch o.what {
	case convBackwardData:
		return []bool{true, false}, true, c.In[0].CanBlock() && c.Out.CanBlock() && o.Kernel.DataTakesBlocks()
	case convBackwardWeight:
		planes := c.In[0].Shape[1]%channelsOfBlock != 0
		return []bool{!planes, true}, false, (planes || c.In[0].CanBlock()) && c.In[1].CanBlock() && o.Kernel.WeightTakesBlocks()
	}
	planes := c.In[0].Shape[1]%channelsOfBlock != 0
	return []bool{!planes, false}, true, (planes || c.In[0].CanBlock()) && c.Out.CanBlock() && o.Kernel.TakesBlocks()
}

// onBlocks reports whether a convolution runs on blocks.
func (o *Conv) onBlocks(c *Call) bool {
	if o.what == convBackwardWeight {
		return c.In[1].Blocked
	}
	return c.Out.Blocked
}

// floatBlocks runs a convolution on blocks at once, in the tensor's type and in ascending order.
func (o *Conv) floatBlocks(c *Call) {
	out, a, b := c.Out.F32, c.In[0].F32, c.In[1].F32
	switch o.what {
	case convForward:
		kernel.ConvForwardBlocked(o.Kernel, out, a, b, c.Threads)
	case convBackwardData:
		kernel.ConvBackwardDataBlocked(o.Kernel, out, a, b, c.Threads)
	case convBackwardWeight:
		kernel.ConvBackwardWeightBlocked(o.Kernel, out, a, b, c.Threads)
	}
}

// packBlocks packs the weight of a convolution on blocks for runs by samples.
func (o *Conv) packBlocks(c *Call) {
	p := o.Kernel
	if c.In[0].Fleeting {
		p.N = 1 // values are made of codes sample by sample
	}
	if o.what == convForward {
		o.sampled.blocks.PackForward(p, c.In[1].F32)
	} else {
		o.sampled.blocks.PackBackwardData(p, c.In[1].F32)
	}
}

// TakesCodesInBlocks reports whether a convolution that runs on blocks has kernels for codes of 8 bits there.
func (o *Conv) TakesCodesInBlocks() bool {
	switch o.what {
	case convBackwardData:
		return o.Kernel.DataTakesBlocksInt8()
	case convBackwardWeight:
		return o.Kernel.WeightTakesBlocksInt8()
	}
	return o.Kernel.TakesBlocksInt8()
}

// blockedConv is what a convolution on blocks works in where its operands do not lie as its kernels take them.
type blockedConv struct {
	bytes  [2][]int8
	values [2]Array // of operands that have codes only
	valued Call
	planes [3]Array // the operands and the output
	call   Call
}

// withValues is a call whose operands have values.
func (o *Conv) withValues(c *Call) *Call {
	in := o.blocked.valued.In[:0]
	o.blocked.valued = *c
	for i, x := range c.In {
		if x.Fleeting {
			of := x
			x = o.blocked.values[i].like(of)
			x.Blocked = true
			stride := of.Size() / of.Shape[0]
			parallel.For(of.Shape[0], max(1, grain/stride), c.Threads, func(lo, hi int) {
				for n := lo; n < hi; n++ {
					of.decode(x.F32[n*stride:(n+1)*stride], n)
				}
			})
		}
		in = append(in, x)
	}
	o.blocked.valued.In = in
	return &o.blocked.valued
}

// runBlocks runs a convolution on blocks at once, as it is certified.
func (o *Conv) runBlocks(c *Call, cert Certificate) error {
	switch {
	case o.runInt8Blocks(c, cert):
		o.ran(Int8)
	case cert.Codes || cert.Sum != kernel.Sequence:
		return o.runPlanes(o.withValues(c))
	default:
		o.ran(OfTensor)
		o.floatBlocks(o.withValues(c))
	}
	return nil
}

// runInt8Blocks is runInt8 on blocks.
func (o *Conv) runInt8Blocks(c *Call, cert Certificate) bool {
	if !cert.Exact || cert.Codes || !o.TakesCodesInBlocks() || cert.Sum == kernel.Blockwise && o.what != convBackwardWeight {
		return false
	}
	room := c.room()
	a, okA := int8Exponents(c.In[0], &room.codes[0])
	b, okB := int8Exponents(c.In[1], &room.codes[1])
	if !okA || !okB {
		return false
	}
	x, ok := o.blocked.codes(0, c, a)
	if !ok {
		return false
	}
	switch out := c.Out.F32; o.what {
	case convBackwardWeight:
		y, ok := o.blocked.codes(1, c, b)
		return ok && kernel.ConvBackwardWeightInt8Blocked(o.Kernel, out, x, y, a, b, cert.Sum, c.Threads)
	case convBackwardData:
		return kernel.ConvBackwardDataInt8Blocked(o.Kernel, out, x, c.In[1].F32, a, b, c.Threads)
	default:
		return kernel.ConvForwardInt8Blocked(o.Kernel, out, x, c.In[1].F32, a, b, c.Threads)
	}
}

// codes are those of an operand in blocks with the exponents, from its quantize node or else from its values. It returns
// false where a value has none.
func (b *blockedConv) codes(operand int, c *Call, exponents []int) (codes []int8, ok bool) {
	x := c.In[operand]
	if x.hasBytes() {
		return x.Bytes, true
	}
	codes = slices.Grow(b.bytes[operand][:0], x.Size())[:x.Size()]
	b.bytes[operand] = codes
	var bad atomic.Bool
	samples := x.Shape[0]
	stride := x.Size() / samples
	parallel.For(samples, max(1, grain/stride), c.Threads, func(lo, hi int) {
		for n := lo; n < hi; n++ {
			if !kernel.Int8Codes(codes[n*stride:(n+1)*stride], x.F32[n*stride:(n+1)*stride], exponents[n%len(exponents)]) {
				bad.Store(true)
			}
		}
	})
	return codes, !bad.Load()
}

// hasBytes reports that Bytes holds the codes of all values.
func (a *Array) hasBytes() bool { return a.Bytes != nil && (a.Fleeting || !a.Grid.uncoded.Load()) }

// runPlanes moves the operands to planes, runs the convolution there, and moves the output back.
func (o *Conv) runPlanes(c *Call) error {
	in := o.blocked.call.In[:0]
	o.blocked.call = *c
	for i, x := range c.In {
		if x.Blocked {
			x = o.blocked.planes[i].like(x)
			kernel.FromBlocks(x.F32, c.In[i].F32, size(x.Shape[2:]), c.Threads)
		}
		in = append(in, x)
	}
	o.blocked.call.In = in
	if c.Out.Blocked {
		o.blocked.call.Out = o.blocked.planes[2].like(c.Out)
	}
	if err := o.Run(&o.blocked.call); err != nil {
		return err
	}
	if c.Out.Blocked {
		kernel.ToBlocks(c.Out.F32, o.blocked.call.Out.F32, size(c.Out.Shape[2:]), c.Threads)
	}
	return nil
}

// like gives a the shape and grid of another array, and room for its values in planes.
func (a *Array) like(of *Array) *Array {
	a.Shape, a.Grid, a.F32 = of.Shape, of.Grid, resizeFloats(a.F32, of.Size())
	return a
}

// packPlanes packs the weight for samples that are moved to planes one by one.
func (o *Conv) packPlanes(c *Call) {
	p := o.Kernel
	p.N = 1
	if sum := o.sampled.sums.sum; o.what == convForward {
		kernel.PackConvForward(&o.sampled.packed, p, c.In[1].F32, sum)
	} else {
		kernel.PackConvBackwardData(&o.sampled.packed, p, c.In[1].F32, sum)
	}
}

// runBlocksOfSamples computes samples of the output from values.
func (o *Conv) runBlocksOfSamples(c *Call, lo, hi int) {
	plain := o.sampled.sums.sum == kernel.Sequence
	if plain && !c.In[0].Fleeting {
		o.sampled.blocks.Run(c.Out.F32, c.In[0].F32, lo, hi)
		return
	}
	room := samplesInPlanes.Get().(*planesOfSample)
	defer samplesInPlanes.Put(room)
	in := c.In[0]
	inputs, outputs := in.Size()/in.Shape[0], c.Out.Size()/c.Out.Shape[0]
	for n := lo; n < hi; n++ {
		sample := in.F32[n*inputs : (n+1)*inputs]
		if in.Fleeting {
			room.values = resizeFloats(room.values, inputs)
			in.decode(room.values, n)
			sample = room.values
		}
		out := c.Out.F32[n*outputs : (n+1)*outputs]
		if plain {
			o.sampled.blocks.Run(out, sample, 0, 1)
		} else {
			o.runPlanesOfSample(c, room, out, sample)
		}
	}
}

// planesOfSample is where a sample lies in planes, and what is computed from it.
type planesOfSample struct{ values, in, out []float32 }

var samplesInPlanes = sync.Pool{New: func() any { return new(planesOfSample) }}

// runPlanesOfSample computes a sample of the output, by way of planes.
func (o *Conv) runPlanesOfSample(c *Call, room *planesOfSample, out, sample []float32) {
	room.out = resizeFloats(room.out, len(out))
	if c.In[0].Blocked {
		room.in = resizeFloats(room.in, len(sample))
		kernel.FromBlocks(room.in, sample, size(c.In[0].Shape[2:]), 1)
		sample = room.in
	}
	kernel.RunPackedConv(&o.sampled.packed, room.out, sample, 0, 1)
	kernel.ToBlocks(out, room.out, size(c.Out.Shape[2:]), 1)
}
