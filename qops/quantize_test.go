package qops_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// A quantize node gives the bits of number.Quantize, in place or not, and the codes that the values stand for.
func TestQuantizeNodeIsNumberQuantize(t *testing.T) {
	for _, f := range operandFormats[1:] {
		t.Run(f, func(t *testing.T) {
			testQuantizeNode[float32](t, number.MustParse(f))
			testQuantizeNode[float64](t, number.MustParse(f))
		})
	}
}

func testQuantizeNode[T qops.Float](t *testing.T, f number.Format) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	shape := []int{3, 5, 7, 2}
	src := make([]T, elements(shape))
	for i := range src {
		src[i] = T(rng.NormFloat64() * math.Ldexp(1, rng.IntN(20)-10))
	}
	draw := number.Draw{Stream: number.NewStream(1, "a"), Execution: 7, Domain: number.FullGradient}
	want := make([]T, len(src))
	wantStats, err := number.Quantize(f, want, src, shape, number.Options{ChannelAxis: 1, Draw: draw, Threads: 1})
	require.NoError(t, err)

	_, op := qops.NewQuantize(inputs(dtypeOf[T](), shape)[0], f, 1, number.NewStream(1, "a"))
	op.MarkClipped = true
	x := array[T](shape, make([]float64, len(src)))
	for run := range 2 {
		copy(qops.Data[T](x), src)
		call := &qops.Call{Out: x, In: []*qops.Array{x}, Threads: 1 + 2*run, Execution: 7, Domain: number.FullGradient}
		require.NoError(t, op.Run(call))
		requireSameBits(t, want, qops.Data[T](x), f.String())
	}
	runs, stats := op.Counts()
	require.Equal(t, uint64(2), runs)
	require.Equal(t, 2*wantStats.Clipped, stats.Clipped)
	require.Equal(t, 2*wantStats.Underflowed, stats.Underflowed)
	clipped := uint64(0)
	for _, c := range x.Grid.Clipped {
		if c {
			clipped++
		}
	}
	require.Equal(t, wantStats.Clipped, clipped)
	require.Equal(t, f.Kind() == "int", x.Grid.Codes != nil)
	if x.Grid.Codes != nil {
		for i, c := range x.Grid.Codes.F64 {
			step := x.Grid.Scales.Step[x.Grid.Scales.Blocks.Of(i)]
			require.InDelta(t, c*step, float64(want[i]), 1e-6*math.Abs(c*step))
			require.Equal(t, c, math.Trunc(c))
		}
	}
}

// A value is the product of code and scale rounded once, also where the product in float64 lies on a tie of float32.
func TestQuantizedValuesAreRoundedOnce(t *testing.T) {
	// 3 * step lies just above the tie between two float32 numbers; rounded to float64 it is the tie, whose even
	// neighbour is the lower one.
	step := (1 + 0x1p-24) / 3
	for math.FMA(3, step, -(1+0x1p-24)) <= 0 {
		step = math.Nextafter(step, 1)
	}
	require.Equal(t, 1+0x1p-24, 3*step)
	f := number.MustParse("int:w8,scale=run,rne,sat")
	node, op := qops.NewQuantize(inputs(gorgonia.Float32, []int{1, 1})[0], f, 0, number.Stream{})
	require.NotNil(t, node)
	op.Given = &number.Scales{Blocks: number.Blocks{Count: 1, Inner: 1}, Step: []float64{step}}
	x := array[float32]([]int{1, 1}, []float64{1})
	require.NoError(t, op.Run(&qops.Call{Out: x, In: []*qops.Array{x}, Threads: 1}))
	require.Equal(t, float32(1+0x1p-23), x.F32[0])
}

// Where the gate is closed, neither value nor code passes.
func TestClipGateStopsCodesToo(t *testing.T) {
	shape := []int{2, 4}
	in := inputs(gorgonia.Float32, shape, shape)
	forward, clipping := qops.NewQuantize(in[0], number.MustParse("fixed:w4f0,rne,sat"), 0, number.Stream{})
	gradient, coding := qops.NewQuantize(in[1], number.MustParse("int:w8,scale=max,rne,sat"), 0, number.Stream{})
	gate, err := qops.NewClipGate(gradient, forward)
	require.NoError(t, err)
	y := array[float32](shape, []float64{1, 100, -3, -9, 7, 8, 0, -8})
	d := array[float32](shape, []float64{1, 2, 3, 4, 5, 6, 7, 8})
	require.NoError(t, clipping.Run(&qops.Call{Out: y, In: []*qops.Array{y}, Threads: 1}))
	require.NoError(t, coding.Run(&qops.Call{Out: d, In: []*qops.Array{d}, Threads: 1}))
	before := append([]float64(nil), d.Grid.Codes.F64...)
	out := array[float32](shape, make([]float64, 8))
	for range 2 {
		require.NoError(t, gate.Op().(qops.Op).Run(&qops.Call{Out: out, In: []*qops.Array{d, y}, Threads: 2}))
		for i, closed := range []bool{false, true, false, true, false, true, false, false} {
			if closed {
				require.Zero(t, out.F32[i])
				require.Zero(t, out.Grid.Codes.F64[i])
			} else {
				require.Equal(t, d.F32[i], out.F32[i])
				require.Equal(t, before[i], out.Grid.Codes.F64[i])
			}
		}
	}
	require.Equal(t, before, d.Grid.Codes.F64, "the gradient itself stays")
}
