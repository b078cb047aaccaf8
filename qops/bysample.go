package qops

import (
	"math"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

// bySample says how a product aᵀ·b is summed of two operands that have an exponent for each sample, the terms of a sum:
// the gradient of a weight.
type bySample struct {
	sum             kernel.Sum
	codes           bool // the sum is exact, too, over codes of 16 bits that count 2^lowest
	lowest, highest int  // exponents of products
}

// sumBySample decides as product.decide does. It returns false where there is more to decide: other formats, blocks of
// zeros, exponents near the limits of float32.
func sumBySample(c *Call, k int) (of bySample, decided bool) {
	a, b := c.In[0], c.In[1]
	if c.FloatSum || a.Grid == nil || b.Grid == nil {
		return bySample{sum: kernel.Sequence}, true
	}
	mostA, lowestA, okA := a.bySample(k)
	mostB, lowestB, okB := b.bySample(k)
	if !okA || !okB {
		return bySample{}, false
	}
	lowest, highest := math.MaxInt, math.MinInt
	for i, stepA := range a.Grid.Scales.Step {
		stepB := b.Grid.Scales.Step[i]
		x, y := math.Float64bits(stepA), math.Float64bits(stepB)
		if stepA <= lowestA || stepB <= lowestB || (x|y)<<12 != 0 { // may be zeros, is no power of two
			return bySample{}, false
		}
		e := int(x>>52) + int(y>>52) - 2*1023
		lowest, highest = min(lowest, e), max(highest, e)
	}
	bound := float64(k) * mostA * mostB
	whole := bound * math.Ldexp(1, highest-lowest)
	of = bySample{sum: kernel.Whole, codes: whole < exactInt32, lowest: lowest, highest: highest}
	switch {
	case lowest < smallestExponent || bound*math.Ldexp(1, highest) >= math.Ldexp(1, largestExponent) || mostA*mostB > exactFloat32:
		return bySample{}, false
	case whole <= exactFloat32 || whole >= exactInt32:
		of.sum = kernel.Sequence
	}
	// The left factor's codes stay as they are; the right one's are multiplied with how far a sample's exponents lie above
	// the lowest, which may be once more than codes have room for: 2^15 itself is no code, -2^15 is.
	const largestCode = 1 << 15
	of.codes = of.codes && mostA < largestCode && mostB*math.Ldexp(1, highest-lowest) <= largestCode
	return of, true
}

// bySample returns the largest code of an array in block floating point with one exponent for each of k samples, and the
// step up to which a block may be zeros or off the grid; false if it is none.
func (a *Array) bySample(k int) (most, lowest float64, ok bool) {
	f, s := a.Grid.Format, &a.Grid.Scales
	if f.Kind() != "bfp" || len(s.Step) != k || s.Blocks.Layout.Width != 0 || s.Blocks.Count != k || s.Blocks.Inner*k != len(a.F32) {
		return 0, 0, false
	}
	_, most, ok = f.Lattice()
	return most, max(lowestStep(f), 0x1p-126), ok
}

// sampleCodes is the memory of such products over codes.
type sampleCodes struct {
	exponents []int
	product   kernel.CodeGradient
}

// run takes the product of a call, if of.codes. It reports whether it did.
func (s *sampleCodes) run(out []float32, c *Call, o *Dense, of bySample) bool {
	a, b := c.In[0], c.In[1]
	s.exponents = s.exponents[:0]
	for _, step := range a.Grid.Scales.Step {
		s.exponents = append(s.exponents, int(math.Float64bits(step)>>52)-1023)
	}
	return s.product.Set(out, a.F32, b.F32, o.m, o.n, o.k, s.exponents, of.lowest)
}

var sampleCodesPool = sync.Pool{New: func() any { return new(sampleCodes) }}

// runBySample takes a gradient of a weight on one thread over codes, where few bits decide that. It reports whether it did.
func (o *Dense) runBySample(c *Call) bool {
	if !o.TransA || o.TransB || c.Threads > 1 || c.Out.F32 == nil || o.m == 0 || o.n == 0 || o.k == 0 {
		return false
	}
	of, decided := sumBySample(c, o.k)
	if !decided || !of.codes || of.lowest == of.highest { // for which codes of 8 bits may do
		return false
	}
	s := sampleCodesPool.Get().(*sampleCodes)
	defer sampleCodesPool.Put(s)
	return s.run(c.Out.F32, c, o, of)
}
