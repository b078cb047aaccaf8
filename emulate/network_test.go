package emulate_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/require"
)

func mac8(t testing.TB) *target.Target {
	t.Helper()
	shipped, err := target.Load("mac8")
	require.NoError(t, err)
	return shipped
}

// builder makes programs with random weights, or with all of them at the ends of their range.
type builder struct {
	random  *rand.Rand
	p       *emulate.Program
	extreme bool
	power   bool // scales are powers of two
}

func newBuilder(t *target.Target, seed uint64, extreme bool, input ...int) *builder {
	return &builder{
		random:  rand.New(rand.NewPCG(seed, 0)),
		p:       &emulate.Program{Target: t, Input: input},
		extreme: extreme,
		power:   t.Requantization[:5] == "shift",
	}
}

// scale is a float32 number near x.
func (b *builder) scale(x float64) float64 {
	if b.power {
		return math.Exp2(math.Round(math.Log2(x)))
	}
	return float64(float32(x * (0.8 + 0.4*b.random.Float64())))
}

// zero is any zero point, or a small one where the accumulator could not hold what a large one adds to the bias.
func (b *builder) zero() int32 {
	lo, hi := b.p.Target.Operands.Activation.Range()
	if a := b.p.Target.Accumulator; a.Overflow() == number.Saturate && a.Width() < 20 {
		lo, hi = -3, 3
	}
	return int32(lo + b.random.Int64N(hi-lo+1))
}

func (b *builder) add(name string, op emulate.Op, output emulate.Output, inputs ...string) {
	b.p.Layers = append(b.p.Layers, emulate.Layer{Name: name, Op: op, Inputs: inputs, Output: output})
}

func (b *builder) output(name string) emulate.Output {
	for _, l := range b.p.Layers {
		if l.Name == name {
			return l.Output
		}
	}
	return emulate.Output{}
}

func (b *builder) weights(k, outputs int) emulate.Weights {
	lo, hi := b.p.Target.Operands.Weight.Range()
	w := emulate.Weights{Codes: make([]int8, k*outputs), Bias: make([]int32, outputs)}
	for i := range w.Codes {
		w.Codes[i] = int8(lo + b.random.Int64N(hi-lo+1))
		if b.extreme {
			w.Codes[i] = int8([]int64{lo, hi}[b.random.IntN(2)])
		}
	}
	scales := outputs
	if b.p.Target.Scales == target.PerTensor {
		scales = 1
	}
	for range scales {
		w.Scales = append(w.Scales, b.scale(0.01))
	}
	for o := range w.Bias {
		w.Bias[o] = int32(b.random.IntN(2001) - 1000)
	}
	return w
}

// window3 is a 3 x 3 kernel with padding 1.
func window3(stride int) emulate.Window {
	return emulate.Window{
		KernelH: 3, KernelW: 3, StrideH: stride, StrideW: stride, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1,
		DilationH: 1, DilationW: 1,
	}
}

func (b *builder) conv(name, input string, channels, outputs int, w emulate.Window, relu bool) {
	scale := b.scale(0.02 * math.Sqrt(float64(channels*w.KernelH*w.KernelW)))
	b.add(name, &emulate.Conv{OutChannels: outputs, Window: w, Weights: b.weights(channels*w.KernelH*w.KernelW, outputs)},
		emulate.NewOutput(b.p.Target, scale, b.zero(), relu && b.p.Target.Clamp), input)
}

// network is a small residual network that uses every kind of layer, odd shapes and all paddings.
func network(t *target.Target, seed uint64, extreme bool) *emulate.Program {
	b := newBuilder(t, seed, extreme, 3, 9, 8)
	b.add("input", &emulate.Quantize{}, emulate.NewOutput(t, b.scale(0.02), b.zero(), false))
	b.conv("stem", "input", 3, 5, window3(1), true)
	b.conv("block/conv1", "stem", 5, 7, window3(2), true)
	b.conv("block/conv2", "block/conv1", 7, 7, window3(1), false)
	b.conv("block/shortcut", "stem", 5, 7, emulate.Window{KernelH: 1, KernelW: 1, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1}, false)
	b.add("block/add", &emulate.Add{}, emulate.NewOutput(t, b.scale(0.3), b.zero(), true), "block/conv2", "block/shortcut")
	b.conv("odd", "block/add", 7, 4, emulate.Window{
		KernelH: 2, KernelW: 3, StrideH: 1, StrideW: 2, PadTop: 2, PadLeft: 0, PadBottom: 1, PadRight: 3, DilationH: 2, DilationW: 1,
	}, false)
	b.add("relu", &emulate.Requantize{}, emulate.NewOutput(t, b.scale(0.1), b.zero(), true), "odd")
	b.add("max", &emulate.MaxPool{Window: emulate.Window{KernelH: 2, KernelW: 2, StrideH: 1, StrideW: 1, PadRight: 1, DilationH: 1, DilationW: 1}},
		b.output("relu"), "relu")
	b.add("mean", &emulate.AveragePool{Window: emulate.Window{KernelH: 3, KernelW: 2, StrideH: 2, StrideW: 1, PadTop: 1, PadLeft: 1, DilationH: 1, DilationW: 1}},
		b.output("max"), "max")
	shape := shapeOf(b.p, "mean")
	b.add("flat", &emulate.Reshape{Shape: []int{shape[0] * shape[1] * shape[2]}}, b.output("mean"), "mean")
	k := shape[0] * shape[1] * shape[2]
	b.add("classes", &emulate.Dense{OutFeatures: 6, Weights: b.weights(k, 6)},
		emulate.NewOutput(t, b.scale(0.2), b.zero(), false), "flat")
	return b.p
}

// shapeOf is the shape of a layer's output.
func shapeOf(p *emulate.Program, layer string) []int {
	in, err := emulate.NewInterpreter(p)
	if err != nil {
		panic(err)
	}
	shape, err := in.Shape(layer)
	if err != nil {
		panic(err)
	}
	return shape
}

// pictures are n random images with values that reach beyond what the first layer can hold.
func pictures(p *emulate.Program, n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 1))
	size := 1
	for _, d := range p.Input {
		size *= d
	}
	images := make([]float32, n*size)
	for i := range images {
		images[i] = float32(random.NormFloat64() * 1.5)
	}
	return images
}

// variant is mac8 with changes.
func variant(t testing.TB, change func(*target.Target)) *target.Target {
	v := *mac8(t)
	change(&v)
	v.Name = "variant"
	parsed, err := target.Parse("variant.yaml", v.YAML())
	require.NoError(t, err)
	return parsed
}

func accumulator(format string) func(*target.Target) {
	return func(t *target.Target) { t.Accumulator = number.MustParse(format) }
}
