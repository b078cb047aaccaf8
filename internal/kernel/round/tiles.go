package round

import "unsafe"

// Tiles says how runs are rounded in short blocks along an axis, each with a scale 2^k from its own largest magnitude:
// OCP's MX, and block floating point with such blocks.
//
// A run is a whole number of rows of RowLength elements, which are Inner elements apart: it is seen as an array (outer,
// RowLength, Inner). Each row is cut into blocks of Length, the last of which may be shorter. The element (o, j, i) lies
// in block (o·ceil(RowLength/Length) + j/Length)·Inner + i. With m the largest finite magnitude of a block,
//
//	k = clamp(floor(log2 m) - EMax + up, Lowest, Highest)
//
// where up is 1 if the 23 bits of m's mantissa, as an integer, are Threshold or more (so 2^23 is for the floor and 1 for
// the ceiling of the logarithm), and otherwise 0. A block without finite numbers but zeros has k = Lowest.
//
// The elements of a block lie on the grid Element times 2^k, or if Linear is true on the codes Lo to Hi times
// 2^(k+StepExponent). Values that float32 does not have as finite numbers are no values of either grid.
type Tiles struct {
	Length    int // 16 or 32
	RowLength int
	Inner     int // 0 is understood as 1: rows of neighbours

	EMax            int    // -300 to 300
	Threshold       uint32 // 0 to 2^23
	Lowest, Highest int    // of k; -300 to 300

	Element Minifloat // its Scale is added to k

	Linear       bool
	StepExponent int   // -300 to 300
	Lo, Hi       int32 // -2^24 to 0, and 0 to 2^24

	// NaNSpreads makes all elements of a block NaN in which one is, and their codes 0: for formats whose elements have no
	// NaN, but whose scales have. Otherwise NaN becomes Element.NaN, and 0 on linear grids.
	NaNSpreads bool
}

// NaNExponent is the exponent of a block that a NaN made all NaN.
const NaNExponent = 128

// Blocks returns the number of blocks of a run of n elements.
func (t Tiles) Blocks(n int) int {
	return n / t.RowLength * ((t.RowLength + t.Length - 1) / t.Length)
}

// rowsLength is the number of elements of RowLength·Inner.
func (t Tiles) rowsLength() int { return t.RowLength * max(t.Inner, 1) }

// Fits reports whether the fields are within the ranges that they are documented with.
func (t Tiles) Fits() bool {
	within := func(e int) bool { return e >= -maxGridExponent && e <= maxGridExponent }
	if t.Length != 16 && t.Length != 32 || t.RowLength < 1 || t.Inner < 0 || t.Threshold > 1<<maxMantissa ||
		!within(t.EMax) || !within(t.Lowest) || !within(t.Highest) || t.Lowest > t.Highest {
		return false
	}
	if t.Linear {
		return within(t.StepExponent) && t.Lo >= -maxCode && t.Lo <= 0 && t.Hi >= 0 && t.Hi <= maxCode
	}
	return t.Element.Fits()
}

// codeFits reports whether codes have at most so many bits.
func (t Tiles) codeFits(bits int) bool {
	if !t.Linear {
		return t.Element.codeFits(bits)
	}
	return int64(t.Hi)-int64(t.Lo) < 1<<bits
}

const (
	badTiles     = "round: tiles outside of what rounding takes (see Tiles.Fits)"
	badTileWidth = "round: codes of the tiles do not fit the slice's elements"
)

// TileValues rounds each element of src to the grid of its block, as MinifloatValues does. On linear grids, x becomes the
// code that the exact quotient x/2^(k+StepExponent) is rounded to, clamped to Lo and Hi (and clipped, as infinities are),
// and zero has no sign. exponents receives k of every block, or NaNExponent. dst may be src.
func TileValues(dst, src []float32, t Tiles, exponents []int16, r Mode, random Random) Counts {
	return roundTiles(dst, src, t, exponents, r, random)
}

// TileCodes is TileValues with codes: those of MinifloatCodes, or the codes of a linear grid in as many bits as C has.
func TileCodes[C Code](codes []C, src []float32, t Tiles, exponents []int16, r Mode, random Random) Counts {
	if !t.codeFits(8 * int(unsafe.Sizeof(C(0)))) {
		panic(badTileWidth)
	}
	if unsafe.Sizeof(C(0)) == 1 {
		return roundTiles(reinterpret[uint8](codes), src, t, exponents, r, random)
	}
	return roundTiles(reinterpret[uint16](codes), src, t, exponents, r, random)
}
