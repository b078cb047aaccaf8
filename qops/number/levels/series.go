package levels

import (
	"math"
	"sort"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// data is a series without its type.
type data interface {
	count() int
	at(k int) float64     // the value with index k, times a power of two
	before(k int) moments // of the values below index k, less a constant
	// find returns the first index from lo up to and without hi whose value has a property that all later ones have
	// too, hi if none has.
	find(lo, hi int, has func(x float64) bool) int
}

// blockLength is the number of values between two stored sums.
const blockLength = 16

// series is sorted values, and the sums of their first and second powers from zero outwards.
type series[T Float] struct {
	values       []T
	scale        float64   // a power of two
	pivot        int       // the index of the first value that is not negative
	above, below []moments // of the first blockLength*b values from the pivot upwards, and downwards
}

// scaleLimit is the exponent up to which the squares of values and their sums stay far from float64's ends.
const scaleLimit = 400

func newSeries[T Float](sorted []T, threads int) *series[T] {
	n := len(sorted)
	s := &series[T]{values: sorted, scale: 1}
	if _, e := math.Frexp(max(math.Abs(float64(sorted[0])), math.Abs(float64(sorted[n-1])))); e > scaleLimit || e < -scaleLimit {
		s.scale = math.Ldexp(1, min(scaleLimit-e, 1023))
	}
	s.pivot = sort.Search(n, func(k int) bool { return sorted[k] >= 0 })
	s.above = sumBlocks(n-s.pivot, threads, func(k int) float64 { return s.at(s.pivot + k) })
	s.below = sumBlocks(s.pivot, threads, func(k int) float64 { return s.at(s.pivot - 1 - k) })
	return s
}

// sumBlocks returns the sums over the first blockLength*b of n values, for every such multiple up to n. The sums of
// blocks are taken in parallel and then added in order, so they do not depend on the threads.
func sumBlocks(n, threads int, at func(k int) float64) []moments {
	out := make([]moments, n/blockLength+1)
	parallel.For(n/blockLength, 1<<10, threads, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			for k := b * blockLength; k < (b+1)*blockLength; k++ {
				out[b+1].add(at(k))
			}
		}
	})
	for b := 1; b < len(out); b++ {
		out[b] = out[b-1].plus(out[b])
	}
	return out
}

func (s *series[T]) count() int { return len(s.values) }

func (s *series[T]) at(k int) float64 { return float64(float64(s.values[k]) * s.scale) }

func (s *series[T]) before(k int) moments {
	if k >= s.pivot {
		b := (k - s.pivot) / blockLength
		m := s.above[b]
		for i := s.pivot + b*blockLength; i < k; i++ {
			m.add(s.at(i))
		}
		return m
	}
	b := (s.pivot - k) / blockLength
	m := s.below[b]
	for i := s.pivot - b*blockLength - 1; i >= k; i-- {
		m.add(s.at(i))
	}
	return moments{}.minus(m)
}

func (s *series[T]) find(lo, hi int, has func(x float64) bool) int {
	return lo + sort.Search(hi-lo, func(k int) bool { return has(s.at(lo + k)) })
}

// knot is an end of an interval of values.
type knot struct {
	x     float64
	sums  moments // of the values before
	count float64 // how many they are
}

// variance returns the sum of (r - x)(x - l) over the values x strictly between the knots:
//
//	(l + r) * sum x - sum x^2 - count * l * r
func variance(l, r *knot) float64 {
	if l.x == r.x {
		return 0
	}
	between := r.sums.minus(l.sums)
	s, lost := twoSum(l.x, r.x)
	p, rest := twoProduct(l.x, r.x)
	total := sum{s, lost}.times2(between.first).minus(between.second).minus(sum{p, rest}.times(r.count - l.count))
	return max(total.high+total.low, 0)
}
