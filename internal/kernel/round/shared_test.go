package round

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// sharedDefinition is what x becomes in a block with exponent e, in integers, or big ones for shifts.
func sharedDefinition(s Shared, x float32, e int, rounding Mode, bits int, draw uint16) (y float64, clipped bool) {
	step := math.Ldexp(1, e-s.Width+2)
	if s.Shifted {
		dropped := mantissaBits - s.Width
		add := uint32(1) << (dropped - 1)
		switch rounding {
		case Floor:
			add = 0
		case Stochastic:
			add = uint32(uint64(draw>>(16-bits)<<(16-bits)) << dropped >> 16)
		}
		y, _ = shiftedDefinition(x, e, dropped, add).Float64()
	} else {
		q := float64(x) / step // exact, as are its multiples by powers of two
		switch {
		case rounding == NearestEven:
			q = math.RoundToEven(q)
		case math.Abs(q) < 0x1p40:
			var r int64
			if rounding == Stochastic {
				r = int64(draw >> (16 - bits))
			} else {
				bits = 0
			}
			q = float64((int64(math.Floor(math.Ldexp(q, bits))) + r) >> bits)
		}
		y = q * step
	}
	limited := max(min(y, float64(s.Hi)*step), float64(s.Lo)*step)
	return limited + 0, limited != y
}

// sharedExponent is the exponent of a block.
func sharedExponent(s Shared, block []float32) int {
	most := 0.0
	for _, x := range block {
		most = max(most, math.Abs(float64(x)))
	}
	if most == 0 {
		return max(s.Lowest, -60) // any one
	}
	return min(max(math.Ilogb(most), s.Lowest), s.Highest)
}

// sharedBlock fills a block whose largest magnitude has about the exponent with ties, zeros, numbers of all sizes.
func sharedBlock(rng *rand.Rand, block []float32, width, exponent int) {
	for i := range block {
		v := rng.Float64()*4 - 2
		switch rng.IntN(6) {
		case 0:
			v = math.Ldexp(float64(rng.IntN(1<<width))-float64(int(1)<<width/2), 1-width) // ties, and codes
		case 1:
			v = math.Ldexp(v, -rng.IntN(60))
		case 2:
			v = []float64{0, math.Copysign(0, -1), 1.9999998, -1.9999998, 1, -1}[rng.IntN(6)]
		}
		block[i] = float32(math.Ldexp(max(min(v, 1.9999998), -1.9999998), exponent))
	}
	if rng.IntN(8) == 0 {
		clear(block)
	}
}

var sharedFormats = func() (all []Shared) {
	for _, width := range []int{2, 3, 8, 15, 22} {
		for _, limits := range [][2]int{{-128, 127}, {-8, 7}, {-1, 0}} {
			hi := int32(1)<<(width-1) - 1
			all = append(all,
				Shared{Width: width, Lowest: limits[0], Highest: limits[1], Lo: -hi - 1, Hi: hi},
				Shared{Width: width, Lowest: limits[0], Highest: limits[1], Lo: -hi, Hi: hi},
				Shared{Width: width, Lowest: limits[0], Highest: limits[1], Lo: -hi, Hi: hi, Shifted: true})
		}
	}
	return append(all, Shared{Width: 24, Lowest: -128, Highest: 127, Lo: -1 << 23, Hi: 1<<23 - 1})
}()

func TestRoundRowsAndColumns(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 7))
		for i, s := range sharedFormats {
			for j, n := range []int{1, 5, 8, 16, 19, 32, 37, 128, 700} {
				if n > 100 && (i+j)%5 > 0 {
					continue
				}
				bits := []int{16, 1, 9}[(i+j)%3]
				for rounding := NearestEven; rounding <= Stochastic; rounding++ {
					rows := 2 + rng.IntN(6)
					if rng.IntN(60) == 0 {
						n, rows = MaxSharedRow, 2
					}
					checkRows(t, rng, s, rows, n, rounding, bits)
					checkColumns(t, rng, s, rows, n, rounding, bits)
				}
			}
		}
	})
}

// sharedCase makes blocks, the draws of their elements in row-major order, and where the draws come from.
func sharedCase(rng *rand.Rand, s Shared, rows, n, bits int) (x []float32, draws []uint16, random Random) {
	random = Random{Draw: philox.Draw{Key: [2]uint32{rng.Uint32(), 1}, Execution: 3}, Start: rng.IntN(1000), Bits: bits}
	if rng.IntN(2) == 0 {
		random.Order = philox.Order{Channels: 16 + rng.IntN(2), Area: 9}
	}
	draws = make([]uint16, rows*n)
	philox.Bits(draws, random.Draw, random.Order, random.Start)
	x, _ = kerneltest.Guarded[float32](rows * n)
	for r := range rows {
		least, most := s.exponentRange()
		exponent := []int{max(least, s.Lowest), min(most, s.Highest), 0, -3, max(least, s.Lowest-9), min(most, s.Highest+9)}[rng.IntN(6)]
		sharedBlock(rng, x[r*n:][:n], s.Width, exponent)
	}
	return x, draws, random
}

func checkRows(t *testing.T, rng *rand.Rand, s Shared, rows, n int, rounding Mode, bits int) {
	t.Helper()
	x, draws, random := sharedCase(rng, s, rows, n, bits)
	name := fmt.Sprintf("%+v, %d rows of %d, rounding %d, %d bits", s, rows, n, rounding, bits)
	stopped := rows
	if rows > 2 && rng.IntN(3) == 0 { // a row that kernels do not take
		stopped = rng.IntN(rows)
		bad := []float32{float32(math.NaN()), float32(math.Inf(-1))}
		if least, most := s.exponentRange(); s.Lowest < least && s.Highest > most {
			bad = append(bad, float32(math.Ldexp(1, most+1)))
		}
		x[stopped*n+rng.IntN(n)] = bad[rng.IntN(len(bad))]
	}
	want, wantCounts, wantLargest := make([]float32, stopped*n), Counts{}, make([]uint32, stopped)
	for r := range stopped {
		block := x[r*n:][:n]
		e := sharedExponent(s, block)
		if tooSmall(s, block) { // this one stops it, too
			stopped = r
			break
		}
		for i, v := range block {
			wantLargest[r] = max(wantLargest[r], math.Float32bits(v)&^signBit)
			want[r*n+i] = noteShared(s, v, e, rounding, bits, draws[r*n+i], &wantCounts)
		}
	}
	got, check := kerneltest.Guarded[float32](rows * n)
	largest := make([]uint32, rows)
	done, counts := SharedRows(got, x, n, s, largest, rounding, random)
	require.Equal(t, stopped, done, name)
	kerneltest.RequireSameBits(t, want[:stopped*n], got[:stopped*n], name)
	require.Equal(t, wantLargest[:stopped], largest[:stopped], name)
	require.Equal(t, wantCounts, counts, name)
	for _, v := range got[stopped*n:] {
		require.EqualValues(t, -77, v, name)
	}
	check(t)
	SharedRows(x[:stopped*n], x[:stopped*n], n, s, largest[:stopped], rounding, random)
	kerneltest.RequireSameBits(t, want[:stopped*n], x[:stopped*n], "in place: ", name)
}

// tooSmall reports whether a block has a largest magnitude, not 0, that is too small for kernels.
func tooSmall(s Shared, block []float32) bool {
	most := 0.0
	for _, v := range block {
		most = max(most, math.Abs(float64(v)))
	}
	least, _ := s.exponentRange()
	return most > 0 && s.Lowest < least && math.Ilogb(most) < least
}

func noteShared(s Shared, v float32, e int, rounding Mode, bits int, draw uint16, counts *Counts) float32 {
	y, clipped := sharedDefinition(s, v, e, rounding, bits, draw)
	if clipped {
		counts.Clipped++
	} else if y == 0 && v != 0 {
		counts.Underflowed++
	}
	return float32(y)
}

func checkColumns(t *testing.T, rng *rand.Rand, s Shared, rows, n int, rounding Mode, bits int) {
	t.Helper()
	blocks, _, _ := sharedCase(rng, s, n, rows, bits)
	_, draws, random := sharedCase(rng, s, rows, n, bits)
	x, _ := kerneltest.Guarded[float32](rows * n)
	exponents := make([]int, n)
	for c := range n {
		block := blocks[c*rows:][:rows]
		if tooSmall(s, block) {
			clear(block)
		}
		exponents[c] = sharedExponent(s, block)
		for r, v := range block {
			x[r*n+c] = v
		}
	}
	name := fmt.Sprintf("%+v, %d columns of %d, rounding %d, %d bits", s, n, rows, rounding, bits)
	largest := make([]uint32, n)
	LargestColumns(largest, x)
	for c := range n {
		require.Equal(t, LargestBits(blocks[c*rows:][:rows]), largest[c], name)
	}
	require.True(t, s.Exponents(largest), name)
	want, wantCounts := make([]float32, rows*n), Counts{}
	for i, v := range x {
		want[i] = noteShared(s, v, exponents[i%n], rounding, bits, draws[i], &wantCounts)
	}
	got, check := kerneltest.Guarded[float32](rows * n)
	require.Equal(t, wantCounts, SharedColumns(got, x, s, largest, rounding, random), name)
	kerneltest.RequireSameBits(t, want, got, name)
	check(t)
	SharedColumns(x, x, s, largest, rounding, random)
	kerneltest.RequireSameBits(t, want, x, "in place: ", name)
}

// Exponents tells the columns that kernels do not take.
func TestSharedExponents(t *testing.T) {
	s := Shared{Width: 8, Lowest: -128, Highest: 127, Lo: -128, Hi: 127}
	pattern := func(x float64) []uint32 { return []uint32{0, math.Float32bits(float32(x))} }
	for _, x := range []float64{0x1p-120, 1, 0x1.fffffep126} {
		largest := pattern(x)
		require.True(t, s.Exponents(largest), x)
		require.Equal(t, math.Float32bits(float32(math.Ldexp(1, math.Ilogb(x)))), largest[1])
	}
	for _, x := range []float64{0x1.fffffep-121, 0x1p-149, 0x1p127, math.Inf(1), math.NaN()} {
		require.False(t, s.Exponents(pattern(x)), x)
	}
}

func TestSharedRefuses(t *testing.T) {
	one := make([]float32, 1)
	good := Shared{Width: 8, Lowest: -128, Highest: 127, Lo: -127, Hi: 127}
	for _, change := range []func(s *Shared){
		func(s *Shared) { s.Width = 1 },
		func(s *Shared) { s.Width = 25 },
		func(s *Shared) { s.Width, s.Shifted = 23, true },
		func(s *Shared) { s.Lo, s.Shifted = -128, true },
		func(s *Shared) { s.Lo = -129 },
		func(s *Shared) { s.Hi = -1 },
		func(s *Shared) { s.Lowest = 128 },
		func(s *Shared) { s.Highest = 128 },
	} {
		bad := good
		change(&bad)
		require.PanicsWithValue(t, badShared, func() { SharedRows(one, one, 1, bad, make([]uint32, 1), NearestEven, Random{}) })
		require.PanicsWithValue(t, badShared, func() { SharedColumns(one, one, bad, make([]uint32, 1), NearestEven, Random{}) })
	}
	require.PanicsWithValue(t, badLength, func() { SharedRows(one, one, 2, good, make([]uint32, 1), NearestEven, Random{}) })
	require.PanicsWithValue(t, badLength, func() { SharedColumns(one, one, good, nil, NearestEven, Random{}) })
	require.PanicsWithValue(t, badLength, func() { LargestColumns(make([]uint32, 2), one) })
	require.PanicsWithValue(t, badRandom, func() { SharedRows(one, one, 1, good, make([]uint32, 1), Stochastic, Random{}) })
}

// BenchmarkShared compares with rows that are rounded one by one.
func BenchmarkShared(b *testing.B) {
	for _, n := range []int{32, 128, 512, 1024, 4096} {
		rows := max(8192/n, 2)
		x, largest := kerneltest.Data[float32](rand.New(rand.NewPCG(1, 1)), kerneltest.Normal, rows*n), make([]uint32, rows)
		dst := make([]float32, rows*n)
		random := Random{Bits: 16}
		for _, s := range []Shared{{Width: 8, Lowest: -128, Highest: 127, Lo: -128, Hi: 127}, {Width: 8, Lowest: -128, Highest: 127, Lo: -127, Hi: 127, Shifted: true}} {
			for _, rounding := range []Mode{NearestEven, Stochastic} {
				name := fmt.Sprintf("shifted=%v/rounding=%v/%d", s.Shifted, rounding, n)
				b.Run("rows/"+name, func(b *testing.B) {
					kerneltest.PerUnit(b, "element", float64(len(x)), func() { SharedRows(dst, x, n, s, largest, rounding, random) })
				})
				b.Run("columns/"+name, func(b *testing.B) {
					exponents := make([]uint32, n)
					kerneltest.PerUnit(b, "element", float64(len(x)), func() {
						LargestColumns(exponents, x)
						s.Exponents(exponents)
						SharedColumns(dst, x, s, exponents, rounding, random)
					})
				})
				if !s.Shifted {
					b.Run("single/"+name, func(b *testing.B) {
						kerneltest.PerUnit(b, "element", float64(len(x)), func() {
							for r := range rows {
								row := x[r*n:][:n]
								g := Grid{Step: math.Ldexp(1, math.Ilogb(float64(MaxAbs(row)))-6), Lo: -128, Hi: 127}
								Values(dst[r*n:][:n], row, g, rounding, Random{Bits: 16, Start: r * n})
							}
						})
					})
				}
			}
		}
	}
	b.Run("random", func(b *testing.B) {
		draws := make([]uint16, 4096)
		kerneltest.PerUnit(b, "element", 4096, func() { philox.Bits(draws, philox.Draw{}, philox.Order{}, 0) })
	})
}
