package number

import (
	"math"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

// tiler is a kind whose short blocks of neighbours the kernels scale and round in one pass.
type tiler interface {
	// tiles describes the blocks, but for their lengths; false if the kernels do not take the format.
	tiles(f Format) (kernel.Tiles, bool)
}

// tilesPiece is the number of elements that the kernels of tiles take at a time, so that their exponents take little room.
const tilesPiece = 1 << 16

// tilesOf returns the tiles of a tensor as the kernels take them, if they can quantize it as it is asked for.
func tilesOf[T Float](f Format, blocks Blocks, length int, o Options) (kernel.Tiles, bool) {
	k, ok := f.spec().(tiler)
	_, known := kernelRounding(f.rounding)
	if !ok || !known || !isFloat32[T]() || f.block != Tiled || f.tile.Height > 0 || f.compat != noCompat ||
		o.Clipped != nil || o.Noise || o.UseScales || length == 0 {
		return kernel.Tiles{}, false
	}
	t, ok := k.tiles(f)
	t.Length = int(f.tile.Width)
	switch l := blocks.Layout; {
	case l.Width > 0:
		t.RowLength, t.Inner = l.Columns, l.Inner
	default:
		t.RowLength, t.Inner = blocks.Inner, 1
	}
	return t, ok && t.RowLength*t.Inner <= length && t.Fits()
}

// quantizeTiles finds the scales and rounds in one pass.
func quantizeTiles(f Format, t kernel.Tiles, src []float32, out output[float32], blocks Blocks, o Options, order kernel.Order, start int) Stats {
	if o.Scales != nil {
		o.Scales.fill(blocks, 0)
	}
	rounding, _ := kernelRounding(f.rounding)
	unit := t.RowLength * t.Inner // what blocks lie within
	perUnit := t.Blocks(unit)
	total := Stats{Count: uint64(len(src))}
	var mutex sync.Mutex
	kernel.Parallel(len(src)/unit, ceilDivide(grain, unit), o.threads(), func(lo, hi int) {
		var counts kernel.Counts
		exponents := make([]int16, 0, min(hi-lo, ceilDivide(tilesPiece, unit))*perUnit)
		for lo < hi {
			next := min(hi, lo+ceilDivide(tilesPiece, unit))
			from, to := lo*unit, next*unit
			exponents = exponents[:(next-lo)*perUnit]
			random := kernel.Random{Draw: o.Draw.kernel(), Order: order, Start: start + from, Bits: f.rounding.Bits()}
			if out.codes == nil {
				counts.Add(kernel.RoundTiles(out.values[from:to], src[from:to], t, exponents, rounding, random))
			} else {
				counts.Add(tileCodes(out.codes[from:to], src[from:to], t, exponents, rounding, random))
			}
			if o.Scales != nil {
				fillTileSteps(o.Scales.Step[lo*perUnit:], exponents, t)
			}
			lo = next
		}
		mutex.Lock()
		defer mutex.Unlock()
		total.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
	})
	return total
}

// fillTileSteps sets the steps of blocks from their exponents.
func fillTileSteps(steps []float64, exponents []int16, t kernel.Tiles) {
	offset := 0
	if t.Linear {
		offset = t.StepExponent
	}
	for i, k := range exponents {
		if t.NaNSpreads && k == kernel.NaNExponent {
			steps[i] = math.NaN()
		} else {
			steps[i] = math.Float64frombits(uint64(int(k)+offset+1023) << 52) // 2^(k+offset), a normal number
		}
	}
}

// tileCodes widens the codes of the kernel.
func tileCodes(codes []int32, src []float32, t kernel.Tiles, exponents []int16, rounding kernel.Rounding, random kernel.Random) kernel.Counts {
	narrow := make([]int16, len(src))
	counts := kernel.TileCodes(narrow, src, t, exponents, rounding, random)
	for i, code := range narrow {
		codes[i] = int32(code)
	}
	return counts
}

func (bfpKind) tiles(f Format) (kernel.Tiles, bool) {
	lowest, highest := exponents(f)
	lo, hi := f.CodeRange()
	t := kernel.Tiles{
		Threshold: 1 << 23, Lowest: lowest, Highest: highest,
		Linear: true, StepExponent: 2 - int(f.width), Lo: int32(lo), Hi: int32(hi),
	}
	return t, f.overflow.saturates() && f.width <= 16
}

func (mxKind) tiles(f Format) (kernel.Tiles, bool) {
	t := kernel.Tiles{EMax: f.mxElement().exponent, Threshold: f.mxThreshold(), Lowest: e8m0Lowest, Highest: e8m0Highest}
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
