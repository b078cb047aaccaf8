package number

import "math"

// Stats counts what happened to the elements of a tensor.
type Stats struct {
	Count       uint64 // elements
	Clipped     uint64 // where overflow acted, infinities included
	Underflowed uint64 // not zero, and became zero without overflow
	NaN         uint64
	Inf         uint64
}

// Add adds the counts of another tensor, or another part of this one.
func (s *Stats) Add(other Stats) {
	s.Count += other.Count
	s.Clipped += other.Clipped
	s.Underflowed += other.Underflowed
	s.NaN += other.NaN
	s.Inf += other.Inf
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
