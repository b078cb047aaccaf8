package emulate_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// targets are the variations that the interpreter is compared with the definition on.
func targets(t testing.TB) map[string]*target.Target {
	return map[string]*target.Target{
		"mac8":       mac8(t),
		"power":      variant(t, func(t *target.Target) { t.Requantization = "shift.rne" }),
		"wrap 16":    variant(t, accumulator("acc:w16,wrap")),
		"sat 17":     variant(t, accumulator("acc:w17,sat")),
		"sat 32":     variant(t, accumulator("acc:w32,sat")),
		"wide":       variant(t, func(t *target.Target) { t.Requantization = "shift.rne"; accumulator("acc:w48,wrap")(t) }),
		"per tensor": variant(t, func(t *target.Target) { t.Scales = target.PerTensor }),
		"no clamp":   variant(t, func(t *target.Target) { t.Clamp = false }),
		"dot 16 sat": variant(t, func(t *target.Target) {
			t.Array = target.Array{Kind: target.Dot, Lanes: 16}
			accumulator("acc:w18,sat")(t)
		}),
		"uint4 int4": variant(t, func(t *target.Target) {
			t.Operands = target.Operands{Activation: target.Operand{Width: 4}, Weight: target.Operand{Width: 4, Signed: true}}
		}),
		"uint8 wrap": variant(t, func(t *target.Target) { t.Operands.Activation = target.Operand{Width: 8}; t.Clamp = false }),
	}
}

func TestLayersMatchTheirDefinition(t *testing.T) {
	for name, target := range targets(t) {
		for _, extreme := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/extreme=%v", name, extreme), func(t *testing.T) {
				p := network(target, 7, extreme)
				in, err := emulate.NewInterpreter(p)
				require.NoError(t, err)
				images := pictures(p, 2, 3)
				result, err := in.Run(t.Context(), images, 2, emulate.Options{Keep: emulate.All})
				require.NoError(t, err)
				require.Len(t, result.Layers, len(p.Layers))
				for i := range 2 {
					want := runNaive(t, p, images[i*len(images)/2:][:len(images)/2])
					for _, l := range p.Layers {
						codes := result.Layers[l.Name]
						require.Equal(t, append([]int{2}, want.shapes[l.Name]...), codes.Shape)
						got := make([]int64, len(want.codes[l.Name]))
						for k, code := range codes.Image(i) {
							got[k] = int64(code)
						}
						require.Equal(t, want.codes[l.Name], got, "layer %s", l.Name)
					}
				}
			})
		}
	}
}

// A network of random weights must not sit at the ends of its range all the time, or the comparison would prove little.
func TestTheTestNetworkIsAlive(t *testing.T) {
	p := network(mac8(t), 7, false)
	in, err := emulate.NewInterpreter(p)
	require.NoError(t, err)
	result, err := in.Run(t.Context(), pictures(p, 4, 3), 4, emulate.Options{Keep: emulate.All})
	require.NoError(t, err)
	for name, codes := range result.Layers {
		seen := map[int16]bool{}
		for _, c := range codes.Data {
			seen[c] = true
		}
		assert.Greater(t, len(seen), 5, name)
	}
	assert.Empty(t, result.Overflows)
}

func TestResultDoesNotDependOnThreads(t *testing.T) {
	p := network(mac8(t), 8, false)
	in, err := emulate.NewInterpreter(p)
	require.NoError(t, err)
	images := pictures(p, 9, 3)
	one, err := in.Run(t.Context(), images, 9, emulate.Options{Threads: 1, Keep: emulate.All})
	require.NoError(t, err)
	four, err := in.Run(t.Context(), images, 9, emulate.Options{Threads: 4, Keep: emulate.All})
	require.NoError(t, err)
	assert.Equal(t, one, four)
	var done []int
	last, err := in.Run(t.Context(), images, 9, emulate.Options{Progress: func(n int) { done = append(done, n) }})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, done)
	assert.Equal(t, one.Output, last.Output)
	assert.Len(t, last.Layers, 1)
	assert.Len(t, last.Output.Argmax(), 9)
}

func TestOverflowsAreCounted(t *testing.T) {
	for _, format := range []string{"acc:w16,wrap", "acc:w16,sat"} {
		p := network(variant(t, accumulator(format)), 7, true)
		in, err := emulate.NewInterpreter(p)
		require.NoError(t, err)
		result, err := in.Run(t.Context(), pictures(p, 2, 3), 2, emulate.Options{})
		require.NoError(t, err)
		assert.Positive(t, result.Overflows["block/conv2"], format)
		assert.NotContains(t, result.Overflows, "block/add")
	}
}

func TestBounds(t *testing.T) {
	p := network(mac8(t), 7, true)
	in, err := emulate.NewInterpreter(p)
	require.NoError(t, err)
	assert.Equal(t, []string{"stem", "block/conv1", "block/conv2", "block/shortcut", "odd", "classes"}, in.Multiplying())
	bounds, err := in.Bounds("block/conv2")
	require.NoError(t, err)
	require.Len(t, bounds, 7)
	for _, b := range bounds {
		assert.LessOrEqual(t, b.PartialLo, b.Lo)
		assert.GreaterOrEqual(t, b.PartialHi, b.Hi)
		assert.Less(t, b.Lo, b.Hi)
		assert.Greater(t, b.Bits, 16)
		assert.LessOrEqual(t, b.Bits, 22, "63 products of 16 bits")
	}
	_, err = in.Bounds("block/add")
	assert.ErrorContains(t, err, "block/conv2")
	_, err = in.Bounds("none")
	assert.ErrorContains(t, err, `no layer "none"`)

	// Where the bound says that an accumulator is wide enough, it never overflows; one bit less is not certified.
	widest := 0
	for _, layer := range in.Multiplying() {
		bounds, err := in.Bounds(layer)
		require.NoError(t, err)
		for _, b := range bounds {
			widest = max(widest, b.Bits)
		}
	}
	tight := network(variant(t, accumulator(fmt.Sprintf("acc:w%d,sat", widest))), 7, true)
	images := pictures(p, 3, 5)
	exact, err := in.Run(t.Context(), images, 3, emulate.Options{})
	require.NoError(t, err)
	in, err = emulate.NewInterpreter(tight)
	require.NoError(t, err)
	certified, err := in.Run(t.Context(), images, 3, emulate.Options{})
	require.NoError(t, err)
	assert.Equal(t, exact.Output, certified.Output)
	assert.Empty(t, certified.Overflows)
}

// Jobs carry everything that hardware needs: computing them again from their own registers gives the wanted codes.
func TestJobs(t *testing.T) {
	for name, target := range targets(t) {
		t.Run(name, func(t *testing.T) {
			p := network(target, 9, false)
			in, err := emulate.NewInterpreter(p)
			require.NoError(t, err)
			images := pictures(p, 2, 3)
			result, err := in.Run(t.Context(), images, 2, emulate.Options{Keep: emulate.All})
			require.NoError(t, err)
			for _, layer := range in.Multiplying() {
				jobs, err := in.Jobs(layer)
				require.NoError(t, err)
				count := 0
				err = jobs.Each(t.Context(), images, 2, func(j emulate.Job) error {
					require.Equal(t, count, j.Image)
					count++
					require.Len(t, j.Codes, j.Rows*jobs.K)
					require.Len(t, j.Want, j.Rows*jobs.Outputs)
					n := &naive{t: t, target: target}
					// The bias of a job already holds the zero point's part.
					in, out := emulate.Output{Scale: 1}, emulate.Output{Scale: 1, Zero: jobs.Zero, Lo: jobs.Lo, Hi: jobs.Hi}
					for r := range j.Rows {
						for o := range jobs.Outputs {
							var a, b []int64
							for k := range jobs.K {
								a = append(a, int64(j.Codes[r*jobs.K+k]))
								b = append(b, int64(jobs.Weights[k*jobs.Outputs+o]))
							}
							m := jobs.Multipliers[o]
							scale := math.Ldexp(float64(m.M), m.Shift-31)
							if m.M == 0 {
								scale = math.Ldexp(1, m.Shift)
							}
							want := n.sum(a, b, int32(jobs.Bias[o]), in, scale, out)
							require.Equal(t, want, int64(j.Want[r*jobs.Outputs+o]), "layer %s row %d output %d", layer, r, o)
							require.Equal(t, result.Layers[layer].Image(j.Image)[o*j.Rows+r], j.Want[r*jobs.Outputs+o])
						}
					}
					return nil
				})
				require.NoError(t, err)
				require.Equal(t, 2, count)
			}
			_, err = in.Jobs("relu")
			assert.ErrorContains(t, err, "requantize layer")
		})
	}
}

func TestCancelledRun(t *testing.T) {
	p := network(mac8(t), 9, false)
	in, err := emulate.NewInterpreter(p)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	images := pictures(p, 2, 3)
	_, err = in.Run(ctx, images, 2, emulate.Options{})
	assert.ErrorIs(t, err, context.Canceled)
	jobs, err := in.Jobs("stem")
	require.NoError(t, err)
	assert.ErrorIs(t, jobs.Each(ctx, images, 2, nil), context.Canceled)
	_, err = in.Run(t.Context(), images[1:], 2, emulate.Options{})
	assert.ErrorContains(t, err, "2 images of shape [3 9 8]")
}

func TestErrorsNameTheLayer(t *testing.T) {
	conv := func(p *emulate.Program) *emulate.Conv { return p.Layers[2].Op.(*emulate.Conv) }
	for _, test := range []struct {
		change func(p *emulate.Program)
		want   []string
	}{
		{func(p *emulate.Program) { p.Target = nil }, []string{"no target"}},
		{func(p *emulate.Program) { p.Layers = nil }, []string{"0 layers"}},
		{func(p *emulate.Program) { p.Layers = p.Layers[1:] }, []string{"layer 1 (stem)", `input "input"`}},
		{func(p *emulate.Program) { p.Input = []int{3, -1, 8} }, []string{"layer 1 (input)", "shape [3 -1 8]"}},
		{func(p *emulate.Program) { p.Input = []int{3, 1 << 16, 1 << 16} }, []string{"elements"}},
		{func(p *emulate.Program) { p.Layers[0].Output.Scale = 0.1 }, []string{"layer 1 (input)", "float32"}},
		{func(p *emulate.Program) { p.Layers[2].Name = "stem" }, []string{"layer 3 (stem)", "earlier layer"}},
		{func(p *emulate.Program) { p.Layers[2].Op = nil }, []string{"layer 3 (block/conv1)", "no op"}},
		{func(p *emulate.Program) { p.Layers[2].Inputs = nil }, []string{"block/conv1", "1 inputs, not 0"}},
		{func(p *emulate.Program) { p.Layers[2].Inputs[0] = "classes" }, []string{"block/conv1", `"classes" is no earlier layer`}},
		{func(p *emulate.Program) { p.Layers[2].Op = &emulate.Quantize{}; p.Layers[2].Inputs = nil }, []string{"only the first"}},
		{func(p *emulate.Program) { p.Layers[2].Output.Scale = math.NaN() }, []string{"output scale NaN"}},
		{func(p *emulate.Program) { p.Layers[2].Output.Zero = 128 }, []string{"zero point 128 is no int8"}},
		{func(p *emulate.Program) { p.Layers[2].Output.Hi = 128 }, []string{"bounds"}},
		{func(p *emulate.Program) { p.Layers[2].Output.Lo = 127; p.Layers[2].Output.Hi = 3 }, []string{"127 to 3"}},
		{func(p *emulate.Program) { conv(p).StrideH = 0 }, []string{"block/conv1", "stride_h 0"}},
		{func(p *emulate.Program) { conv(p).KernelH = 1000 }, []string{"does not fit"}},
		{func(p *emulate.Program) { conv(p).OutChannels = 1 << 30 }, []string{"out_channels"}},
		{func(p *emulate.Program) { conv(p).Codes = conv(p).Codes[1:] }, []string{"block/conv1", "314 weights", "need 315"}},
		{func(p *emulate.Program) { conv(p).Bias = nil }, []string{"0 biases for 7 outputs"}},
		{func(p *emulate.Program) { conv(p).Scales = conv(p).Scales[:2] }, []string{"2 weight scales"}},
		{func(p *emulate.Program) { conv(p).Scales[3] = -1 }, []string{"weight scale -1"}},
		{func(p *emulate.Program) { p.Layers[8].Output.Scale *= 2 }, []string{"(max)", "same scale", "requantize layer"}},
		{func(p *emulate.Program) { p.Layers[10].Output.Hi-- }, []string{"(flat)", "reshape"}},
		{func(p *emulate.Program) { p.Layers[10].Op = &emulate.Reshape{Shape: []int{3}} }, []string{"(flat)", "different sizes"}},
		{func(p *emulate.Program) { p.Layers[11].Inputs[0] = "mean" }, []string{"(classes)", "no vector"}},
		{func(p *emulate.Program) { p.Layers[5].Inputs[1] = "stem" }, []string{"block/add", "differ"}},
		{func(p *emulate.Program) { p.Layers[8].Op.(*emulate.MaxPool).PadLeft = 2 }, []string{"(max)", "smaller than its kernel"}},
		{func(p *emulate.Program) { p.Layers[9].Op.(*emulate.AveragePool).DilationH = 2 }, []string{"(mean)", "dilation"}},
		{func(p *emulate.Program) {
			p.Target = variant(t, func(t *target.Target) { t.Requantization = "shift.rne" })
		}, []string{"(stem)", "channel 0", "power of two"}},
		{func(p *emulate.Program) {
			p.Target = variant(t, func(t *target.Target) { t.Scales = target.PerTensor })
		}, []string{"(stem)", "block=tensor"}},
		{func(p *emulate.Program) {
			p.Target = variant(t, func(t *target.Target) { t.Clamp = false })
		}, []string{"(stem)", "clamp: false"}},
		{func(p *emulate.Program) {
			p.Target = variant(t, func(t *target.Target) { t.Operands.Weight.Width = 4 })
		}, []string{"(stem)", "no int4"}},
		{func(p *emulate.Program) {
			p.Target = variant(t, accumulator("acc:w16,sat"))
		}, []string{"block/conv1", "channel 0", "acc:w16,sat"}},
	} {
		p := network(mac8(t), 7, false)
		test.change(p)
		err := p.Validate()
		for _, want := range test.want {
			assert.ErrorContains(t, err, want)
		}
	}
}

// A vector worked out by hand from LiteRT's formulas: a 1 x 1 convolution of two channels.
//
//	codes 10, -20 with zero point 5: values 5 and -25 units; weights 3, -2: 15 + 50 = 65; bias 7: 72
//	scale 0.5 * 0.25 / 1 = 2^-3, exactly: 72/8 = 9; with zero point -1: 8
//
// and with the bias 4, 68/8 = 8.5 is a tie that goes up to 9: 8 again; with the bias -141, -76/8 = -9.5 goes up to -9: -10.
func TestConvByHand(t *testing.T) {
	for _, test := range []struct {
		bias int32
		want int16
	}{{7, 8}, {4, 8}, {-141, -10}, {-142, -11}} {
		b := newBuilder(mac8(t), 0, false, 2, 1, 1)
		b.add("input", &emulate.Quantize{}, emulate.NewOutput(b.p.Target, 0.5, 5, false))
		b.add("conv", &emulate.Conv{
			OutChannels: 1,
			Window:      emulate.Window{KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1},
			Weights:     emulate.Weights{Codes: []int8{3, -2}, Scales: []float64{0.25}, Bias: []int32{test.bias}},
		}, emulate.NewOutput(b.p.Target, 1, -1, false), "input")
		in, err := emulate.NewInterpreter(b.p)
		require.NoError(t, err)
		result, err := in.Run(t.Context(), []float32{2.5, -12.5}, 1, emulate.Options{Keep: emulate.All})
		require.NoError(t, err)
		assert.Equal(t, []int16{10, -20}, result.Layers["input"].Data)
		assert.Equal(t, []int16{test.want}, result.Output.Data, "bias %d", test.bias)
	}
}

func TestNewOutput(t *testing.T) {
	assert.Equal(t, emulate.Output{Scale: 0.5, Zero: -3, Lo: -3, Hi: 127}, emulate.NewOutput(mac8(t), 0.5, -3, true))
	assert.Equal(t, emulate.Output{Scale: 0.5, Zero: -3, Lo: -128, Hi: 127}, emulate.NewOutput(mac8(t), 0.5, -3, false))
}

func TestArgmaxTakesTheFirst(t *testing.T) {
	c := emulate.Codes{Shape: []int{2, 3}, Data: []int16{1, 5, 5, -7, -8, -9}}
	assert.Equal(t, []int{1, 0}, c.Argmax())
}
