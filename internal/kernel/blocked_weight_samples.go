package kernel

import (
	"sync"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// SampledWeightBlocked is ConvBackwardWeightBlocked with samples that are summed a few at a time, when they are there. What
// each of them sums to is kept, and added to the total in ascending order at the end, so that the bits are the same.
type SampledWeightBlocked struct {
	of   blockedGradient
	sums sumsOfSamples
}

// sumsOfSamples are those of one sample behind the other. Gradients take turns with the memory.
type sumsOfSamples struct {
	size int
	room *[]float32
}

var roomForSums = sync.Pool{New: func() any { return new([]float32) }}

// take makes room for so many samples. What a run that did not come to its end has taken serves the next one.
func (s *sumsOfSamples) take(samples, size int) {
	if s.room == nil {
		s.room = roomForSums.Get().(*[]float32)
	}
	s.size = size
	grow(s.room, samples*size)
}

// give gives the room back.
func (s *sumsOfSamples) give() {
	roomForSums.Put(s.room)
	s.room = nil
}

// sample returns the sums of sample n.
func (s *sumsOfSamples) sample(n int) []float32 { return (*s.room)[n*s.size : (n+1)*s.size] }

// WeightSums is the number of sums that a sample of a gradient with respect to the weight has.
func (p Conv) WeightSums() int { return p.OC * p.C * p.KH * p.KW }

// Begin makes room for the sums of all samples. It reports whether the gradient can be computed so, which it can where
// WeightTakesBlocks says.
func (s *SampledWeightBlocked) Begin(p Conv) bool {
	if !p.WeightTakesBlocks() {
		return false
	}
	s.of = blockedGradientOf(p)
	s.sums.take(p.N, p.WeightSums())
	return true
}

// Run sums the samples lo to hi. Calls for other samples may run at the same time.
func (s *SampledWeightBlocked) Run(x, dy []float32, lo, hi int) {
	g := &s.of
	g.Check(len(x), g.WeightSums(), len(dy))
	room := g.room()
	defer g.leave(room)
	for n := lo; n < hi; n++ {
		sums := s.sums.sample(n)
		clear(sums)
		g.add(&room, sums, x, dy, n, 0, g.units)
	}
}

// End adds the samples' sums in ascending order, which gives dw, and gives their memory back.
func (s *SampledWeightBlocked) End(dw []float32, threads int) {
	g := &s.of
	if len(dw) != g.WeightSums() {
		panic(badLength)
	}
	// That of the first sample is the total that starts at +0: no sum is -0.
	total := s.sums.sample(0)
	parallel.For(len(total), sumsAtOnce, threads, func(lo, hi int) {
		for ; lo < hi; lo += sumsAtOnce {
			end := min(lo+sumsAtOnce, hi)
			for n := 1; n < g.N; n++ {
				Add(total[lo:end], total[lo:end], s.sums.sample(n)[lo:end])
			}
		}
	})
	g.store(dw, total, threads)
	s.sums.give()
}

// sumsAtOnce are so many sums that their total stays in the nearest cache.
const sumsAtOnce = 1 << 10
