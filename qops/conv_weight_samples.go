package qops

import "github.com/halftone-go/halftone/internal/kernel"

// sampledGradient is the gradient of a convolution's weight by samples, on blocks: over values or over codes of 8 bits.
type sampledGradient struct {
	values kernel.SampledWeightBlocked
	codes  kernel.SampledWeightInt8Blocked
}

// elementsPerSum is how many elements of its operands a sample has for each of the sums that are kept of it.
const elementsPerSum = 4

// sumsBySample reports whether the gradient of a weight runs by samples: where a sample's sums are few beside its elements,
// so that they cost less than to read these again from memory behind the others.
func (o *Conv) sumsBySample(c *Call) bool {
	if c.Interior != nil || !o.onBlocks(c) || c.Codes && !sumsCodes(o, c) {
		return false
	}
	elements := size(c.In[0].Shape[1:]) + size(c.In[1].Shape[1:])
	return o.Kernel.WeightSums()*elementsPerSum <= elements
}

// sumsCodes reports that both operands come with codes of 8 bits that can be summed by sample.
func sumsCodes(o *Conv, c *Call) bool {
	return c.In[0].Coded && c.In[1].Coded && o.Kernel.SumsCodesBySample()
}

// SumsCodesBySample reports whether an op takes sums over the codes of all samples, and knows only behind the last of them
// how these are added, and whether they are exact at all.
func SumsCodesBySample(op Op, c *Call) bool {
	o, ok := op.(*Conv)
	return ok && o.what == convBackwardWeight && c.Codes && o.sumsBySample(c)
}

// SumsBySample is how many sums of float32 an op keeps of all samples together until the last is there, apart from those of
// planes.
func SumsBySample(op Op, c *Call) int {
	if o, ok := op.(*Conv); ok && o.what == convBackwardWeight && o.sumsBySample(c) {
		return o.Kernel.N * o.Kernel.WeightSums()
	}
	return 0
}

func (o *Conv) beginGradient(c *Call) {
	if c.Codes {
		o.ran(Int8)
		o.sampled.gradient.codes.Begin(o.Kernel)
		return
	}
	o.ran(OfTensor)
	o.sampled.gradient.values.Begin(o.Kernel)
}

// runGradient sums the samples lo to hi. It returns ErrWhole where one has values without codes.
func (o *Conv) runGradient(c *Call, lo, hi int) error {
	x, dy := c.In[0], c.In[1]
	if !c.Codes {
		o.sampled.gradient.values.Run(x.F32, dy.F32, lo, hi)
		return nil
	}
	if !x.hasBytes() || !dy.hasBytes() {
		return ErrWhole
	}
	o.sampled.gradient.codes.Run(x.Bytes, dy.Bytes, lo, hi)
	return nil
}

// endGradient adds the sums of the samples. It returns ErrWhole where their exponents let them not be exact.
func (o *Conv) endGradient(c *Call) error {
	if !c.Codes {
		o.sampled.gradient.values.End(c.Out.F32, c.Threads)
		return nil
	}
	room := c.room()
	x, okX := int8Exponents(c.In[0], &room.codes[0])
	dy, okDY := int8Exponents(c.In[1], &room.codes[1])
	certificate := o.product().decide(c)
	if !okX || !okDY || !certificate.Exact || !o.sampled.gradient.codes.End(c.Out.F32, x, dy, certificate.Sum, c.Threads) {
		return ErrWhole
	}
	return nil
}
