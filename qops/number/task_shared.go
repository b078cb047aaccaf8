package number

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// sharedOf returns the blocks of a format of block floating point as the kernels take them, if they do.
func sharedOf(f Format) (round.Shared, bool) {
	lowest, highest := exponents(f)
	lo, hi := f.CodeRange()
	s := round.Shared{Width: int(f.width), Lowest: lowest, Highest: highest, Lo: int32(lo), Hi: int32(hi), Shifted: f.compat == qpytorch}
	return s, f.overflow.saturates() && f.width <= maxFloat32Width && s.Fits()
}

// quantizeShared quantizes a tensor whose blocks share exponents, if the kernels take blocks that lie as its do: one behind
// the other, or interleaved as the columns of a matrix.
func (t *task[T]) quantizeShared(o Options) bool {
	b := t.blocks
	if !isFloat32[T]() || !t.recipe.sharing || t.out.values == nil || o.UseScales || o.Noise || b.Layout.Width > 0 || len(t.src) == 0 {
		return false
	}
	period := b.Count * b.Inner
	switch {
	case period == len(t.src) && b.Inner > round.MaxSharedRow, period < len(t.src) && (!b.short() || period > cachedBlock):
		return false
	case period < len(t.src):
		return t.quantizeColumns()
	}
	t.scales.room(t.format, b)
	t.pointwise = t.recipe.lined // where kernels leave a block
	if b.Inner == 1 {
		t.share(len(t.src), grain, someElements)
	} else {
		t.share(b.Count, ceilDivide(grain, b.Inner), someRows)
	}
	return true
}

// random says where the random bits of the elements from one on come from.
func (c *chunk[T]) randomFrom(element int) round.Random {
	t := c.task
	return round.Random{Draw: t.draw, Order: t.order, Start: t.start + element, Bits: t.format.rounding.Bits()}
}

// sharedRows quantizes the blocks lo to hi, which lie one behind the other.
func (c *chunk[T]) sharedRows(lo, hi int) {
	t := c.task
	inner := t.blocks.Inner
	rounding, _ := kernelRounding(t.format.rounding)
	src, dst := any(t.src).([]float32), any(t.out.values).([]float32)
	for lo < hi {
		some := min(hi-lo, round.MaxSharedRow/inner)
		from, to := lo*inner, (lo+some)*inner
		c.keep(from, to)
		c.largest = resize(c.largest, some)
		rows, counts := round.SharedRows(dst[from:to], src[from:to], inner, t.recipe.shared, c.largest, rounding, c.randomFrom(from))
		t.recipe.steps.find(t.scales.Step[lo:], c.largest[:rows])
		c.count(from, from+rows*inner, counts)
		if lo += rows; rows < some {
			c.block(lo)
			lo++
		}
	}
}

// sharedSteps gives the steps of blocks that share an exponent.
type sharedSteps struct {
	lowest, highest uint32 // exponents, as patterns of float32 have them
	more            uint64 // what the exponent of a step has more, as a float64
	format          Format
}

func newSharedSteps(f Format) sharedSteps {
	lowest, highest := exponents(f)
	const bias32, bias64 = 127, 1023
	return sharedSteps{uint32(max(lowest+bias32, 0)), uint32(highest + bias32), uint64(bias64 - bias32 + 2 - int(f.width)), f}
}

// find sets the steps of blocks from the patterns of their largest magnitudes.
func (s *sharedSteps) find(steps []float64, largest []uint32) {
	lowest, highest, more := s.lowest, s.highest, s.more
	steps = steps[:len(largest)]
	for i, m := range largest {
		if m < 1<<float32Mantissa {
			steps[i] = s.belowNormal(m)
			continue
		}
		steps[i] = math.Float64frombits((uint64(min(max(m>>float32Mantissa, lowest), highest)) + more) << 52)
	}
}

func (s *sharedSteps) belowNormal(largest uint32) float64 {
	step, _ := bfpKind{}.scale(s.format, 0, float64(math.Float32frombits(largest)))
	return step
}

// sharedElements quantizes the elements lo to hi, each a block of its own.
func (c *chunk[T]) sharedElements(lo, hi int) {
	t := c.task
	rounding, _ := kernelRounding(t.format.rounding)
	src, dst := any(t.src).([]float32), any(t.out.values).([]float32)
	for lo < hi {
		next := nextMultiple(lo, hi, windowLength)
		c.keep(lo, next)
		c.largest = resize(c.largest, next-lo)
		for i, x := range src[lo:next] {
			c.largest[i] = math.Float32bits(x) &^ (1 << 31)
		}
		t.recipe.steps.find(t.scales.Step[lo:], c.largest)
		if t.recipe.shared.Exponents(c.largest) {
			c.count(lo, next, round.SharedColumns(dst[lo:next], src[lo:next], t.recipe.shared, c.largest, rounding, c.randomFrom(lo)))
			lo = next
		}
		for ; lo < next; lo++ {
			c.block(lo)
		}
	}
}

// quantizeColumns quantizes a tensor whose blocks are columns, or a few columns each. It reports false, having rounded
// nothing, if there is one that kernels do not take.
func (t *task[T]) quantizeColumns() bool {
	b := t.blocks
	period := b.Count * b.Inner
	t.exponents = resize(t.exponents, period)
	clear(t.exponents)
	t.share(len(t.src)/period, ceilDivide(grain, period), someMaxima)
	t.scales.room(t.format, b)
	if b.Inner == 1 {
		t.recipe.steps.find(t.scales.Step, t.exponents)
	}
	for at := 0; at < period && b.Inner > 1; at += b.Inner {
		own := t.exponents[at:][:b.Inner]
		largest := slices.Max(own)
		for i := range own {
			own[i] = largest
		}
		t.recipe.steps.find(t.scales.Step[at/b.Inner:], own[:1])
	}
	if !t.recipe.shared.Exponents(t.exponents) {
		return false
	}
	t.share(len(t.src)/period, ceilDivide(grain, period), someColumns)
	return true
}

// columnMaxima widens the patterns of the largest magnitudes of columns to those of the elements lo to hi, whole periods.
func (c *chunk[T]) columnMaxima(lo, hi int) {
	t := c.task
	c.largest = resize(c.largest, len(t.exponents))
	round.LargestColumns(c.largest, any(t.src[lo:hi]).([]float32))
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for i, m := range c.largest {
		t.exponents[i] = max(t.exponents[i], m)
	}
}

// sharedColumns quantizes the elements lo to hi, whole periods.
func (c *chunk[T]) sharedColumns(lo, hi int) {
	t := c.task
	rounding, _ := kernelRounding(t.format.rounding)
	src, dst := any(t.src).([]float32), any(t.out.values).([]float32)
	for lo < hi {
		next := hi
		if t.clipped != nil {
			next = min(hi, lo+max(windowLength/len(t.exponents), 1)*len(t.exponents))
		}
		c.keep(lo, next)
		c.count(lo, next, round.SharedColumns(dst[lo:next], src[lo:next], t.recipe.shared, t.exponents, rounding, c.randomFrom(lo)))
		lo = next
	}
}
