package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSWALPKeepsItsQuirks holds +swalp to what the code of SWALP's authors does. The numbers of exponents that are one too
// large were counted with that code: floor(log2(max)) with a logarithm in float32.
func TestSWALPKeepsItsQuirks(t *testing.T) {
	f, plain := MustParse("bfp:w8e8,rne,sat+swalp"), MustParse("bfp:w8e8,rne,sat")
	for exponent, want := range map[int]int{2: 0, 4: 1, 8: 2, 16: 5, 64: 22} {
		tooLarge := 0
		x := float32(math.Ldexp(1, exponent))
		for range 64 {
			x = math.Nextafter32(x, 0)
			var theirs, ours Scales
			_, err := Quantize(f, make([]float32, 1), []float32{x}, []int{1}, Options{Scales: &theirs})
			require.NoError(t, err)
			_, err = Quantize(plain, make([]float32, 1), []float32{x}, []int{1}, Options{Scales: &ours})
			require.NoError(t, err)
			if theirs.Step[0] != ours.Step[0] {
				assert.Equal(t, 2*ours.Step[0], theirs.Step[0])
				tooLarge++
			}
		}
		assert.Equal(t, want, tooLarge, "of the 64 numbers below 2^%d", exponent)
	}
}

// TestSWALPRoundsInFloat32 compares with its formula, clamp(floor(x*2^(w-2-E) + u)), in steps of one float32 operation.
func TestSWALPRoundsInFloat32(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	draw := Draw{Stream: NewStream(5, "swalp")}
	x := make([]float32, 4000)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	x[0] = 3.75 // E = 1
	for i := range x {
		x[i] = min(max(x[i], -3.75), 3.75)
	}
	x[1], x[2], x[3] = 0, float32(math.Copysign(0, -1)), 101.99999/32
	for i := 10; i < 200; i++ { // with its random number, just below a whole one
		u := float32(draw.Bits(uint64(i))) / 65536
		x[i] = math.Nextafter32(1-u, 0) / 32
	}
	differ := 0
	for _, s := range []string{"bfp:w8e8,rne,sat+swalp", "bfp:w8e8,sr,sat+swalp"} {
		f := MustParse(s)
		got := make([]float32, len(x))
		_, err := Quantize(f, got, x, []int{len(x)}, Options{Draw: draw})
		require.NoError(t, err)
		for i, v := range x {
			scaled := v * 32 // exact
			code := math.RoundToEven(float64(scaled))
			if f.Stochastic() {
				u := float32(draw.Bits(uint64(i))) / 65536
				sum := scaled + u // rounded to float32
				code = math.Floor(float64(sum))
				if code != math.Floor(float64(scaled)+float64(u)) {
					differ++
				}
			}
			want := float32(math.Min(math.Max(code, -128), 127) / 32)
			require.Equal(t, want, got[i], "%s of %v", s, v)
		}
	}
	assert.Positive(t, differ, "no sum was rounded to another code, so that the test shows nothing")
	// A block of zeros is left alone, with the signs.
	got := make([]float32, 2)
	_, err := Quantize(MustParse("bfp:w8e8,rne,sat+swalp"), got, x[1:3], []int{2}, Options{})
	require.NoError(t, err)
	assert.True(t, sameNumbers([]float32{0, float32(math.Copysign(0, -1))}, got))
}
