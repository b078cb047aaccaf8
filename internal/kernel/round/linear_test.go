package round

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// plainRound rounds one element to a code with rational arithmetic.
func plainRound(x float32, r uint16, rounding Mode, bits int, g Grid, counts *Counts) int32 {
	if x != x {
		counts.NaN++
		return g.Zero
	}
	code := new(big.Int)
	lo, hi := big.NewInt(int64(g.Lo)), big.NewInt(int64(g.Hi))
	if math.IsInf(float64(x), 0) {
		counts.Inf++
		code.Add(hi, big.NewInt(1))
		if x < 0 {
			code.Sub(lo, big.NewInt(1))
		}
	} else {
		q := new(big.Rat).SetFloat64(float64(x))
		q.Quo(q, new(big.Rat).SetFloat64(g.Step))
		switch rounding {
		case NearestEven:
			q.Add(q, big.NewRat(1, 2))
			code = kerneltest.Floor(q)
			if q.IsInt() && code.Bit(0) == 1 {
				code.Sub(code, big.NewInt(1))
			}
		case Floor:
			code = kerneltest.Floor(q)
		case Stochastic:
			q.Mul(q, big.NewRat(int64(1)<<bits, 1))
			code = kerneltest.Floor(q)
			code.Add(code, big.NewInt(int64(r>>(16-bits))))
			code = kerneltest.Floor(new(big.Rat).SetFrac(code, big.NewInt(int64(1)<<bits)))
		}
		code.Add(code, big.NewInt(int64(g.Zero)))
	}
	switch {
	case code.Cmp(lo) < 0:
		counts.Clipped++
		code = lo
	case code.Cmp(hi) > 0:
		counts.Clipped++
		code = hi
	case x != 0 && code.Int64() == int64(g.Zero):
		counts.Underflowed++
	}
	return int32(code.Int64())
}

// plainValue is the value of a code: the exact product, rounded once.
func plainValue(code int32, g Grid) float32 {
	value, _ := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(code)-int64(g.Zero)), new(big.Rat).SetFloat64(g.Step)).Float32()
	return value + 0 // never -0
}

// grids are of all sorts: small and large steps, on both sides of what the assembly takes.
func testGrids(rng *rand.Rand) []Grid {
	var grids []Grid
	for _, exponent := range []int{-149, -134, -127, -126, -111, -110, -30, -6, -1, 0, 1, 5, 16, 17, 100, 126, 127} {
		for _, width := range []int{2, 8, 16, 24} {
			half := int32(1) << (width - 1)
			grids = append(grids, Grid{math.Ldexp(1, exponent), 0, -half, half - 1})
		}
	}
	// The last step's products lie next to the middle between two float32 numbers.
	for _, step := range []float64{0.037, float64(float32(1.0 / 127)), 3, 1e-5, 0x1.8p-140, 1e38, 0x1.ffffffffffff8p-151, 0x1.0000010000001p-3} {
		zero := int32(rng.IntN(200) - 100)
		grids = append(grids, Grid{step, 0, -128, 127}, Grid{step, zero, -128, 127}, Grid{step, 0, 0, 255})
	}
	grids = append(grids, Grid{0x1p-600, 0, -5, 5}, Grid{0x1p600, 0, -5, 5}, Grid{1, 0, -1<<24 + 2, 1<<24 - 2}, Grid{0.7, 1 << 23, 0, 1<<24 - 1})
	return append(grids, Grid{0.25, 3, -128, 127}, Grid{0.25, 0, 0, 255}, Grid{1, 0, -1<<24 + 1, 1<<24 - 1}, Grid{0.5, 0, -127, 127})
}

// roundingData has elements on ties, next to them, at the ends of the grid, and anything.
func roundingData(rng *rand.Rand, g Grid, n int) []float32 {
	src := make([]float32, n+1)[1:]
	for i := range src {
		code := float64(g.Lo) + rng.Float64()*(float64(g.Hi)-float64(g.Lo))
		x := float32(code * g.Step)
		switch rng.IntN(8) {
		case 0:
			x = float32((math.Floor(code) + 0.5) * g.Step)
		case 1:
			x = float32(math.Floor(code) * g.Step)
		case 2:
			x = math.Nextafter32(float32((math.Floor(code)+0.5)*g.Step), float32(math.Inf(1-2*rng.IntN(2))))
		case 3:
			x = math.Nextafter32(float32(math.Floor(code)*g.Step), float32(math.Inf(1-2*rng.IntN(2))))
		case 4:
			x = float32([]float64{float64(g.Lo) - 0.5, float64(g.Hi) + 0.5, float64(g.Lo) - 1, float64(g.Hi) + 1, 4 * float64(g.Hi)}[rng.IntN(5)] * g.Step)
		case 5:
			x = math.Float32frombits(rng.Uint32()) // anything
		case 6:
			x = float32(rng.NormFloat64() * g.Step)
		}
		src[i] = x
	}
	special := []float32{0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for _, x := range special {
		if n > 0 && rng.IntN(2) == 0 {
			src[rng.IntN(n)] = x
		}
	}
	return src
}

// linearRounding is a way to round.
type linearRounding struct {
	rounding Mode
	bits     int
}

var roundings = []linearRounding{{NearestEven, 0}, {Floor, 0}, {Stochastic, 16}, {Stochastic, 8}, {Stochastic, 1}, {Stochastic, 11}}

// randomFor returns a place in a stream, and the draws of n elements from there on by definition.
func randomFor(rng *rand.Rand, n, bits int) (Random, []uint16) {
	orders := []philox.Order{{}, {}, {Channels: 16, Area: 256}, {Channels: 20, Area: 64}, {Channels: 3, Area: 128}, {Channels: 5, Area: 49}, {Channels: 16, Area: 8}, {Channels: 16, Area: 1}, {Channels: 24, Area: 100}, {Channels: 40, Area: 16}}
	random := Random{
		Draw:  philox.Draw{Key: [2]uint32{rng.Uint32(), rng.Uint32()}, Execution: rng.Uint32(), Domain: rng.Uint32N(4)},
		Order: orders[rng.IntN(len(orders))], Start: rng.IntN(20000), Bits: bits,
	}
	if rng.IntN(3) == 0 {
		random.Start = 0
	}
	draws := make([]uint16, n)
	for i := range draws {
		draws[i] = plainRandom(random, random.Start+i)
	}
	return random, draws
}

// checkRounding compares Values and Codes with the definition.
func checkRounding(t *testing.T, rng *rand.Rand, src []float32, g Grid, c linearRounding) {
	t.Helper()
	random, draws := randomFor(rng, len(src), c.bits)
	checkRoundingWith(t, rng, src, g, c, random, draws)
}

func checkRoundingWith(t *testing.T, rng *rand.Rand, src []float32, g Grid, c linearRounding, random Random, draws []uint16) {
	t.Helper()
	n := len(src)
	var wantCounts Counts
	want := make([]int32, n)
	for i, x := range src {
		want[i] = plainRound(x, draws[i], c.rounding, c.bits, g, &wantCounts)
	}
	got, check := kerneltest.Guarded[float32](n)
	from := src
	if rng.IntN(2) == 0 { // in place
		copy(got, src)
		from = got
	}
	counts := Values(got, from, g, c.rounding, random)
	for i, code := range want {
		value := plainValue(code, g)
		require.Equal(t, math.Float32bits(value), math.Float32bits(got[i]), "element %d of %d, %v (%x), draw %x, %+v, %+v, %+v: want %v, got %v", i, n, src[i], src[i], draws[i], c, g, random, value, got[i])
	}
	require.Equal(t, wantCounts, counts, "%+v, %+v", g, c)
	check(t)
	checkCodes[int32](t, want, src, g, c.rounding, random, wantCounts)
	checkCodes[int16](t, want, src, g, c.rounding, random, wantCounts)
	checkCodes[uint16](t, want, src, g, c.rounding, random, wantCounts)
	checkCodes[int8](t, want, src, g, c.rounding, random, wantCounts)
	checkCodes[uint8](t, want, src, g, c.rounding, random, wantCounts)
}

// checkCodes compares Codes with the codes, if they fit its type.
func checkCodes[C Code | int32](t *testing.T, want []int32, src []float32, g Grid, rounding Mode, random Random, wantCounts Counts) {
	t.Helper()
	if int32(C(g.Lo)) != g.Lo || int32(C(g.Hi)) != g.Hi {
		return
	}
	all := make([]C, len(src)+2*kerneltest.Guard)
	for i := range all {
		all[i] = 77
	}
	got := all[kerneltest.Guard : kerneltest.Guard+len(src)]
	require.Equal(t, wantCounts, Codes(got, src, g, rounding, random))
	for i, code := range want {
		require.EqualValues(t, code, got[i], "element %d of %d, %v, %+v", i, len(src), src[i], g)
	}
	for i := range kerneltest.Guard {
		require.EqualValues(t, 77, all[i])
		require.EqualValues(t, 77, all[kerneltest.Guard+len(src)+i])
	}
}

func TestRoundingIsExact(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		for _, g := range testGrids(rng) {
			require.True(t, g.Fits())
			for _, c := range roundings {
				checkRounding(t, rng, roundingData(rng, g, rng.IntN(140)), g, c)
			}
		}
	})
}

func TestRoundingOfRunsOfAllLengths(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		grids := []Grid{{0x1p-6, 0, -128, 127}, {0.037, 3, -128, 127}, {0x1p-13, 0, -32768, 32767}, {0.25, 0, 0, 255}}
		for n := range 301 {
			g := grids[n%len(grids)]
			c := roundings[rng.IntN(len(roundings))]
			checkRounding(t, rng, roundingData(rng, g, n), g, c)
		}
	})
}

// Long runs with and without NaN and infinities, which the kernels that round while they draw leave to others.
func TestRoundingOfLongRuns(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(27, 28))
		for _, g := range []Grid{{0x1p-6, 0, -128, 127}, {float64(float32(0.037)), -5, -128, 127}, {0.037, 0, 0, 255}, {0x1p-13, 0, -32768, 32767}} {
			for _, c := range []linearRounding{{NearestEven, 0}, {Floor, 0}, {Stochastic, 16}, {Stochastic, 5}} {
				src := roundingData(rng, g, 600+rng.IntN(900))
				checkRounding(t, rng, src, g, c)
				for i, x := range src {
					if x-x != 0 {
						src[i] = 0
					}
				}
				checkRounding(t, rng, src, g, c)
			}
		}
	})
}

// Numbers of all sizes come out of the kernels as out of the plain form, which the tests above hold to the definition.
func TestKernelsRoundAsGo(t *testing.T) {
	const prime = 16381
	src := make([]float32, 1<<32/prime)
	for i := range src {
		src[i] = math.Float32frombits(uint32(i*prime + i%7))
	}
	want, got := make([]float32, len(src)), make([]float32, len(src))
	wantCodes, gotCodes := make([]int16, len(src)), make([]int16, len(src))
	best := isa.Name()
	defer func() { require.NoError(t, isa.Use(best)) }()
	random := Random{Order: philox.Order{Channels: 20, Area: 100}, Start: 5, Bits: 16}
	for _, step := range []float64{0x1p-149, 0x1p-126, 0x1p-13, 1, 0x1p126, 0x1p127, 0.037, float64(float32(1.0 / 3)), 1e-40, 3e38} {
		for _, g := range []Grid{{step, 0, -128, 127}, {step, 7, -32768, 32767}} {
			for rounding := NearestEven; rounding <= Stochastic; rounding++ {
				require.NoError(t, isa.Use("go"))
				counts := Values(want, src, g, rounding, random)
				require.Equal(t, counts, Codes(wantCodes, src, g, rounding, random))
				for _, set := range isa.Names[1:] {
					if isa.Use(set) != nil {
						continue
					}
					require.Equal(t, counts, Values(got, src, g, rounding, random), "%s, %+v, %v", set, g, rounding)
					kerneltest.RequireSameBits(t, want, got, set, g, rounding)
					require.Equal(t, counts, Codes(gotCodes, src, g, rounding, random))
					require.True(t, slices.Equal(wantCodes, gotCodes), "%s, %+v, %v", set, g, rounding)
				}
			}
		}
	}
}

func TestRoundRefusesWhatDoesNotFit(t *testing.T) {
	s := make([]float32, 2)
	unit := Grid{1, 0, -1, 1}
	assert.PanicsWithValue(t, badLength, func() { Values(s, s[:1], unit, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badLength, func() { Codes(make([]int8, 1), s, unit, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badGrid, func() { Codes(make([]uint8, 2), s, unit, NearestEven, Random{}) })
	for _, bits := range []int{0, 17} {
		assert.PanicsWithValue(t, badRandom, func() { Values(s, s, unit, Stochastic, Random{Bits: bits}) })
	}
	for _, g := range []Grid{{}, {math.NaN(), 0, -1, 1}, {math.Inf(1), 0, -1, 1}, {1, 0, 1, 2}, {1, 0, -1, 1 << 24}, {0x1p-700, 0, -1, 1}} {
		assert.PanicsWithValue(t, badGrid, func() { Values(s, s, g, NearestEven, Random{}) }, "%+v", g)
	}
}

// plainRandom are the random bits of a position.
func plainRandom(r Random, position int) uint16 {
	return kerneltest.RandomBits(r.Draw.Key, r.Draw.Execution, r.Draw.Domain, r.Order.Channels, r.Order.Area, position)
}
