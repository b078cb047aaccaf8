package kernel

import "github.com/halftone-go/halftone/internal/kernel/parallel"

// SampledWeightInt8Blocked is ConvBackwardWeightInt8Blocked with samples that are summed a few at a time, when they are
// there. What the codes of each of them sum to is kept; exponents and how sums are taken are only needed at the end.
type SampledWeightInt8Blocked struct {
	of   int8BlockedGradient
	sums sumsOfSamples
}

// SumsCodesBySample reports whether the gradient with respect to the weight can be taken so: where WeightTakesBlocksInt8
// says, and float32 holds a sample's sums of codes.
func (p Conv) SumsCodesBySample() bool {
	return p.WeightTakesBlocksInt8() && p.OH()*p.OW() <= 1<<24/(128*128)
}

// Begin makes room for the sums of all samples. It reports whether the gradient can be computed so.
func (s *SampledWeightInt8Blocked) Begin(p Conv) bool {
	if !p.SumsCodesBySample() {
		return false
	}
	s.of = int8BlockedGradient{Conv: p.flat(), blocks: p.C / blockChannels}
	s.sums.take(p.N, p.WeightSums())
	return true
}

// exponentZero is that of numbers that are codes.
var exponentZero = []int{0}

// Run sums the codes of the samples lo to hi. Calls for other samples may run at the same time.
func (s *SampledWeightInt8Blocked) Run(x, dy []int8, lo, hi int) {
	s.of.Check(len(x), s.of.WeightSums(), len(dy))
	c, w, shared := int8BlockedGradientOf(s.of), getInt8Workspace(), getInt8Workspace()
	c.N, c.packed, c.xExponents, c.dyExponents = 1, shared, exponentZero, exponentZero
	inputs, outputs := len(x)/s.of.N, len(dy)/s.of.N
	for n := lo; n < hi; n++ {
		c.x, c.dy = x[n*inputs:(n+1)*inputs], dy[n*outputs:(n+1)*outputs]
		c.lay()
		copies := c.g.int8Copies()
		source := copies.take()
		c.packSlot(w, source.elements, 0)
		copies.give(source)
		c.sum(0, c.parts())
		copy(s.sums.sample(n), shared.single)
	}
	c.release()
	w.release()
	shared.release()
}

// End gives dw: samples' sums, times two to their exponents, are added in ascending order, or with Whole exactly. It gives
// their memory back, and reports whether all powers of two are there.
func (s *SampledWeightInt8Blocked) End(dw []float32, xExponents, dyExponents []int, sum Sum, threads int) bool {
	c := &s.of
	if len(dw) != c.WeightSums() {
		panic(badLength)
	}
	defer s.sums.give()
	if !int8Powers(xExponents, dyExponents) {
		return false
	}
	c.dw, c.packed = dw, getInt8Workspace()
	defer c.packed.release()
	c.perBlock = c.KH * c.KW * blockChannels * blockChannels
	scales := grow(&c.packed.scales, c.N)
	for n := range scales {
		scales[n] = power(exponentOf(xExponents, n) + exponentOf(dyExponents, n))
	}
	if sum == Blockwise { // products are exact, so that a multiply-add rounds as an addition
		sum = Sequence
	}
	MatMul(grow(&c.packed.single, len(dw)), scales, (*s.sums.room)[:c.N*len(dw)], 1, len(dw), c.N, false, false, sum, 0, threads)
	parallel.ForEvenly(c.OC, 1, threads, c.store)
	c.dw, c.packed = nil, nil
	return true
}
