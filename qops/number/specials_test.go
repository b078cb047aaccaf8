package number

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// special is what becomes of elements that are no common numbers, in a block that also holds 1 and -2.
type special struct{ nan, inf, minusInf, minusZero, subnormal float64 }

var (
	nan, inf  = math.NaN(), math.Inf(1)
	minusZero = math.Copysign(0, -1)
)

// specials are the documented results; every kind has its line.
var specials = map[string]special{
	"float32":                          {nan, inf, -inf, minusZero, 0x1p-140},
	"fixed:w8f4,rne,sat":               {0, 127.0 / 16, -8, 0, 0},
	"fixed:w8f4,ceil,zero":             {0, 0, 0, 0, 1.0 / 16},
	"fixed:w8f4,rne,wrap":              {0, 127.0 / 16, -8, 0, 0},
	"fixed:w24f149,rne,sat":            {0, (1<<23 - 1) * 0x1p-149, -0x1p-126, 0, 0x1p-140},
	"int:w8,scale=0.5,rne,sym":         {0, 63.5, -63.5, 0, 0},
	"bfp:w4e8,rne,sat":                 {0, 3.5, -4, 0, 0},
	"float:e4m3fn,rne,sat":             {nan, 448, -448, minusZero, 0},
	"float:e4m3fn,rne,inf":             {nan, nan, nan, minusZero, 0},
	"float:e5m2ieee,rne,inf":           {nan, inf, -inf, minusZero, 0},
	"float:e5m2ieee,ceil,zero":         {nan, 0, minusZero, minusZero, 0x1p-16},
	"float:e4m3fnuz,rne,sat":           {nan, 240, -240, 0, 0},
	"float:e2m1fn,rne,sat":             {0, 6, -6, minusZero, 0},
	"float:e8m23ieee,rne,sat":          {nan, math.MaxFloat32, -math.MaxFloat32, minusZero, 0x1p-140},
	"mx:e5m2,scale=floor,rne,inf":      {nan, inf, -inf, minusZero, 0},
	"mx:e4m3,scale=floor,rne,sat":      {nan, 3.5, -3.5, minusZero, 0},
	"mx:e2m1,scale=floor,rne,sat":      {nan, 3, -3, minusZero, 0},
	"mx:int8,scale=floor,rne,sat":      {nan, 127.0 / 32, -4, 0, 0},
	"nv:e2m1,rne,sat":                  {nan, 6 * 0.34375, -6 * 0.34375, minusZero, 0},
	"log2:w4g1,rne,sat":                {0, 2, -2, 0, 0},
	"ternary:t0.7":                     {0, 2, -2, 0, 0},
	"binary:unit":                      {1, 1, -1, 1, 1},
	"posit:n8es2,rne":                  {nan, nan, nan, 0, 0x1p-24},
	"levels:2,uniform,rne":             {1, 1, -2, 1, 1},
	"sparse:t0.01":                     {nan, inf, -inf, 0, 0},
	"fixed:w8f4,rne,sat+qpytorch":      {nan, 127.0 / 16, -8, 0, 0},
	"float:e5m2noinf,rne,sat+qpytorch": {114688, 114688, -114688, 0, 0},
}

// TestSpecialElements looks at each special element beside numbers, by itself in float32 and float64.
func TestSpecialElements(t *testing.T) {
	kindsSeen := map[string]bool{}
	for s, want := range specials {
		f := MustParse(s)
		kindsSeen[f.Kind()] = true
		for i, x := range []float64{nan, inf, -inf, minusZero, 0x1p-140} {
			expected := []float64{want.nan, want.inf, want.minusInf, want.minusZero, want.subnormal}[i]
			got32 := make([]float32, 3)
			_, err := Quantize(f, got32, []float32{1, float32(x), -2}, []int{3}, Options{})
			require.NoError(t, err)
			assert.True(t, same(expected, float64(got32[1])), "%s: %v became %v, documented is %v", s, x, got32[1], expected)
			got64 := make([]float64, 3)
			_, err = Quantize(f, got64, []float64{1, x, -2}, []int{3}, Options{})
			require.NoError(t, err)
			assert.True(t, same(expected, got64[1]), "%s in float64: %v became %v, documented is %v", s, x, got64[1], expected)
		}
	}
	for _, k := range kinds {
		if !k.sums() {
			assert.True(t, kindsSeen[k.name()], "no special elements are tested in %s", k.name())
		}
	}
}

// TestNothingAndTooLittle quantizes, encodes and decodes tensors without elements, and tensors smaller than a block.
func TestNothingAndTooLittle(t *testing.T) {
	for s := range specials {
		f := MustParse(s)
		for _, shape := range [][]int{{0}, {3, 0}, {0, 2, 2, 2}, {}, {1}, {2, 3}} {
			n, err := elementCount(shape)
			require.NoError(t, err)
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(i) - 0.5
			}
			got := make([]float32, n)
			var scales Scales
			stats, err := Quantize(f, got, x, shape, Options{Scales: &scales})
			require.NoError(t, err, "%s of shape %v", s, shape)
			assert.Equal(t, uint64(n), stats.Count)
			if f.IsFloat32() {
				continue
			}
			codes := make([]int32, n)
			_, err = Encode(f, codes, x, shape, Options{Scales: &scales})
			require.NoError(t, err)
			decoded := make([]float32, n)
			require.NoError(t, Decode(f, decoded, codes, shape, &scales, 0))
			assert.True(t, sameNumbers(got, decoded), "%s of shape %v: %v decodes to %v", s, shape, got, decoded)
		}
	}
}
