package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// awkward returns n values of all sizes, with NaN, infinities, zeros of both signs and subnormal numbers among them.
func awkward(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 7))
	special := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)), 1e-45, -1e-40, math.MaxFloat32}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64() * math.Ldexp(1, random.IntN(12)-6))
		if random.IntN(20) == 0 {
			x[i] = special[random.IntN(len(special))]
		}
	}
	return x
}

// requireSame compares values with all NaN alike.
func requireSame(t *testing.T, want, got []float32, message ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if math.Float32bits(want[i]) != math.Float32bits(got[i]) && (want[i] == want[i] || got[i] == got[i]) {
			require.Fail(t, "values differ", "element %d: %v, not %v; %v", i, got[i], want[i], message)
		}
	}
}

// A tensor cut into pieces of any length has the random bits, and so the values, of the whole.
func TestPartsDrawAsTheWhole(t *testing.T) {
	for _, shape := range [][]int{{1500}, {3, 500}, {2, 19, 5, 8}, {1, 3, 20, 25}} {
		for _, name := range []string{"fixed:w8f4,sr,sat", "float:e4m3fn,sr,sat", "fixed:w8f4,sr5,wrap", "int:w8,scale=0.037,sr,sat"} {
			f := MustParse(name)
			x := awkward(product(shape), 1)
			draw := Draw{Stream: NewStream(3, "part"), Execution: 2, Domain: Evaluation}
			want := make([]float32, len(x))
			wantStats, err := Quantize(f, want, x, shape, Options{Draw: draw})
			require.NoError(t, err)
			for _, piece := range []int{1, 7, 128, 700} {
				got := make([]float32, len(x))
				var stats Stats
				for start := 0; start < len(x); start += piece {
					end := min(start+piece, len(x))
					s, err := Quantize(f, got[start:end], x[start:end], []int{end - start}, Options{Draw: draw, Part: Part{Start: start, Shape: shape}})
					require.NoError(t, err)
					stats.Add(s)
				}
				requireSame(t, want, got, name, shape, piece)
				assert.Equal(t, wantStats, stats)
			}
		}
	}
}

// The same where pieces are longer than what is drawn at a time, and several threads work on one.
func TestLongPartsDrawAsTheWhole(t *testing.T) {
	for _, shape := range [][]int{{70001}, {2, 33, 31, 32}} {
		for _, name := range []string{"fixed:w8f4,sr,sat", "float:e5m2ieee,sr,sat", "int:w8,scale=0.037,sr7,sat"} {
			f := MustParse(name)
			x := awkward(product(shape), 4)
			o := Options{Draw: Draw{Stream: NewStream(3, "part")}, Threads: 3}
			want, got := make([]float32, len(x)), make([]float32, len(x))
			_, err := Quantize(f, want, x, shape, o)
			require.NoError(t, err)
			for start := 0; start < len(x); start += 29989 {
				end := min(start+29989, len(x))
				o.Part = Part{Start: start, Shape: shape}
				_, err := Quantize(f, got[start:end], x[start:end], []int{end - start}, o)
				require.NoError(t, err)
			}
			requireSame(t, want, got, name, shape)
		}
	}
}

func TestPartsAreChecked(t *testing.T) {
	f := MustParse("fixed:w8f4,sr,sat")
	for _, part := range []Part{{-1, []int{10}}, {5, []int{10}}, {0, []int{2, 2}}, {0, []int{-1}}, {math.MaxInt, []int{10}}} {
		_, err := Quantize(f, make([]float32, 6), make([]float32, 6), []int{6}, Options{Part: part})
		assert.Error(t, err, "%v", part)
	}
}

// Scales that are found piece by piece are those of the whole, and rounding with them gives its values.
func TestScaleFinder(t *testing.T) {
	for _, c := range []struct {
		name   string
		shape  []int
		axis   int
		pieces []int // in elements
	}{
		{"int:w8,scale=max,rne,sat", []int{3, 100}, 0, []int{1, 37, 300}},
		{"int:w8,scale=max,zero=auto,rne,sat", []int{300}, 0, []int{1, 37, 300}},
		{"bfp:w8e8,sr,sat", []int{300}, 0, []int{64}},
		{"bfp:w8e4,block=channel,rne,sat", []int{20, 5, 3}, 1, []int{15, 45, 300}},
		{"int:w5,scale=max,zero=auto,block=channel,rne,sat", []int{20, 3, 5}, 2, []int{5, 50}},
	} {
		f := MustParse(c.name)
		x := awkward(300, 2)
		var want Scales
		values := make([]float32, len(x))
		_, err := Quantize(f, values, x, c.shape, Options{ChannelAxis: c.axis, Scales: &want})
		require.NoError(t, err)
		for _, piece := range c.pieces {
			finder, err := NewScaleFinder(f, c.shape, c.axis)
			require.NoError(t, err)
			for start := 0; start < len(x); start += piece {
				FindScales(finder, x[start:min(start+piece, len(x))], 2)
			}
			got := finder.Scales()
			assert.Equal(t, want, *got, "%s %d", c.name, piece)
			again := make([]float32, len(x))
			_, err = Quantize(f, again, x, c.shape, Options{ChannelAxis: c.axis, Scales: got, UseScales: true})
			require.NoError(t, err)
			requireSame(t, values, again, c.name)
		}
	}
	for _, name := range []string{"fixed:w8f4,rne,sat", "int:w8,scale=run,rne,sat", "bfp:w8e8,block=16x16,rne,sat"} {
		_, err := NewScaleFinder(MustParse(name), []int{30, 30}, 0)
		assert.Error(t, err, name)
	}
	_, err := Quantize(MustParse("bfp:w8e8,rne,sat"), make([]float32, 2), make([]float32, 2), []int{2}, Options{UseScales: true})
	assert.ErrorContains(t, err, "none were given")
}
