package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainRound rounds one element with rational arithmetic.
func plainRound(x float32, r uint16, m rounding, bits int, g Grid, counts *Counts) float32 {
	if x != x {
		counts.NaN++
		return 0
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
		switch m {
		case nearestEven:
			q.Add(q, big.NewRat(1, 2))
			code = ratFloor(q)
			if q.IsInt() && code.Bit(0) == 1 {
				code.Sub(code, big.NewInt(1))
			}
		case floor:
			code = ratFloor(q)
		case stochastic:
			q.Mul(q, big.NewRat(int64(1)<<bits, 1))
			code = ratFloor(q)
			code.Add(code, big.NewInt(int64(r>>(16-bits))))
			code = ratFloor(new(big.Rat).SetFrac(code, big.NewInt(int64(1)<<bits)))
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
	return float32(float64(code.Int64()-int64(g.Zero))*g.Step) + 0
}

func ratFloor(q *big.Rat) *big.Int {
	return new(big.Int).Div(q.Num(), q.Denom()) // Euclidean: the floor, for positive denominators
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
	for _, step := range []float64{0.037, float64(float32(1.0 / 127)), 3, 1e-5, 0x1.8p-140} {
		zero := int32(rng.IntN(200) - 100)
		grids = append(grids, Grid{step, 0, -128, 127}, Grid{step, zero, -128, 127}, Grid{step, 0, 0, 255})
	}
	return append(grids, Grid{0.25, 3, -128, 127}, Grid{0.25, 0, 0, 255}, Grid{1, 0, -1 << 24, 1 << 24}, Grid{0.5, 0, -127, 127})
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

func TestRoundingIsExact(t *testing.T) {
	forEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		for _, g := range testGrids(rng) {
			require.True(t, g.Fits())
			for _, c := range []struct {
				m    rounding
				bits int
			}{{nearestEven, 0}, {floor, 0}, {stochastic, 16}, {stochastic, 8}, {stochastic, 1}} {
				n := rng.IntN(70)
				src := roundingData(rng, g, n)
				random := make([]uint16, n)
				for i := range random {
					random[i] = uint16(rng.Uint32())
					if rng.IntN(4) == 0 {
						random[i] = uint16(rng.IntN(2) * 0xffff)
					}
				}
				var wantCounts Counts
				want := make([]float32, n)
				for i, x := range src {
					want[i] = plainRound(x, random[i], c.m, c.bits, g, &wantCounts)
				}
				got, check := guarded[float32](n)
				copy(got, src)
				var counts Counts
				switch c.m {
				case nearestEven:
					counts = RoundNearest(got, got, g)
				case floor:
					counts = RoundFloor(got, got, g)
				case stochastic:
					counts = RoundStochastic(got, src, random, c.bits, g)
				}
				for i := range got {
					require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]), "x = %v (%x), r = %x, rounding %v, %d bits, %+v: want %v, got %v", src[i], src[i], random[i], c.m, c.bits, g, want[i], got[i])
				}
				require.Equal(t, wantCounts, counts, "%+v", g)
				check(t)
			}
		}
	})
}

// Quotients that float64 rounds to a tie or to an integer are told from these by their remainders.
func TestRoundingNearTiesOfScaledGrids(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	for range 3000 {
		x := float32(rng.NormFloat64())
		whole := float64(rng.IntN(200) + 1)
		for _, c := range []struct {
			m        rounding
			quotient float64
		}{{nearestEven, whole + 0.5}, {floor, whole}, {stochastic, whole + 0.25}} {
			g := Grid{math.Abs(float64(x) / c.quotient), 0, -1000, 1000}
			random := uint16(0xc000 - rng.IntN(2)) // reaches the next code from a quarter on, or just not
			var counts Counts
			want := plainRound(x, random, c.m, randomBits, g, &counts)
			got := make([]float32, 1)
			roundGo(got, []float32{x}, []uint16{random}, c.m, randomBits, g)
			require.Equal(t, want, got[0], "x = %x, %+v, rounding %v", x, g, c.m)
		}
	}
}

func TestAssemblyRoundsAsGo(t *testing.T) {
	forEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		const n = 1 << 16
		src, random := make([]float32, n), make([]uint16, n)
		for i := range src {
			src[i], random[i] = math.Float32frombits(rng.Uint32()), uint16(rng.Uint32())
			if i%2 == 0 {
				src[i] = float32(rng.NormFloat64())
			}
		}
		want, got := make([]float32, n), make([]float32, n)
		for _, g := range []Grid{{0x1p-6, 0, -128, 127}, {0x1p-15, 0, -32768, 32767}, {0x1p3, 0, -128, 127}} {
			assert.Equal(t, roundGo(want, src, nil, nearestEven, 0, g), RoundNearest(got, src, g))
			requireSameBits(t, want, got)
			assert.Equal(t, roundGo(want, src, random, stochastic, 16, g), RoundStochastic(got, src, random, 16, g))
			requireSameBits(t, want, got)
		}
	})
}

func TestRoundRefusesWhatDoesNotFit(t *testing.T) {
	s := make([]float32, 2)
	assert.PanicsWithValue(t, badLength, func() { RoundNearest(s, s[:1], Grid{1, 0, -1, 1}) })
	assert.PanicsWithValue(t, badLength, func() { RoundStochastic(s, s, make([]uint16, 1), 16, Grid{1, 0, -1, 1}) })
	for _, g := range []Grid{{}, {math.NaN(), 0, -1, 1}, {math.Inf(1), 0, -1, 1}, {1, 0, 1, 2}, {1, 0, -1, 1<<24 + 1}, {0x1p-700, 0, -1, 1}} {
		assert.PanicsWithValue(t, badGrid, func() { RoundNearest(s, s, g) }, "%+v", g)
	}
}

func TestMaxAbs(t *testing.T) {
	forEachISA(t, func(t *testing.T) {
		assert.Zero(t, MaxAbs(nil))
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		assert.Zero(t, MaxAbs([]float32{inf, nan, -inf}))
		assert.EqualValues(t, math.MaxFloat32, MaxAbs([]float32{1, inf, -math.MaxFloat32, nan}))
		rng := rand.New(rand.NewPCG(15, 16))
		for n := range 200 {
			s := data[float32](rng, specials, n)
			assert.Equal(t, maxAbsGo(s), MaxAbs(s))
			if n > 0 { // wherever the largest one is
				s[rng.IntN(n)] = -9
				assert.EqualValues(t, 9, MaxAbs(s))
			}
		}
	})
}

func BenchmarkRound(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{512, 1 << 14, 1 << 22} {
		src, dst, random := data[float32](rng, normal, n), make([]float32, n), make([]uint16, n)
		RandomBits(random, Draw{}, Order{}, 0)
		g := Grid{0x1p-6, 0, -128, 127}
		run := func(name string, body func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { perUnit(b, "element", float64(n), body) })
		}
		run("copy", func() { copy(dst, src) })
		run("nearest", func() { RoundNearest(dst, src, g) })
		run("floor", func() { RoundFloor(dst, src, g) })
		run("stochastic", func() { RoundStochastic(dst, src, random, 16, g) })
		run("stochastic with draws", func() {
			for i := 0; i < n; i += 512 {
				RandomBits(random[:512], Draw{}, Order{16, 1024}, i)
				RoundStochastic(dst[i:i+512], src[i:i+512], random[:512], 16, g)
			}
		})
		run("scaled", func() { RoundNearest(dst, src, Grid{0.01, 0, -128, 127}) })
		run("maxabs", func() { MaxAbs(src) })
	}
}
