package number

import "math"

// Stats counts what happened to the elements of a tensor.
type Stats struct {
	Count       uint64 // elements
	Clipped     uint64 // where overflow acted, infinities included
	Underflowed uint64 // not zero, and became zero without overflow
	NaN         uint64
	Inf         uint64

	// Signal is the sum of x^2 over the finite elements, and Noise that of (x-Q(x))^2 over those that stayed finite, for
	// who asked (see Options.Noise); else 0. They are the same at any number of threads.
	Signal, Noise float64
}

// SQNR returns the ratio of signal and quantization noise in decibels, 10*log10(Signal/Noise): +Inf where there is no
// noise, NaN where there is no signal either.
func (s Stats) SQNR() float64 { return 10 * math.Log10(s.Signal/s.Noise) }

// Add adds the counts of another tensor, or another part of this one.
func (s *Stats) Add(other Stats) {
	s.Count += other.Count
	s.Clipped += other.Clipped
	s.Underflowed += other.Underflowed
	s.NaN += other.NaN
	s.Inf += other.Inf
	s.Signal += other.Signal
	s.Noise += other.Noise
}

// note counts one element.
func (s *Stats) note(x float64, clipped, isZero bool) {
	switch {
	case math.IsNaN(x):
		s.NaN++
		return
	case math.IsInf(x, 0):
		s.Inf++
	}
	if clipped {
		s.Clipped++
	} else if isZero && x != 0 {
		s.Underflowed++
	}
}

// countSpecial returns the counts of a tensor that is left alone.
func countSpecial[T Float](src []T) Stats {
	stats := Stats{Count: uint64(len(src))}
	for _, x := range src {
		if x-x != 0 { // NaN and infinities only
			stats.note(float64(x), false, false)
		}
	}
	return stats
}
