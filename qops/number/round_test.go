package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// allRoundings are the names of every rounding that a format string can have.
func allRoundings() []string {
	names := append(Roundings(), "sr1", "sr2", "sr8", "sr15")
	return names
}

// linearOverflows are the names of the overflow modes of formats with equal steps.
var linearOverflows = []string{"sat", "sym", "wrap", "zero"}

// interesting returns elements around every threshold of a grid: codes, ties and their neighbours, around zero and
// around both ends, and the ends of float64 and float32 themselves.
func interesting(f Format, step float64) []float64 {
	elements := []float64{
		0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(),
		math.MaxFloat64, -math.MaxFloat64, math.MaxFloat32, -math.MaxFloat32,
		math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
		0x1p-126, -0x1p-126, 0x1p-1022, -0x1p-1022, 0x1.fffffep-127, -0x1.fffffep-127, 1e30, -1e30,
	}
	lo, hi := f.CodeRange()
	for _, anchor := range []int64{0, lo, hi, 2*lo - 1, 2*hi + 2, 4 * hi} {
		for d := int64(-3); d <= 3; d++ {
			for _, fraction := range []float64{0, 0.5, 0.25, 0x1p-16, 1 - 0x1p-16, 1.0 / 3} {
				x := (float64(anchor+d) + fraction) * step
				elements = append(elements, x, math.Nextafter(x, 2*x+1), math.Nextafter(x, -2*x-1),
					float64(float32(x)), float64(math.Nextafter32(float32(x), float32(math.Inf(1)))), float64(math.Nextafter32(float32(x), float32(math.Inf(-1)))))
			}
		}
	}
	return elements
}

// draws are random bits at the ends and in the middle.
var draws = []uint32{0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x1234}

// TestRoundIsTheDefinition compares Round with rational arithmetic over all kinds, roundings and overflows.
func TestRoundIsTheDefinition(t *testing.T) {
	grids := []struct {
		head, options string
		steps         []float64
		zeros         []int32
	}{
		{"fixed:w8f4", "", []float64{0x1p-4}, []int32{0}},
		{"fixed:u4f6", "", []float64{0x1p-6}, []int32{0}},
		{"fixed:w1f0", "", []float64{1}, []int32{0}},
		{"fixed:u1f-3", "", []float64{8}, []int32{0}},
		{"fixed:w24f149", "", []float64{0x1p-149}, []int32{0}},
		{"fixed:w53f20", "", []float64{0x1p-20}, []int32{0}},
		{"fixed:w8f-120", "", []float64{0x1p120}, []int32{0}},
		{"int:w8", ",scale=run,zero=auto", []float64{0.037, float64(float32(0.1)), 1.0 / 3, 0x1p-7, 3e36, 1e38, 5e-324, 1e-40, math.MaxFloat32, 0x1p127 - 0x1p102}, []int32{0, -127, 127, 5}},
		{"int:w2", ",scale=run,zero=auto", []float64{0.7}, []int32{0, 1, -1}},
		{"int:w32", ",scale=run,zero=auto", []float64{1.0 / 3}, []int32{0, math.MaxInt32, -math.MaxInt32}},
		{"bfp:w8e8", "", []float64{0x1p-134, 0x1p-6, 0x1p120, 0x1p121}, []int32{0}},
		{"bfp:w2e4", "", []float64{0x1p-8, 0x1p7}, []int32{0}},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, g := range grids {
		for _, rounding := range allRoundings() {
			for _, overflow := range linearOverflows {
				f := MustParse(fmt.Sprintf("%s%s,%s,%s", g.head, g.options, rounding, overflow))
				for _, step := range g.steps {
					for i, x := range interesting(f, step) {
						if random.IntN(samplingStep) != 0 {
							continue
						}
						zero := g.zeros[i%len(g.zeros)]
						r := draws[random.IntN(len(draws))]
						wantCode, wantClipped := defineCode(f, x, step, zero, r)
						code, clipped := f.Round(x, step, zero, r)
						if code != wantCode || clipped != wantClipped {
							t.Fatalf("%v: x = %v (%x), step %v, zero %d, r %#x: want %d (clipped %v), got %d (clipped %v)",
								f, x, x, step, zero, r, wantCode, wantClipped, code, clipped)
						}
					}
				}
			}
		}
	}
}

// TestRoundAnyQuotient compares quotients of random numbers of very different size.
func TestRoundAnyQuotient(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	number := func() float64 {
		for {
			// A few bits of significand make exact quotients and ties frequent.
			bits := random.Uint64() &^ (1<<random.IntN(53) - 1)
			if x := math.Abs(math.Float64frombits(bits)); x > 0 && !math.IsInf(x, 0) && !math.IsNaN(x) {
				return x
			}
		}
	}
	names := allRoundings()
	for i := range 20000 {
		f := MustParse(fmt.Sprintf("int:w%d,scale=run,%s,%s", 2+random.IntN(31), names[i%len(names)], Overflows()[i%4]))
		step := number()
		if step > math.MaxFloat32 {
			continue
		}
		x := number()
		if i%2 == 0 { // of the size of a code
			x = math.Ldexp(random.Float64(), random.IntN(40)-4) * step
		}
		if i%3 == 0 || math.IsInf(x, 0) {
			x = -step
		}
		r := random.Uint32()
		wantCode, wantClipped := defineCode(f, x, step, 0, r&0xffff)
		code, clipped := f.Round(x, step, 0, r)
		require.Equal(t, wantCode, code, "%v: x = %x, step %x, r %#x", f, x, step, r)
		require.Equal(t, wantClipped, clipped, "%v: x = %x, step %x, r %#x", f, x, step, r)
	}
}

func TestRoundWithoutCodes(t *testing.T) {
	for _, s := range []string{"float32", "exact"} {
		code, clipped := MustParse(s).Round(3, 1, 0, 0)
		require.Zero(t, code)
		require.False(t, clipped)
	}
}

func TestLimitOfAccumulators(t *testing.T) {
	for _, c := range []struct {
		format  string
		code    int64
		want    int64
		clipped bool
	}{
		{"acc:w8,wrap", 127, 127, false},
		{"acc:w8,wrap", 128, -128, true},
		{"acc:w8,wrap", -129, 127, true},
		{"acc:w8,wrap", 300, 44, true},
		{"acc:w8,sat", 128, 127, true},
		{"acc:w8,sat", -1000, -128, true},
		{"acc:w32,wrap", 1 << 31, -1 << 31, true},
		{"acc:w63,sat", 1<<62 - 1, 1<<62 - 1, false},
		{"acc:w63,sat", 1 << 62, 1<<62 - 1, true},
		{"exact", 1 << 40, 1 << 40, false},
		{"fixed:u8f0,rne,wrap", -1, 255, true},
	} {
		got, clipped := MustParse(c.format).Limit(c.code)
		require.Equal(t, c.want, got, "%s of %d", c.format, c.code)
		require.Equal(t, c.clipped, clipped, "%s of %d", c.format, c.code)
	}
}
