package number

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// findScales sets the scales of the blocks.
func (t *task[T]) findScales(o Options) error {
	f, scales := t.format, t.scales
	if f.scaleRule == ScaleRun || o.UseScales {
		return o.Scales.check(f, t.blocks)
	}
	t.needed = nothing
	scaler, ok := f.spec().(blockScaler)
	if ok {
		t.needed = scaler.reads(f)
	}
	if fit, ok := f.spec().(fitter); ok && fit.fits(f) {
		fitScales(f, fit, t.src, scales, t.blocks, t.threads)
		return nil
	}
	if t.needed == magnitude && f.compat == qpytorch {
		t.needed = anyMagnitude // NaN and infinities make a block NaN
	}
	if t.needed == nothing {
		scales.fill(t.blocks, f.fixedStep())
		return scales.check(f, t.blocks)
	}
	t.findExtremes()
	scales.room(f, t.blocks)
	for b := range t.blocks.Count {
		step, zero := scaler.scale(f, t.lows[b], t.highs[b])
		scales.Step[b] = step
		if f.zeroAuto {
			scales.Zero[b] = zero
		}
	}
	if p, ok := f.spec().(poisoner); ok && p.poisoned(f) && t.needed != anyMagnitude {
		poison(f, t.src, scales)
	}
	return nil
}

// room makes room for the scales of the blocks.
func (s *Scales) room(f Format, blocks Blocks) {
	s.Blocks, s.Step, s.Points = blocks, resize(s.Step, blocks.Count), nil
	if f.zeroAuto {
		s.Zero = resize(s.Zero, blocks.Count)
	} else {
		s.Zero = nil
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

// findExtremes finds for each block the smallest and largest finite elements, or 0 if that is beyond it; if only the
// magnitude is needed, lows may be 0 and highs the largest magnitude.
func (t *task[T]) findExtremes() {
	t.lows, t.highs = resize(t.lows, t.blocks.Count), resize(t.highs, t.blocks.Count)
	clear(t.lows)
	clear(t.highs)
	t.share(len(t.src), grain, someExtremes)
}

// extremesOf returns what findExtremes finds in a tensor.
func extremesOf[T Float](f Format, src []T, blocks Blocks, needed statistic, threads int) (lows, highs []float64) {
	t := takeTask(f, src, blocks, threads)
	t.needed = needed
	t.findExtremes()
	lows, highs = slices.Clone(t.lows), slices.Clone(t.highs)
	t.release()
	return lows, highs
}

// extremes widens the extremes of the blocks to those of the elements lo to hi.
func (c *chunk[T]) extremes(lo, hi int) {
	t := c.task
	c.lows, c.highs = resize(c.lows, t.blocks.Count), resize(c.highs, t.blocks.Count)
	clear(c.lows)
	clear(c.highs)
	if t.blocks.Layout.Width == 0 && t.blocks.short() {
		c.extremesShort(lo, hi)
	} else {
		for lo < hi {
			b := t.blocks.Of(lo)
			end := t.blocks.RunEnd(lo, hi)
			c.lows[b], c.highs[b] = extremesRun(t.src[lo:end], t.needed, c.lows[b], c.highs[b])
			lo = end
		}
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for b := range t.lows {
		t.lows[b], t.highs[b] = min(t.lows[b], float64(c.lows[b])), max(t.highs[b], float64(c.highs[b]))
	}
}

// extremesShort takes some periods of Count*Inner elements at a time, where neighbours lie in different blocks, or a few.
func (c *chunk[T]) extremesShort(lo, hi int) {
	t := c.task
	period := t.blocks.Count * t.blocks.Inner
	run := period * repeats(period)
	c.someLows, c.someHighs = resize(c.someLows, run), resize(c.someHighs, run)
	clear(c.someLows)
	clear(c.someHighs)
	for lo < hi {
		place, n := pieceOf(lo, hi, run)
		extremesEach(t.src[lo:lo+n], t.needed, c.someLows[place:place+n], c.someHighs[place:place+n])
		lo += n
	}
	for place := range run {
		b := place % period / t.blocks.Inner
		c.lows[b], c.highs[b] = min(c.lows[b], c.someLows[place]), max(c.highs[b], c.someHighs[place])
	}
}

// extremesEach is extremesRun for elements that each have a low and a high of their own.
func extremesEach[T Float](x []T, needed statistic, low, high []T) {
	if values, is32 := any(x).([]float32); is32 && needed == magnitude {
		round.MaxAbsEach(any(high).([]float32), values)
		return
	}
	if needed == anyMagnitude {
		for i, v := range x {
			high[i] = max(high[i], v, -v) // NaN stays
		}
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
		switch needed {
		case magnitude:
			return low, max(high, T(round.MaxAbs(values)))
		case anyMagnitude:
			return low, max(high, T(math.Float32frombits(round.LargestBits(values))))
		}
		smallest, largest := round.Extremes(values)
		return min(low, T(smallest)), max(high, T(largest))
	}
	if needed == anyMagnitude {
		for _, v := range x {
			high = max(high, v, -v)
		}
		return low, high
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
