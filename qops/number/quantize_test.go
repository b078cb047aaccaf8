package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// tensor returns elements of many sizes, with the given share of specials, ties and grid points.
func tensor[T Float](random *rand.Rand, elements int) []T {
	specials := []float64{
		0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, -math.MaxFloat32,
		math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, math.MaxFloat64, 1e30,
	}
	out := make([]T, elements)
	for i := range out {
		x := random.NormFloat64()
		switch random.IntN(12) {
		case 0:
			x = specials[random.IntN(len(specials))]
		case 1, 2:
			x = float64(random.IntN(600)-300) / 32 // points and ties of fixed:w8f4, and beyond its ends
		case 3:
			x = math.Ldexp(x, random.IntN(40)-30)
		case 4:
			x *= 6
		}
		out[i] = T(x)
	}
	return out
}

// finite replaces what is not finite, or huge.
func finite[T Float](x []T) []T {
	for i, v := range x {
		if !(math.Abs(float64(v)) < 1e20) {
			x[i] = T(i % 3)
		}
	}
	return x
}

// defined is a tensor quantized element by element: blocks and random bits by walking over the axes, scales and values
// in rational arithmetic, codes by Round, which has its own test against rational arithmetic.
type defined[T Float] struct {
	values  []T
	codes   []int64
	clipped []bool
	scales  Scales
	stats   Stats
}

func define[T Float](f Format, src []T, shape []int, axis int, draw Draw) defined[T] {
	d := defined[T]{values: make([]T, len(src)), codes: make([]int64, len(src)), clipped: make([]bool, len(src))}
	blockOf := func([]int) int { return 0 }
	count := 1
	if len(shape) > 1 && f.Block() != PerTensor {
		if f.Block() == PerSample {
			axis = 0
		}
		count = shape[axis]
		blockOf = func(index []int) int { return index[axis] }
	}
	blocks := make([][]float64, count)
	walk(shape, func(e int, index []int) {
		b := blockOf(index)
		blocks[b] = append(blocks[b], float64(src[e]))
	})
	d.scales.Step, d.scales.Zero = make([]float64, count), make([]int32, count)
	for b := range blocks {
		d.scales.Step[b], d.scales.Zero[b] = defineScale(f, blocks[b])
	}
	d.stats.Count = uint64(len(src))
	walk(shape, func(e int, index []int) {
		b := blockOf(index)
		element := uint64(e)
		if len(shape) == 4 {
			groups := (shape[1] + 15) / 16
			element = uint64((((index[0]*groups+index[1]/16)*shape[2]+index[2])*shape[3]+index[3])*16 + index[1]%16)
		}
		x, step, zero := float64(src[e]), d.scales.Step[b], d.scales.Zero[b]
		d.codes[e], d.clipped[e] = f.Round(x, step, zero, uint32(draw.Bits(element)))
		d.values[e] = defineValue[T](d.codes[e], zero, step)
		switch {
		case math.IsNaN(x):
			d.stats.NaN++
		case d.clipped[e]:
			d.stats.Clipped++
		case x != 0 && d.codes[e] == int64(zero):
			d.stats.Underflowed++
		}
		if math.IsInf(x, 0) {
			d.stats.Inf++
		}
	})
	return d
}

// walk visits the elements of a shape in row-major order.
func walk(shape []int, visit func(e int, index []int)) {
	index := make([]int, len(shape))
	count, _ := elementCount(shape)
	for e := range count {
		rest := e
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis], rest = rest%shape[axis], rest/shape[axis]
		}
		visit(e, index)
	}
}

var shapes = []struct {
	shape []int
	axis  int
}{
	{[]int{0}, 0},
	{nil, 0},
	{[]int{700}, 0},
	{[]int{37, 20}, 1},    // dense: short blocks
	{[]int{9, 77}, 0},     // long blocks
	{[]int{3, 40, 7}, 1},  // blocks of 7
	{[]int{3, 5, 129}, 1}, // blocks that come back
	{[]int{2, 19, 3, 5}, 1},
	{[]int{2, 19, 3, 5}, 0},
	{[]int{3, 16, 9, 9}, 1},
	{[]int{2, 3, 0, 5}, 2},
}

func TestQuantizeIsTheDefinition(t *testing.T) {
	var formats []string
	for _, head := range []string{
		"fixed:w8f4", "fixed:u4f2", "fixed:w16f24", "fixed:w24f12",
		"int:w8,scale=0.037", "int:w8,scale=0.25", "int:w4,scale=max,zero=auto", "int:w8,scale=max", "int:w8,scale=1e-50", "int:w8,scale=5e-324",
		"bfp:w8e8", "bfp:w4e2", "bfp:w24e8",
	} {
		for _, rounding := range []string{"rne", "floor", "sr", "sr3", "rna", "odd"} {
			for _, overflow := range linearOverflows {
				formats = append(formats, fmt.Sprintf("%s,%s,%s", head, rounding, overflow))
			}
		}
	}
	everyISA(t, func(t *testing.T) { quantizeAll(t, formats) })
}

// quantizeAll compares a sample of the formats, another one on every call.
func quantizeAll(t *testing.T, formats []string) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, uint64(len(t.Name()))))
	for i, s := range formats {
		f := MustParse(s).WithBlock(Block(i % 3))
		if random.IntN(3*samplingStep-2) != 0 {
			continue
		}
		for _, c := range shapes {
			elements, _ := elementCount(c.shape)
			for _, clean := range []bool{false, true} { // a huge element hides the grid of its block
				x32, x64 := tensor[float32](random, elements), tensor[float64](random, elements)
				if clean {
					x32, x64 = finite(x32), finite(x64)
				}
				checkQuantize(t, f, x32, c.shape, c.axis)
				checkQuantize(t, f, x64, c.shape, c.axis)
			}
		}
	}
}

func TestQuantizeWide(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, s := range []string{"fixed:w25f20,rne,sat", "fixed:w32f16,sr,wrap", "fixed:w53f40,sr,sat", "bfp:w53e8,rne,sat", "bfp:w40e8,floor,sat", "int:w32,scale=max,rne,sat"} {
		f := MustParse(s)
		checkQuantize(t, f, tensor[float64](random, 999), []int{27, 37}, 0)
		_, err := Quantize(f, make([]float32, 1), make([]float32, 1), []int{1}, Options{})
		require.ErrorContains(t, err, "wider than the 24 bits of a float32")
	}
}

// checkQuantize compares Quantize, Encode and Decode with the definition.
func checkQuantize[T Float](t *testing.T, f Format, src []T, shape []int, axis int) {
	t.Helper()
	draw := Draw{Stream: NewStream(9, "test"), Execution: 2, Domain: FullGradient}
	want := define(f, src, shape, axis, draw)
	name := func(e int) string {
		return fmt.Sprintf("%v on %T%v (channel axis %d), element %d: %v (%x)", f, src, shape, axis, e, src[e], float64(src[e]))
	}
	for _, threads := range []int{1, 3} {
		for _, mask := range []bool{false, true} {
			var scales Scales
			o := Options{ChannelAxis: axis, Scales: &scales, Draw: draw, Threads: threads}
			if mask {
				o.Clipped = make([]bool, len(src))
			}
			got := make([]T, len(src))
			stats, err := Quantize(f, got, src, shape, o)
			require.NoError(t, err)
			for e := range got {
				if floatBits(want.values[e]) != floatBits(got[e]) {
					t.Fatalf("want %v, got %v: %s", want.values[e], got[e], name(e))
				}
			}
			require.Equal(t, want.stats, stats, "%v on %T%v", f, src, shape)
			if len(src) > 0 {
				require.Equal(t, want.scales.Step, scales.Step)
			}
			if f.ZeroAuto() && len(src) > 0 {
				require.Equal(t, want.scales.Zero, scales.Zero)
			}
			if mask {
				require.Equal(t, want.clipped, o.Clipped)
			}
			if f.checkCodes() != nil {
				continue
			}
			codes := make([]int32, len(src))
			encoded, err := Encode(f, codes, src, shape, o)
			require.NoError(t, err)
			require.Equal(t, stats, encoded)
			for e := range codes {
				if want.codes[e] != int64(codes[e]) {
					t.Fatalf("want code %d, got %d: %s", want.codes[e], codes[e], name(e))
				}
			}
			decoded := make([]T, len(src))
			require.NoError(t, Decode(f, decoded, codes, shape, &scales, axis))
			require.True(t, sameBits(got, decoded), "Decode differs from Quantize: %v on %T%v", f, src, shape)
		}
	}
}

// sameBits reports whether two tensors are the same, -0 and +0 apart.
func sameBits[T Float](a, b []T) bool {
	for i := range a {
		if floatBits(a[i]) != floatBits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// floatBits returns the bits of a number, so that -0 and +0 differ.
func floatBits[T Float](x T) uint64 { return math.Float64bits(float64(x)) }
