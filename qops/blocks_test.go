package qops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// inBlocks is a tensor in blocks of 16 channels, by their definition.
func inBlocks(a *Array) *Array {
	s := a.Shape
	out := &Array{Shape: s, F32: make([]float32, a.Size()), Blocked: true}
	i := 0
	for n := range s[0] {
		for c := range s[1] {
			for h := range s[2] {
				for w := range s[3] {
					out.F32[((n*s[1]/16+c/16)*s[2]*s[3]+h*s[3]+w)*16+c%16] = a.F32[i]
					i++
				}
			}
		}
	}
	return out
}

func requireSameArray(t *testing.T, want, got *Array, what string) {
	t.Helper()
	require.Equal(t, want.Blocked, got.Blocked, what)
	for i, v := range want.F32 {
		if g := got.F32[i]; math.Float32bits(v) != math.Float32bits(g) && (v == v || g == g) {
			require.Failf(t, "other bits", "%s: element %d is %v, wanted %v", what, i, g, v)
		}
	}
}

func TestPlaces(t *testing.T) {
	a := &Array{Shape: []int{2, 48, 4, 6}, F32: make([]float32, 2*48*24)}
	for i := range a.F32 {
		a.F32[i] = float32(i)
	}
	require.Equal(t, 77, a.PlainIndex(77))
	blocks := inBlocks(a)
	for i, v := range blocks.F32 {
		require.Equal(t, int(v), blocks.PlainIndex(i))
	}
	for _, shape := range [][]int{{2, 16, 8}, {2, 8, 4, 4}, {2, 24, 4, 4}, {2, 16, 3, 5}, {2, 0, 4, 4}, {2, 16, 0, 4}} {
		require.False(t, (&Array{Shape: shape}).CanBlock(), "%v", shape)
	}
	require.True(t, (&Array{Shape: []int{0, 32, 2, 4}}).CanBlock())
}

// Every op that takes blocks gives on them the bits that it gives on planes, at once and by samples, of all kinds of values.
func TestOpsOnBlocks(t *testing.T) {
	before := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(before)) })
	conv := func(what convKind, channels int) Op {
		return &Conv{what: what, Kernel: kernel.Conv{N: 3, C: channels, H: 4, W: 8, OC: 32, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}}
	}
	shape, images, vector := []int{3, 32, 4, 8}, []int{3, 5, 4, 8}, []int{32}
	running := NewRunning(32, 0.1)
	cases := []struct {
		name   string
		op     Op
		shapes [][]int // of the operands, and of the output
	}{
		{"conv", conv(convForward, 32), [][]int{shape, {32, 32, 3, 3}, shape}},
		{"conv of images", conv(convForward, 5), [][]int{images, {32, 5, 3, 3}, shape}},
		{"conv backward", conv(convBackwardData, 32), [][]int{shape, {32, 32, 3, 3}, shape}},
		{"conv's weight", conv(convBackwardWeight, 32), [][]int{shape, shape, {32, 32, 3, 3}}},
		{"conv's weight of images", conv(convBackwardWeight, 5), [][]int{images, shape, {32, 5, 3, 3}}},
		{"mean", &BatchMean{Running: running}, [][]int{shape, vector}},
		{"variance", &BatchVariance{Running: running}, [][]int{shape, vector, vector}},
		{"sum", &ChannelSum{}, [][]int{shape, vector}},
		{"dot", &ChannelSum{dot: true, mean: true}, [][]int{shape, shape, vector}},
		{"relu", &ReLU{}, [][]int{shape, shape}},
		{"relu's gradient", &ReLUGrad{}, [][]int{shape, shape, shape}},
		{"relu's gradient of what is scaled", &scaledReLUGrad{&ReLUGrad{}}, [][]int{shape, shape, vector, vector, shape}},
		{"add", &Binary{what: addition}, [][]int{shape, shape, shape}},
		{"normalise", &Normalise{}, [][]int{shape, vector, vector, shape}},
		{"normalise's gradient", &NormaliseGrad{}, [][]int{shape, shape, vector, vector, vector, shape}},
		{"scale and shift", &ScaleShift{}, [][]int{shape, vector, vector, shape}},
		{"scale", &Scale{}, [][]int{shape, vector, shape}},
		{"bias", &BiasAdd{}, [][]int{shape, vector, shape}},
		{"times", &Times{}, [][]int{shape, shape}},
		{"square", &Unary{f32: square.f32, f64: square.f64}, [][]int{shape, shape}},
	}
	specials := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.NaN()), math.MaxFloat32, math.SmallestNonzeroFloat32}
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) != nil {
			continue // not on this processor
		}
		for i, test := range cases {
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			for _, special := range []int{0, 3, 200} { // one in so many elements
				planes, blocks := &Call{Threads: 1}, &Call{Threads: 3}
				for _, s := range test.shapes {
					a := random(rng, s...)
					for k := range a.F32 {
						if special > 0 && rng.IntN(special) == 0 {
							a.F32[k] = specials[rng.IntN(len(specials))]
						}
					}
					planes.In = append(planes.In, a)
				}
				last := len(planes.In) - 1
				planes.In, planes.Out = planes.In[:last], &Array{Shape: test.shapes[last], F32: make([]float32, size(test.shapes[last]))}
				operands, out, ok := TakesBlocks(test.op, planes)
				require.True(t, ok, test.name)
				for k, a := range planes.In {
					if operands[k] {
						a = inBlocks(a)
					}
					blocks.In = append(blocks.In, a)
				}
				require.NoError(t, test.op.Run(planes))
				want := planes.Out
				if out {
					want = inBlocks(want)
				}
				blocks.Out = &Array{Shape: want.Shape, F32: make([]float32, want.Size()), Blocked: out}
				what := fmt.Sprintf("%s, %s, special %d", set, test.name, special)
				require.NoError(t, test.op.Run(blocks), what)
				requireSameArray(t, want, blocks.Out, what)

				runner, ok := BySamples(test.op)
				if c, isConv := test.op.(*Conv); !ok || isConv && c.what == convBackwardWeight {
					continue
				}
				clear(blocks.Out.F32)
				require.NoError(t, runner.BeginSamples(blocks))
				for n := range shape[0] {
					require.NoError(t, runner.RunSamples(blocks, &View{}, n, n+1))
				}
				require.NoError(t, runner.EndSamples(blocks))
				requireSameArray(t, want, blocks.Out, what+", by samples")
			}
		}
	}
}

func TestOpsThatTakeNoBlocks(t *testing.T) {
	good := []int{2, 16, 4, 4}
	call := func(shape []int) *Call {
		a := &Array{Shape: shape}
		return &Call{In: []*Array{a, a}, Out: a}
	}
	for _, op := range []Op{&Quantize{}, &Reduce{}, NewRelayout(good)} {
		_, _, ok := TakesBlocks(op, call(good))
		require.False(t, ok, "%T", op)
	}
	for _, op := range []Op{&ReLU{}, &BatchMean{}, &ChannelSum{}} {
		_, _, ok := TakesBlocks(op, call(good))
		require.True(t, ok, "%T", op)
		_, _, ok = TakesBlocks(op, call([]int{2, 17, 4, 4}))
		require.False(t, ok, "%T", op)
	}
	c := call(good)
	_, _, ok := TakesBlocks(&Reshape{}, c)
	require.True(t, ok, "the same shape")
	_, _, ok = TakesBlocks(&Reshape{}, &Call{In: c.In, Out: &Array{Shape: []int{1, 32, 4, 4}}})
	require.False(t, ok, "another shape")
	o := &Conv{Kernel: kernel.Conv{N: 2, C: 16, H: 4, W: 4, OC: 16, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}}
	_, _, ok = TakesBlocks(o, c)
	require.True(t, ok)
	c.Interior = &Interior{}
	_, _, ok = TakesBlocks(o, c)
	require.False(t, ok, "products and sums that are simulated")
}

func TestRelayout(t *testing.T) {
	a := random(rand.New(rand.NewPCG(1, 2)), 3, 48, 4, 4)
	op := NewRelayout(a.Shape)
	blocks := &Array{Shape: a.Shape, F32: make([]float32, a.Size()), Blocked: true}
	require.NoError(t, op.Run(&Call{In: []*Array{a}, Out: blocks, Threads: 2}))
	requireSameArray(t, inBlocks(a), blocks, "to blocks")
	back := &Array{Shape: a.Shape, F32: make([]float32, a.Size())}
	runner, ok := BySamples(op)
	require.True(t, ok)
	for n := range 3 {
		require.NoError(t, runner.RunSamples(&Call{In: []*Array{blocks}, Out: back}, &View{}, n, n+1))
	}
	requireSameArray(t, a, back, "from blocks")
	require.False(t, InPlace(op, &Call{In: []*Array{a}, Out: blocks}, 0))
	require.True(t, op.Moves())
	_, err := op.Do()
	require.ErrorContains(t, err, "a step of a plan")
}
