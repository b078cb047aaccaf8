package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// lineFormats are formats of which tensors are compared with their lines, element by element.
var lineFormats = []string{
	"float:e4m3fn,%s,sat", "float:e4m3fn,%s,inf", "float:e5m2ieee,%s,inf", "float:e5m2ieee,%s,zero", "float:e4m3fnuz,%s,inf", "float:e2m1fn,%s,sat",
	"float:e8m7ieee,%s,inf", "float:e5m10ieee,%s,sat", "float:e8m23ieee,%s,sat", "float:e8m3noinf,%s,sat", "float:e3m0fn,%s,zero", "float:e8m22fnuz,%s,sat",
	"mx:e5m2,scale=floor,%s,inf", "mx:e4m3,scale=ceil,%s,sat", "mx:e3m2,scale=rne,%s,sat", "mx:int8,scale=floor,%s,sym", "nv:e2m1,%s,sat",
	"mx:e2m1,scale=floor,axis=0,%s,sat", "mx:e4m3,scale=floor,axis=1,%s,sat", "mx:int8,scale=ceil,axis=1,%s,sat", "bfp:w8e8,block=32,axis=1,%s,sat", "bfp:w8e8,block=16,axis=0,%s,sym",
}

// TestTensorsAreTheirLines compares Quantize and Encode, which use kernels where they can, with what the line of its
// block gives for each element by itself, on every instruction set.
func TestTensorsAreTheirLines(t *testing.T) {
	everyISA(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(11, 5))
		for i, name := range lineFormats {
			for j, rounding := range []string{"rne", "floor", "sr", "sr3", "rna", "trunc"} {
				f := MustParse(fmt.Sprintf(name, rounding))
				for k, shape := range [][]int{{700}, {9, 77}, {3, 5, 129}, {2, 19, 3, 5}, {2, 16, 8, 8}, {0, 3}} {
					if (i+j+k)%samplingStep > 1 || int(f.Tile().Axis) >= len(shape) {
						continue
					}
					elements, err := elementCount(shape)
					require.NoError(t, err)
					compareWithLines(t, f, wideTensor[float32](random, elements), shape)
					compareWithLines(t, f, wideTensor[float64](random, elements), shape)
				}
			}
		}
	})
}

// wideTensor makes elements of all exponents, most of them near 1, some of them ties of short mantissas, some special.
func wideTensor[T Float](random *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		v := random.NormFloat64()
		switch random.IntN(12) {
		case 0:
			v = math.Ldexp(v, random.IntN(300)-160)
		case 1, 2:
			v = math.Ldexp(float64(random.IntN(64)), random.IntN(40)-20)
		case 3:
			v = []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, 0x1p-149, -0x1p-126}[random.IntN(8)]
		case 4:
			v = math.Nextafter(math.Ldexp(float64(random.IntN(64)), random.IntN(40)-20), math.Inf(random.IntN(2)*2-1))
		case 5:
			v = math.Ldexp(v, random.IntN(12))
		}
		x[i] = T(v)
	}
	return x
}

func compareWithLines[T Float](t *testing.T, f Format, x []T, shape []int) {
	t.Helper()
	draw := Draw{Stream: NewStream(2, "lines"), Execution: 9, Domain: Evaluation}
	var scales Scales
	got := make([]T, len(x))
	clipped := make([]bool, len(x))
	stats, err := Quantize(f, got, x, shape, Options{Draw: draw, Scales: &scales, Clipped: clipped, Threads: 3})
	require.NoError(t, err)
	plain := make([]T, len(x))
	again, err := Quantize(f, plain, x, shape, Options{Draw: draw, Threads: 1})
	require.NoError(t, err)
	require.Equal(t, stats, again)
	codes := make([]int32, len(x))
	encoded, err := Encode(f, codes, x, shape, Options{Draw: draw})
	require.NoError(t, err)
	require.Equal(t, stats, encoded)
	want := Stats{Count: uint64(len(x))}
	for e, v := range x {
		c := cellOf(f, &scales, scales.Blocks.Of(e))
		p, over := c.round(float64(v), uint32(draw.Bits(ElementIndex(shape, e))))
		value := cellValue[T](&c, p)
		want.note(float64(v), over, p.class == ordinary && p.ordinal == 0)
		name := fmt.Sprintf("%v on %T%v, element %d: %v (%x)", f, x, shape, e, v, float64(v))
		require.True(t, same(float64(value), float64(got[e])), "want %v, got %v: %s", value, got[e], name)
		require.True(t, same(float64(value), float64(plain[e])), "want %v, got %v without a mask: %s", value, plain[e], name)
		require.Equal(t, over, clipped[e], "clipped: %s", name)
		if p.class != notANumber {
			require.Equal(t, int32(c.code(p)), codes[e], "code: %s", name)
		}
	}
	require.Equal(t, want, stats, "%v", f)
}
