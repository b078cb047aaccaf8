package number

import (
	"math"
	"slices"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

// scalesOf returns the scales of the blocks, into o.Scales if that is given.
func scalesOf[T Float](f Format, src []T, blocks Blocks, o Options) (*Scales, error) {
	if f.scaleRule == ScaleRun || o.UseScales {
		return o.Scales, o.Scales.check(f, blocks)
	}
	scales := o.scales()
	needed := nothing
	scaler, ok := f.spec().(blockScaler)
	if ok {
		needed = scaler.reads(f)
	}
	if fit, ok := f.spec().(fitter); ok && fit.fits(f) {
		fitScales(f, fit, src, scales, blocks, o.threads())
		return scales, nil
	}
	if needed == nothing {
		scales.fill(blocks, f.fixedStep())
		return scales, scales.check(f, blocks)
	}
	lows, highs := extremesOf(src, blocks, needed, o.threads())
	scales.room(f, blocks)
	for b := range blocks.Count {
		step, zero := scaler.scale(f, lows[b], highs[b])
		scales.Step[b] = step
		if f.zeroAuto {
			scales.Zero[b] = zero
		}
	}
	if p, ok := f.spec().(poisoner); ok && p.poisoned(f) {
		poison(f, src, scales)
	}
	return scales, nil
}

// scales is where the scales go.
func (o Options) scales() *Scales {
	if o.Scales == nil {
		return &Scales{}
	}
	return o.Scales
}

// room makes room for the scales of the blocks.
func (s *Scales) room(f Format, blocks Blocks) {
	s.fill(blocks, 0)
	if f.zeroAuto {
		s.Zero = make([]int32, blocks.Count)
	}
}

// poison gives blocks that hold a NaN, or an infinity where that does the same, the step NaN.
func poison[T Float](f Format, src []T, scales *Scales) {
	for e, x := range src {
		if x-x != 0 && f.poisons(float64(x)) {
			scales.Step[scales.Blocks.Of(e)] = math.NaN()
		}
	}
}

// poisons reports whether x makes a block of a format with poisoned blocks NaN.
func (f Format) poisons(x float64) bool { return x != x || f.compat != noCompat && math.IsInf(x, 0) }

// poisoned reports whether a block is NaN.
func (s *Scales) poisoned() bool { return slices.ContainsFunc(s.Step, math.IsNaN) }

// extremesOf returns for each block the smallest and largest finite elements, or 0 if that is beyond it; if only the
// magnitude is needed, lows may be 0 and highs the largest magnitude.
func extremesOf[T Float](src []T, blocks Blocks, needed statistic, threads int) (lows, highs []float64) {
	lows, highs = make([]float64, blocks.Count), make([]float64, blocks.Count)
	var mutex sync.Mutex
	kernel.ParallelEvenly(len(src), grain, threads, func(lo, hi int) {
		part := extremesPart[T]{make([]T, blocks.Count), make([]T, blocks.Count)}
		part.search(src, blocks, needed, lo, hi)
		mutex.Lock()
		defer mutex.Unlock()
		for b := range lows {
			lows[b], highs[b] = min(lows[b], float64(part.lows[b])), max(highs[b], float64(part.highs[b]))
		}
	})
	return lows, highs
}

// extremesPart holds the extremes of each block in a part of the tensor.
type extremesPart[T Float] struct{ lows, highs []T }

func (p extremesPart[T]) search(src []T, blocks Blocks, needed statistic, lo, hi int) {
	if blocks.Layout.Width == 0 && blocks.short() {
		p.searchShort(src, blocks, needed, lo, hi)
		return
	}
	for lo < hi {
		b := blocks.Of(lo)
		end := blocks.runEnd(lo, hi)
		p.lows[b], p.highs[b] = extremesRun(src[lo:end], needed, p.lows[b], p.highs[b])
		lo = end
	}
}

// searchShort takes a period of Count*Inner elements at a time, where neighbours lie in different blocks, or a few.
func (p extremesPart[T]) searchShort(src []T, blocks Blocks, needed statistic, lo, hi int) {
	period := blocks.Count * blocks.Inner
	run := period * repeats(period)
	lows, highs := make([]T, run), make([]T, run)
	periods(lo, hi, run, func(at, place, n int) {
		extremesEach(src[lo+at:lo+at+n], needed, lows[place:place+n], highs[place:place+n])
	})
	for place := range run {
		b := place % period / blocks.Inner
		p.lows[b], p.highs[b] = min(p.lows[b], lows[place]), max(p.highs[b], highs[place])
	}
}

// extremesEach is extremesRun for elements that each have a low and a high of their own.
func extremesEach[T Float](x []T, needed statistic, low, high []T) {
	if values, is32 := any(x).([]float32); is32 && needed == magnitude {
		kernel.MaxAbsEach(any(high).([]float32), values)
		return
	}
	largest := largestFinite[T]()
	for i, v := range x {
		if v > high[i] && v <= largest {
			high[i] = v
		} else if v < low[i] && v >= -largest {
			low[i] = v
		}
	}
}

// extremesRun widens low and high to hold the finite elements of x, or high their magnitudes if that is all that is
// needed.
func extremesRun[T Float](x []T, needed statistic, low, high T) (lowest, highest T) {
	if values, is32 := any(x).([]float32); is32 {
		if needed == magnitude {
			return low, max(high, T(kernel.MaxAbs(values)))
		}
		smallest, largest := kernel.Extremes(values)
		return min(low, T(smallest)), max(high, T(largest))
	}
	largest := largestFinite[T]()
	for _, v := range x {
		if v > high && v <= largest {
			high = v
		} else if v < low && v >= -largest {
			low = v
		}
	}
	return low, high
}

// largestFinite returns the largest finite number of T.
func largestFinite[T Float]() T {
	var largest any = math.MaxFloat64
	if isFloat32[T]() {
		largest = float32(math.MaxFloat32)
	}
	return largest.(T)
}

// resize returns s with n elements, in the same memory if there is room.
func resize[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}
