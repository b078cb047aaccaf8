package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSparseIsTheDefinition: float32 of x, and 0 below the threshold, on patterns of every size of number.
func TestSparseIsTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, threshold := range []float64{0.01, 1, 0x1p-149, 3e-46, 0x1p-126, 1e38} {
		f := MustParse("sparse:t" + decimal(threshold))
		x := []float64{threshold, -threshold, math.Nextafter(threshold, 0), 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e300, math.MaxFloat32, 0x1p-150, 0x1.8p-150}
		for range 4000 {
			x = append(x, float64(math.Float32frombits(random.Uint32())), math.Float64frombits(random.Uint64()), threshold*(1+0x1p-24*random.NormFloat64()))
		}
		got, codes := make([]float64, len(x)), make([]int32, len(x))
		clipped := make([]bool, len(x))
		stats, err := Quantize(f, got, x, []int{len(x)}, Options{Clipped: clipped})
		require.NoError(t, err)
		_, err = Encode(f, codes, x, []int{len(x)}, Options{})
		require.NoError(t, err)
		lost := 0
		for i, v := range x {
			want := float64(float32(v))
			if math.Abs(want) < threshold {
				want = 0
				if v != 0 {
					lost++
				}
			}
			require.True(t, same(want, got[i]), "%v: %v became %v", f, v, got[i])
			if !math.IsNaN(v) {
				require.Equal(t, math.Float32bits(float32(want)), uint32(codes[i]))
			}
			require.Equal(t, math.IsInf(want, 0) && !math.IsInf(v, 0), clipped[i])
		}
		assert.Equal(t, uint64(lost), stats.Underflowed)
		again := make([]float64, len(x))
		require.NoError(t, Decode(f, again, codes, []int{len(x)}, nil, 0))
		assert.True(t, equalBits(got, again))
		_, err = Quantize(f, again, got, []int{len(x)}, Options{})
		require.NoError(t, err)
		assert.True(t, equalBits(got, again), "a second time changes nothing")
	}
}

// TestSparseStorage packs by hand, and any density in the size that the description claims.
func TestSparseStorage(t *testing.T) {
	f := MustParse("sparse:t0.5")
	packed, err := Pack(f, []int32{0, 0x3f800000, 0, 0}, nil)
	require.NoError(t, err)
	assert.Equal(t, []byte{0x02, 0x00, 0x00, 0xf8, 0x03}, packed) // 0b0010, then 0x3f800000 << 4
	random := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{0, 1, 7, 8, 100} {
		for _, density := range []float64{0, 0.1, 1} {
			codes, nonzeros := make([]int32, n), 0
			for i := range codes {
				if random.Float64() < density {
					codes[i] = int32(math.Float32bits(float32(1 + random.Float64())))
					nonzeros++
				}
			}
			packed, err := Pack(f, codes, nil)
			require.NoError(t, err)
			require.Len(t, packed, (n+32*nonzeros+7)/8)
			back, scales, err := Unpack(f, packed, []int{n}, 0)
			require.NoError(t, err)
			require.Equal(t, codes, back)
			require.NoError(t, Decode(f, make([]float32, n), back, []int{n}, scales, 0))
			if n > 0 && nonzeros > 0 {
				_, _, err = Unpack(f, packed[:len(packed)-1], []int{n}, 0)
				require.ErrorContains(t, err, "are not 0 into")
			}
		}
	}
	assert.Equal(t, -1, f.PackedSize(10, 1))
	_, err = NewPacker(nil, f)
	require.ErrorContains(t, err, "use Pack")
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "takes a bit for each of 3"},
		{[]byte{0x08}, "bits behind the end"},
		{[]byte{0x01, 0, 0, 0, 0}, "said not to be 0"},
	} {
		_, _, err := Unpack(f, c.data, []int{3}, 0)
		require.ErrorContains(t, err, c.want)
	}
	require.ErrorContains(t, Decode(f, make([]float32, 1), []int32{0x3e000000}, []int{1}, nil, 0), "none of sparse:t0.5")
	require.ErrorContains(t, Decode(f, make([]float32, 1), []int32{math.MinInt32}, []int{1}, nil, 0), "none of sparse:t0.5")
}

func TestSparseStrings(t *testing.T) {
	requireFaults(t, []fault{
		{"sparse", 6, "the threshold is missing: write t"},
		{"sparse:t-1", 8, "must be a positive number"},
		{"sparse:t1e39", 8, "must be a positive number of float32's range"},
		{"sparse:t0.1,rne", 12, "sparse goes by a threshold alone: leave rne out"},
		{"sparse:t0.1,block=32", 12, "sparse takes no option"},
	})
	f := MustParse("sparse:t0.010")
	assert.Equal(t, "sparse:t0.01", f.String())
	d := f.Describe()
	assert.Equal(t, []string{"-3.4028234663852886e+38", "3.4028234663852886e+38", "that of float32; nothing between 0 and 0.01", "0.01", "code 0x7fc00000", "code 0x7f800000", "straight through", "1 bit per value, and 32 for each that is not 0"},
		[]string{d.Lowest, d.Highest, d.Step, d.Smallest, d.NaN, d.Infinity, d.Gradient, d.Storage})
}
