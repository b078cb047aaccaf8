package levels

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// Float is the type of the values.
type Float interface{ float32 | float64 }

// Sorted returns the finite values in ascending order, in new memory: NaN and infinities are left out, and -0 becomes
// +0. It takes two copies of the values while it works. The result does not depend on the number of threads.
func Sorted[T Float](values []T, threads int) []T {
	out := make([]T, 0, len(values))
	for _, x := range values {
		if x-x == 0 {
			out = append(out, x+0)
		}
	}
	if len(out) < radixWorth {
		slices.Sort(out)
		return out
	}
	switch x := any(out).(type) {
	case []float32:
		sortBits(x, math.Float32bits, math.Float32frombits, threads)
	case []float64:
		sortBits(x, math.Float64bits, math.Float64frombits, threads)
	}
	return out
}

const (
	digitBits  = 11 // three digits to a float32; the counters of a pass stay in the first-level cache
	digits     = 1 << digitBits
	radixWorth = 4 * digits // below it, clearing the counters costs more than comparing
)

// sortBits sorts x by its bit patterns, of which negative numbers are inverted and the others get the sign bit set: so
// their order as integers is that of the numbers.
func sortBits[T Float, K uint32 | uint64](x []T, bits func(T) K, number func(K) T, threads int) {
	keys, scratch := make([]K, len(x)), make([]K, len(x))
	sign := ^(^K(0) >> 1)
	parallel.For(len(x), radixWorth, threads, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			if b := bits(v); b&sign != 0 {
				keys[lo+i] = ^b
			} else {
				keys[lo+i] = b | sign
			}
		}
	})
	for shift := 0; sign>>shift != 0; shift += digitBits {
		if pass(scratch, keys, shift, threads) {
			keys, scratch = scratch, keys
		}
	}
	parallel.For(len(x), radixWorth, threads, func(lo, hi int) {
		for i, k := range keys[lo:hi] {
			if k&sign != 0 {
				x[lo+i] = number(k &^ sign)
			} else {
				x[lo+i] = number(^k)
			}
		}
	})
}

// pass sorts src stably by one digit into dst. It reports false, and does nothing, when all have the same digit.
func pass[K uint32 | uint64](dst, src []K, shift, threads int) bool {
	n := len(src)
	parts := max(min(threads, n/radixWorth), 1)
	places := make([][digits]int, parts) // first how many, then where to
	each := func(body func(part, lo, hi int)) {
		parallel.For(parts, 1, parts, func(lo, hi int) {
			for part := lo; part < hi; part++ {
				body(part, n*part/parts, n*(part+1)/parts)
			}
		})
	}
	each(func(part, lo, hi int) {
		count := &places[part]
		for _, k := range src[lo:hi] {
			count[k>>shift&(digits-1)]++
		}
	})
	at := 0
	for digit := range digits {
		start := at
		for part := range places {
			places[part][digit], at = at, at+places[part][digit]
		}
		if at-start == n {
			return false
		}
	}
	each(func(part, lo, hi int) {
		place := &places[part]
		for _, k := range src[lo:hi] {
			digit := k >> shift & (digits - 1)
			dst[place[digit]] = k
			place[digit]++
		}
	})
	return true
}
