package round

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// namedTiles are Tiles whose elements are named.
type namedTiles struct {
	name string
	Tiles
	element namedMinifloat // not on linear grids
}

// mxOf returns an MX format with the scale by the floor of the logarithm.
func mxOf(element namedMinifloat) namedTiles {
	t := Tiles{Length: 32, Threshold: 1 << 23, Lowest: -127, Highest: 127, Element: element.Minifloat, NaNSpreads: element.NaN == 0}
	t.EMax = math.Ilogb(element.decode(element.Max))
	return namedTiles{"mx of " + element.name, t, element}
}

// bfpOf returns block floating point with w bits of mantissa and e of exponent.
func bfpOf(w, e, length int) namedTiles {
	half := 1 << (e - 1)
	t := Tiles{Length: length, Threshold: 1 << 23, Lowest: -half, Highest: half - 1, Linear: true, StepExponent: 2 - w, Lo: -1 << (w - 1), Hi: 1<<(w-1) - 1}
	return namedTiles{name: fmt.Sprintf("bfp w%de%d in %d", w, e, length), Tiles: t}
}

// mxOfInt8 is MX with integers.
func mxOfInt8() namedTiles {
	return namedTiles{name: "mx of int8", Tiles: Tiles{
		Length: 32, Threshold: 1 << 23, Lowest: -127, Highest: 127, Linear: true, StepExponent: -6, Lo: -128, Hi: 127, NaNSpreads: true,
	}}
}

// testTiles are formats of all sorts.
func testTiles() []namedTiles {
	e4m3 := minifloatOf("e4m3fn", 4, 3, 7, 0x7e, 0x7f, false, false)
	symmetric := mxOfInt8()
	symmetric.name, symmetric.Lo, symmetric.Threshold = "mx of int8, symmetric, ceil", -127, 127<<17-1<<23+1
	ceil := mxOf(finiteOf(2, 1))
	ceil.name, ceil.Threshold = "mx of e2m1, ceil", 1<<22+1
	nearest := mxOf(e4m3)
	nearest.name, nearest.Threshold, nearest.Length = "mx of e4m3 in 16, rne", 1<<23-1<<19, 16
	nan := mxOf(e4m3.overflow(math.NaN(), 0x7f))
	nan.name = "mx of e4m3, NaN beyond"
	directed := ieeeOf(5, 2)
	directed.Over[0], directed.OverCode[0] = 57344, 0x7b
	up := mxOf(ieeeOf(3, 2).saturating())
	up.name, up.Threshold, up.Lowest, up.Highest = "always one up, few exponents", 0, -9, 6
	wide := bfpOf(16, 8, 32)
	wide.name, wide.Lo = "bfp w16e8 in 32, symmetric", -1<<15+1
	coarse := bfpOf(8, 8, 32)
	coarse.name, coarse.Lowest, coarse.StepExponent = "steps larger than the largest", -130, 5
	return []namedTiles{
		wide, coarse, mxOf(ieeeOf(5, 2).saturating()), mxOf(ieeeOf(5, 2)), mxOf(directed), mxOf(e4m3), nan, mxOf(finiteOf(3, 2)), mxOf(finiteOf(2, 3)),
		mxOf(finiteOf(2, 1)), mxOfInt8(), symmetric, ceil, nearest, up, mxOf(finiteOf(3, 0)), mxOf(ieeeOf(5, 14).saturating()), mxOf(ieeeOf(8, 7).saturating()),
		bfpOf(8, 8, 32), bfpOf(8, 8, 16), bfpOf(4, 3, 16), bfpOf(8, 5, 32), bfpOf(12, 8, 16), bfpOf(15, 8, 32), bfpOf(16, 8, 32), bfpOf(24, 8, 16), bfpOf(2, 1, 32),
	}
}

// definedTile rounds one block by the definition, in float64.
func definedTile(t namedTiles, src []float32, c roundingCase, bits []uint16, counts *Counts) (values []float32, codes []uint16, exponent int16) {
	values, codes = make([]float32, len(src)), make([]uint16, len(src))
	largest, spoilt := 0.0, false
	for _, v := range src {
		x := math.Abs(float64(v))
		if math.IsNaN(x) {
			spoilt = spoilt || t.NaNSpreads
		} else if !math.IsInf(x, 0) {
			largest = max(largest, x)
		}
	}
	k := t.Lowest
	if largest > 0 {
		fraction, e := math.Frexp(largest)
		k = e - 1 - t.EMax
		if (2*fraction-1)*(1<<23) >= float64(t.Threshold) {
			k++
		}
		k = min(max(k, t.Lowest), t.Highest)
	}
	element := t.element
	element.Scale += k
	for i, x := range src {
		switch {
		case spoilt:
			values[i] = float32(math.NaN())
			if x != x {
				counts.NaN++
			} else if math.IsInf(float64(x), 0) {
				counts.Inf++
			}
		case t.Linear:
			values[i], codes[i] = definedLinear(t, k, x, c, bits[i], counts)
		default:
			v, code := definedMinifloat(element, x, c.r, bits[i], c.bits, counts)
			values[i], codes[i] = float32(v), code
		}
	}
	if spoilt {
		return values, codes, NaNExponent
	}
	return values, codes, int16(k)
}

func definedLinear(t namedTiles, k int, x float32, c roundingCase, random uint16, counts *Counts) (float32, uint16) {
	if x != x {
		counts.NaN++
		return 0, 0
	}
	step := math.Ldexp(1, k+t.StepExponent)
	code := float64(x) / step
	switch {
	case math.IsInf(code, 0):
		counts.Inf++
	case c.r == NearestEven:
		code = math.RoundToEven(code)
	case c.r == Floor:
		code = math.Floor(code)
	default:
		unit := float64(int(1) << c.bits)
		code = math.Floor((math.Floor(code*unit) + float64(random>>(16-c.bits))) / unit)
	}
	lo, hi := float64(t.Lo), float64(t.Hi)
	for lo*step <= -0x1p128 {
		lo++
	}
	for hi*step >= 0x1p128 {
		hi--
	}
	switch {
	case code < lo:
		counts.Clipped++
		code = lo
	case code > hi:
		counts.Clipped++
		code = hi
	case code == 0 && x != 0:
		counts.Underflowed++
	}
	return float32(code*step) + 0, uint16(int(code))
}

// tilesData are rows of blocks of all magnitudes, with ties, zeros, subnormal numbers and rare specials.
func tilesData(rng *rand.Rand, n int) []float32 {
	src := make([]float32, n+5)[5:]
	scale, sort := 0, 0
	for i := range src {
		if i%16 == 0 {
			sort = rng.IntN(8)
			scale = rng.IntN(30) - 15
			if sort == 0 {
				scale = rng.IntN(290) - 155
			}
		}
		x := math.Ldexp(rng.NormFloat64(), scale)
		switch {
		case sort == 1: // few bits: ties, numbers of the grid
			x = math.Ldexp(float64(rng.IntN(513)-256), scale)
		case sort == 2 && rng.IntN(2) == 0: // far below the largest
			x = math.Ldexp(x, -rng.IntN(40))
		case sort == 3 && rng.IntN(2) == 0:
			x = math.Copysign(0, x)
		case sort == 4:
			x = 0
		case sort == 5 && rng.IntN(12) == 0:
			x = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat32, math.MaxFloat32}[rng.IntN(5)]
		case sort == 6: // next to a power of two
			x = float64(math.Nextafter32(float32(math.Ldexp(1-2*float64(rng.IntN(2)), scale)), float32(rng.NormFloat64()*100)))
		}
		src[i] = float32(x)
	}
	return src
}

// wantTiles rounds all by the definition.
func wantTiles(t namedTiles, src []float32, c roundingCase, bits []uint16) (values []float32, codes []uint16, exponents []int16, counts Counts) {
	for row := 0; row < len(src); row += t.RowLength {
		for at := row; at < row+t.RowLength; at += t.Length {
			end := min(at+t.Length, row+t.RowLength)
			v, code, k := definedTile(t, src[at:end], c, bits[at:end], &counts)
			values, codes, exponents = append(values, v...), append(codes, code...), append(exponents, k)
		}
	}
	return values, codes, exponents, counts
}

func TestTilesAreTheirDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	for _, f := range testTiles() {
		for _, shape := range [][2]int{{1, 8192}, {3, 1600}, {7, 144}, {40, 50}, {60, 9}, {30, 33}, {5, 1}, {20, 48}, {2, 1519}} {
			f.RowLength = shape[1]
			src := tilesData(rng, shape[0]*shape[1])
			orders := []philox.Order{{}, {Channels: 16, Area: 1024}, {Channels: 20, Area: 64}, {Channels: 24, Area: 49}, {Channels: 5, Area: 3}}
			random := Random{Draw: philox.Draw{Key: [2]uint32{rng.Uint32(), rng.Uint32()}}, Order: orders[rng.IntN(len(orders))], Start: rng.IntN(1000)}
			bits := drawnBits(random, len(src))
			for _, c := range roundingCases[:4] {
				random.Bits = c.bits
				values, codes, exponents, counts := wantTiles(f, src, c, bits)
				kerneltest.OnEachISA(t, func(t *testing.T) {
					requireTiles(t, f, src, c.r, random, values, codes, exponents, counts)
				})
			}
		}
	}
}

// requireTiles compares values, in place and amid a guard, and codes of the widths that fit.
func requireTiles(t *testing.T, f namedTiles, src []float32, r Mode, random Random, values []float32, codes []uint16, exponents []int16, counts Counts) {
	t.Helper()
	message := fmt.Sprintf("%s, rows of %d, %d side by side, rounding %v, %d bits", f.name, f.RowLength, f.Inner, r, random.Bits)
	require.Len(t, exponents, f.Blocks(len(src)))
	got, check := kerneltest.Guarded[float32](len(src))
	copy(got, src)
	k := make([]int16, len(exponents)+2)
	k[0], k[len(k)-1] = -777, -777
	gotCounts := TileValues(got, got, f.Tiles, k[1:len(k)-1], r, random)
	check(t)
	assert.EqualValues(t, -777, k[0])
	assert.EqualValues(t, -777, k[len(k)-1])
	require.Equal(t, exponents, k[1:len(k)-1], message)
	requireSameRounding(t, src, values, got, message)
	require.Equal(t, counts, gotCounts, message)
	if f.codeFits(16) {
		requireTileCodes[uint16](t, f, src, r, random, codes, exponents, counts, message)
		requireTileCodes[int16](t, f, src, r, random, codes, exponents, counts, message)
	}
	if f.codeFits(8) {
		requireTileCodes[uint8](t, f, src, r, random, codes, exponents, counts, message)
		requireTileCodes[int8](t, f, src, r, random, codes, exponents, counts, message)
	}
}

func requireTileCodes[C Code](t *testing.T, f namedTiles, src []float32, r Mode, random Random, want []uint16, exponents []int16, counts Counts, message string) {
	t.Helper()
	all := make([]C, len(src)+2*kerneltest.Guard)
	got, k := all[kerneltest.Guard:kerneltest.Guard+len(src)], make([]int16, len(exponents))
	require.Equal(t, counts, TileCodes(got, src, f.Tiles, k, r, random), message)
	require.Equal(t, exponents, k, message)
	for i := range got {
		if got[i] != C(want[i]) {
			require.Failf(t, "different codes", "%s, %d bytes: x = %v (%x): want %x, got %x", message, unsafe.Sizeof(got[i]), src[i], src[i], want[i], got[i])
		}
	}
	for i := range kerneltest.Guard {
		require.Zero(t, all[i])
		require.Zero(t, all[kerneltest.Guard+len(src)+i])
	}
}

// Rows of all lengths.
func TestTilesLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	for _, f := range []namedTiles{mxOf(ieeeOf(5, 2)), bfpOf(8, 8, 16), mxOf(finiteOf(2, 1))} {
		for n := range 301 {
			f.RowLength = max(n, 1)
			rows := 1 + n%3
			src := tilesData(rng, rows*n)
			random := Random{Start: rng.IntN(4000)}
			bits := drawnBits(random, len(src))
			for _, c := range roundingCases[:3] {
				random.Bits = c.bits
				values, codes, exponents, counts := wantTiles(f, src, c, bits)
				if n == 0 {
					exponents = []int16{}
				}
				kerneltest.OnEachISA(t, func(t *testing.T) {
					requireTiles(t, f, src, c.r, random, values, codes, exponents, counts)
				})
			}
		}
	}
}

// Blocks of every exponent that float32 has, and in them every distance from the largest magnitude, and the smallest
// numbers.
func TestTilesExponents(t *testing.T) {
	significands := []float64{1, 1.25, 1.5, 1.9375, 2 - 0x1p-23}
	for _, f := range testTiles() {
		var src []float32
		block := func(e int, significand float64) {
			for i := range 32 {
				x := math.Ldexp(1+float64(i)/32, e-i)
				switch {
				case i == 0:
					x = math.Ldexp(significand, e)
				case i >= 30:
					x = math.SmallestNonzeroFloat32
				}
				src = append(src, float32(math.Copysign(x, float64(i%2)-0.5)))
			}
		}
		for e := -149; e < 123; e++ {
			block(e, significands[(e+149)%len(significands)])
		}
		for e := 123; e < 128; e++ {
			for _, s := range significands {
				block(e, s)
			}
		}
		f.RowLength = len(src)
		random := Random{Draw: philox.Draw{Key: [2]uint32{9, 9}}}
		bits := drawnBits(random, len(src))
		for _, c := range roundingCases {
			random.Bits = c.bits
			values, codes, exponents, counts := wantTiles(f, src, c, bits)
			kerneltest.OnEachISA(t, func(t *testing.T) { requireTiles(t, f, src, c.r, random, values, codes, exponents, counts) })
		}
	}
}

func TestTilesRefuseWhatDoesNotFit(t *testing.T) {
	s, k := make([]float32, 40), make([]int16, 2)
	good := bfpOf(8, 8, 32).Tiles
	good.RowLength = 40
	assert.NotPanics(t, func() { TileValues(s, s, good, k, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badLength, func() { TileValues(s, s[:39], good, k, NearestEven, Random{}) })
	strided := good
	strided.RowLength, strided.Inner = 10, 3
	assert.PanicsWithValue(t, badLength, func() { TileValues(s, s, strided, k, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badLength, func() { TileValues(s, s, good, k[:1], NearestEven, Random{}) })
	assert.PanicsWithValue(t, badRandom, func() { TileValues(s, s, good, k, Stochastic, Random{}) })
	change := func(change func(*Tiles)) Tiles {
		bad := good
		change(&bad)
		return bad
	}
	for _, bad := range []Tiles{
		change(func(t *Tiles) { t.Length = 8 }), change(func(t *Tiles) { t.RowLength = 0 }), change(func(t *Tiles) { t.Inner = -1 }), change(func(t *Tiles) { t.Threshold = 1<<23 + 1 }),
		change(func(t *Tiles) { t.EMax = 301 }), change(func(t *Tiles) { t.Lowest = 300 }), change(func(t *Tiles) { t.StepExponent = -301 }),
		change(func(t *Tiles) { t.Lo = 1 }), change(func(t *Tiles) { t.Hi = 1<<24 + 1 }),
		change(func(t *Tiles) { t.Linear, t.Element.Mantissa = false, 24 }),
	} {
		assert.PanicsWithValue(t, badTiles, func() { TileValues(s, s, bad, k, NearestEven, Random{}) }, "%+v", bad)
	}
	wide := bfpOf(9, 8, 32).Tiles
	wide.RowLength = 40
	assert.PanicsWithValue(t, badTileWidth, func() { TileCodes(make([]int8, 40), s, wide, k, NearestEven, Random{}) })
}

func TestRoundingAllocatesNothing(t *testing.T) {
	const n = 1000
	src, k := kerneltest.Data[float32](rand.New(rand.NewPCG(49, 50)), kerneltest.Normal, n), make([]int16, n)
	dst, codes := make([]float32, n), make([]uint8, n)
	f, g := ieeeOf(5, 2).Minifloat, bfpOf(8, 8, 16).Tiles
	columns := g
	g.RowLength, columns.RowLength, columns.Inner = 50, 10, 20
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for _, c := range roundingCases {
			if c.r == Stochastic && isa.Active() == isa.Go {
				continue // the plain form of philox.Bits allocates
			}
			random := Random{Bits: c.bits, Order: philox.Order{Channels: 16, Area: 9}}
			assert.Zero(t, testing.AllocsPerRun(20, func() {
				MinifloatValues(dst, src, f, c.r, random)
				MinifloatCodes(codes, src, f, c.r, random)
				TileValues(dst, src, g, k[:g.Blocks(n)], c.r, random)
				TileCodes(codes, src, g, k[:g.Blocks(n)], c.r, random)
				TileValues(dst, src, columns, k[:columns.Blocks(n)], c.r, random)
			}), "rounding %v", c.r)
		}
	})
}
