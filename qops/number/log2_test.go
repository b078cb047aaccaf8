package number

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// defineOctave finds float32(2^(j/g)) by trying all float32 numbers near it: the one whose distance is least, by the
// g-th powers of the middles to its neighbours.
func defineOctave(g, j int) float64 {
	want := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(j)))
	power := func(a, b float32) *big.Rat {
		middle := new(big.Rat).SetFloat64((float64(a) + float64(b)) / 2)
		out := big.NewRat(1, 1)
		for range g {
			out.Mul(out, middle)
		}
		return out
	}
	x := float32(math.Pow(2, float64(j)/float64(g))) - 0x1p-20
	for {
		up := math.Nextafter32(x, 2)
		if power(x, up).Cmp(want) > 0 {
			return float64(x)
		}
		x = up
	}
}

// definedLog2 lists the values from zero up, for a top counted in steps of 1/g.
func definedLog2(w, g, top int) []float64 {
	values := []float64{0}
	for m := 1; m < 1<<(w-1); m++ {
		k := top + m - (1<<(w-1) - 1)
		e := int(math.Floor(float64(k) / float64(g)))
		values = append(values, math.Ldexp(defineOctave(g, k-e*g), e))
	}
	return values
}

// defineLog2Code rounds by the list of values; next is the value that would follow the last.
func defineLog2Code(values []float64, next float64, x float64, rounding, overflow string, bits int, r uint32) (ordinal int64, clipped bool) {
	last := int64(len(values) - 1)
	end := func() int64 {
		switch {
		case overflow == "zero":
			return 0
		case x < 0:
			return -last
		}
		return last
	}
	switch {
	case math.IsNaN(x):
		return 0, false
	case math.IsInf(x, 0) || math.Abs(x) >= next:
		return end(), true
	}
	all := append(slices.Clone(values), next)
	i, found := slices.BinarySearch(all, math.Abs(x))
	q := big.NewRat(int64(i), 1)
	if !found {
		rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
		q.Quo(new(big.Rat).Sub(rat(math.Abs(x)), rat(all[i-1])), new(big.Rat).Sub(rat(all[i]), rat(all[i-1])))
		q.Add(q, big.NewRat(int64(i-1), 1))
	}
	ordinal = defineRounding(rounding, bits, signedRat(q, x), r).Int64()
	if max(ordinal, -ordinal) > last {
		return end(), true
	}
	return ordinal, false
}

func TestOctaves(t *testing.T) {
	for g := 1; g <= maxLog2Steps; g++ {
		for j := range g {
			assert.Equal(t, defineOctave(g, j), octaves()[g][j], "2^(%d/%d)", j, g)
		}
	}
}

// TestLog2IsTheDefinition rounds at, between and beside the values, with tops given and found.
func TestLog2IsTheDefinition(t *testing.T) {
	for _, c := range []struct{ w, g, top int }{{4, 1, 0}, {4, 1, 127}, {2, 3, 5}, {3, 2, -100}, {5, 4, 1}, {8, 16, -3}, {8, 1, 0}, {6, 7, -90}} {
		values := definedLog2(c.w, c.g, c.top*c.g)
		next := definedLog2(2, c.g, c.top*c.g+1)[1]
		var elements []float64
		for i, v := range values {
			u := next
			if i+1 < len(values) {
				u = values[i+1]
			}
			for _, x := range []float64{v, (v + u) / 2, v + (u-v)/3, v + (u-v)*0x1p-16, v + (u-v)*0.9} {
				for _, y := range []float64{x, math.Nextafter(x, 0), math.Nextafter(x, math.Inf(1))} {
					elements = append(elements, y, -y)
				}
			}
		}
		elements = append(elements, next, -2*next, 0x1p-149, math.SmallestNonzeroFloat64, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1))
		for i, rounding := range allRoundings() {
			overflow := []string{"sat", "zero"}[i%2]
			f := MustParse(fmt.Sprintf("log2:w%dg%d,top=%d,%s,%s", c.w, c.g, c.top, rounding, overflow))
			found := MustParse(fmt.Sprintf("log2:w%dg%d,%s,%s", c.w, c.g, rounding, overflow))
			for i, x := range elements {
				r := draws[i%len(draws)]
				want, wantClipped := defineLog2Code(values, next, x, rounding, overflow, f.Rounding().Bits(), r)
				if want < 0 {
					want = 1<<(c.w-1) - want
				}
				for _, f := range []Format{f, found} {
					got, clipped := f.Round(x, values[len(values)-1], 0, r)
					require.True(t, want == got && wantClipped == clipped, "%v: x = %v (%x), r %#x: want %d (%v), got %d (%v)",
						f, x, x, r, want, wantClipped, got, clipped)
				}
			}
		}
		checkLog2Codes(t, c.w, c.g, c.top, values)
	}
}

func checkLog2Codes(t *testing.T, w, g, top int, values []float64) {
	t.Helper()
	f := MustParse(fmt.Sprintf("log2:w%dg%d,top=%d,rne,sat", w, g, top))
	for code := range int32(1) << w {
		got := make([]float32, 1)
		err := Decode(f, got, []int32{code}, []int{1}, nil, 0)
		m := int(code) % (1 << (w - 1))
		if int(code) != m && m == 0 {
			require.ErrorContains(t, err, "is none of")
			continue
		}
		require.NoError(t, err)
		want := values[m]
		if int(code) != m {
			want = -want
		}
		require.Equal(t, math.Float64bits(want), math.Float64bits(float64(got[0])), "code %d of %v", code, f)
	}
}

// TestLog2Tops finds the top of blocks by trying one after the other.
func TestLog2Tops(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct{ w, g int }{{4, 1}, {5, 3}, {2, 16}, {8, 1}, {8, 4}} {
		f := MustParse(fmt.Sprintf("log2:w%dg%d,block=sample,rne,sat", c.w, c.g))
		least, most := -126*c.g+(1<<(c.w-1)-2), 127*c.g+c.g-1
		var octave []float64
		for j := range c.g {
			octave = append(octave, defineOctave(c.g, j))
		}
		value := func(k int) float64 {
			e := int(math.Floor(float64(k) / float64(c.g)))
			return math.Ldexp(octave[k-e*c.g], e)
		}
		for range 60 {
			x := []float64{0, 0, math.NaN(), math.Inf(1)}
			x[0] = math.Ldexp(random.Float64()+1, random.IntN(270)-140)
			if random.IntN(4) == 0 {
				x[0] = math.Ldexp(octave[random.IntN(c.g)], random.IntN(250)-125)
			}
			top := least
			for top < most && value(top) < x[0] {
				top++
			}
			x[1] = -x[0] / 3
			var scales Scales
			_, err := Quantize(f, make([]float64, 8), append(x, 0, 0, 0, 0), []int{2, 4}, Options{Scales: &scales})
			require.NoError(t, err)
			require.Equal(t, []float64{value(top), value(least)}, scales.Step, "%v, %v", f, x[0])
		}
	}
}

func TestLog2Strings(t *testing.T) {
	requireCanonical(t, map[string]string{
		"log2:w4g1,rne,sat":                  "log2:w4g1,rne,sat",
		"log2:w4g2,sat,top=-3,sr":            "log2:w4g2,top=-3,sr,sat",
		"log2:w8g16,block=16x16,floor,zero":  "log2:w8g16,block=16x16,floor,zero",
		"log2:w8g1,top=0,rne,sat":            "log2:w8g1,top=0,rne,sat",
		"log2:w5g3,block=channel,odd,sat":    "log2:w5g3,block=channel,odd,sat",
		"log2:w5g3,block=32,axis=1,sr8,zero": "log2:w5g3,block=32,axis=1,sr8,zero",
	})
	requireFaults(t, []fault{
		{"log2:w4,rne,sat", 7, "the number of steps to the octave is missing: write g"},
		{"log2:w13g16,rne,sat", 6, "must be in 2 to 12"},
		{"log2:w9g1,rne,sat", 7, "further than float32's 254 octaves"},
		{"log2:w8g1,top=-1,rne,sat", 14, "in 0 to 127"},
		{"log2:w4g1,top=128,rne,sat", 14, "in -120 to 127"},
		{"log2:w4g1,top=1.5,rne,sat", 14, "must be a whole number"},
		{"log2:w4g1,top=1,block=32,rne,sat", 22, "the same for all blocks"},
		{"log2:w4g1,rne,wrap", 14, "no integers that could wrap"},
		{"log2:w4g1,rne,sym", 14, "symmetric already"},
		{"log2:w4g1,rne,inf", 14, "needs a format with a code for infinity"},
	})
	for s, want := range map[string]string{
		"log2:w4g1,rne,sat":       "-2^top 2^top a factor of 2 2^(top-6) 4 8",
		"log2:w4g2,rne,sat":       "-2^top 2^top a factor of 2^(1/2) 2^(top-6/2) 4 9",
		"log2:w4g2,top=3,rne,sat": "-2^3 2^3 a factor of 2^(1/2) 1 4 0",
	} {
		d := MustParse(s).Describe()
		assert.Equal(t, want, fmt.Sprint(d.Lowest, " ", d.Highest, " ", d.Step, " ", d.Smallest, " ", d.BitsPerElement, " ", d.BitsPerBlock))
	}
}

// TestLog2Tensors: special numbers, statistics, empty tensors and blocks larger than the tensor.
func TestLog2Tensors(t *testing.T) {
	f := MustParse("log2:w3g1,block=32,rne,sat") // 4 2 1 0 for a largest magnitude of 4 or less, down to above 2
	x := []float32{3.9, -1.4, 0.6, float32(math.NaN()), float32(math.Inf(-1)), float32(math.Copysign(0, -1)), 1e-45, 0.4}
	y := make([]float32, len(x))
	clipped := make([]bool, len(x))
	stats, err := Quantize(f, y, x, []int{1, 8}, Options{Clipped: clipped})
	require.NoError(t, err)
	assert.Equal(t, []float32{4, -1, 1, 0, -4, 0, 0, 0}, y)
	assert.False(t, math.Signbit(float64(y[5])))
	assert.Equal(t, Stats{Count: 8, Clipped: 1, Underflowed: 2, NaN: 1, Inf: 1}, stats)
	assert.Equal(t, []bool{false, false, false, false, true, false, false, false}, clipped)
	_, err = Quantize(f, nil, []float32{}, []int{0, 8}, Options{})
	require.NoError(t, err)
}
