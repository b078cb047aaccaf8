package number

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// tiler is a kind whose short blocks of neighbours the kernels scale and round in one pass.
type tiler interface {
	// tiles describes the blocks, but for their lengths; false if the kernels do not take the format.
	tiles(f Format) (round.Tiles, bool)
}

// tilesPiece is the number of elements that the kernels of tiles take at a time, so that their exponents take little room.
const tilesPiece = 1 << 16

// quantizeTiles quantizes a tensor in one pass, if the kernels of tiles can do it as it is asked for.
func (t *task[T]) quantizeTiles(o Options) bool {
	f := t.format
	if !t.recipe.tiled || !isFloat32[T]() || f.block != Tiled || f.tile.Height > 0 || f.compat != noCompat ||
		o.Clipped != nil || o.Noise || o.UseScales || len(t.src) == 0 {
		return false
	}
	t.tiles = t.recipe.tiles
	switch l := t.blocks.Layout; {
	case l.Width > 0:
		t.tiles.RowLength, t.tiles.Inner = l.Columns, l.Inner
	default:
		t.tiles.RowLength, t.tiles.Inner = t.blocks.Inner, 1
	}
	if t.tiles.RowLength*t.tiles.Inner > len(t.src) || !t.tiles.Fits() {
		return false
	}
	if t.stepsAsked = o.Scales != nil; t.stepsAsked {
		o.Scales.fill(t.blocks, 0)
	}
	t.unit = t.tiles.RowLength * t.tiles.Inner
	t.share(len(t.src)/t.unit, ceilDivide(grain, t.unit), someTiles)
	return true
}

// tilesOf finds the scales of the units lo to hi and rounds them in one pass.
func (c *chunk[T]) tilesOf(lo, hi int) {
	task, t, unit := c.task, c.task.tiles, c.task.unit
	rounding, _ := kernelRounding(task.format.rounding)
	perUnit := t.Blocks(unit)
	src := any(task.src).([]float32)
	for lo < hi {
		next := min(hi, lo+ceilDivide(tilesPiece, unit))
		from, to := lo*unit, next*unit
		c.tileExponents = resize(c.tileExponents, (next-lo)*perUnit)
		var counts round.Counts
		if task.out.codes == nil {
			counts = round.TileValues(any(task.out.values).([]float32)[from:to], src[from:to], t, c.tileExponents, rounding, c.randomFrom(from))
		} else {
			c.narrow = resize(c.narrow, to-from)
			counts = round.TileCodes(c.narrow, src[from:to], t, c.tileExponents, rounding, c.randomFrom(from))
			for i, code := range c.narrow {
				task.out.codes[from+i] = int32(code)
			}
		}
		c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
		if task.stepsAsked {
			fillTileSteps(task.scales.Step[lo*perUnit:], c.tileExponents, t)
		}
		lo = next
	}
}

// fillTileSteps sets the steps of blocks from their exponents.
func fillTileSteps(steps []float64, exponents []int16, t round.Tiles) {
	offset := 0
	if t.Linear {
		offset = t.StepExponent
	}
	for i, k := range exponents {
		if t.NaNSpreads && k == round.NaNExponent {
			steps[i] = math.NaN()
		} else {
			steps[i] = math.Float64frombits(uint64(int(k)+offset+1023) << 52) // 2^(k+offset), a normal number
		}
	}
}

func (bfpKind) tiles(f Format) (round.Tiles, bool) {
	lowest, highest := exponents(f)
	lo, hi := f.CodeRange()
	t := round.Tiles{
		Threshold: 1 << 23, Lowest: lowest, Highest: highest,
		Linear: true, StepExponent: 2 - int(f.width), Lo: int32(lo), Hi: int32(hi),
	}
	return t, f.overflow.saturates() && f.width <= 16
}

func (mxKind) tiles(f Format) (round.Tiles, bool) {
	t := round.Tiles{EMax: f.mxElement().exponent, Threshold: f.mxThreshold(), Lowest: e8m0Lowest, Highest: e8m0Highest}
	if f.integer() {
		lo, hi := f.CodeRange()
		t.Linear, t.StepExponent, t.Lo, t.Hi, t.NaNSpreads = true, -int(f.fraction), int32(lo), int32(hi), true
		return t, true
	}
	element, ok := minifloatOf(f, newFloatLine(f, 1))
	t.Element, t.NaNSpreads = element, !f.hasNaN()
	// Under other rules than floor, blocks near 2^128 have elements that float32 has not, which overflow acts on.
	return t, ok && (f.overflow == Saturate || f.scaleRule == ScaleFloor)
}

// mxThreshold is the least mantissa of a block's largest magnitude, in 23 bits, that makes its exponent one more.
func (f Format) mxThreshold() uint32 {
	const one = 1 << 23
	switch f.scaleRule {
	case ScaleCeil:
		return math.Float32bits(float32(f.mxLargest()))&(one-1) + 1
	case ScaleNearest:
		return one - one>>(f.fraction+1)
	default:
		return one
	}
}
