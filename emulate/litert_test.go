package emulate_test

import (
	"os"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// foreign reads the vectors that LiteRT's reference kernels wrote; see testdata/litert/generate.py. Tensors are in
// (image, height, width, channel) order there.
type foreign struct {
	t      *testing.T
	arrays map[string]*npy.Array
	target *target.Target
	p      *emulate.Program
	shapes map[string][]int
}

func readForeign(t *testing.T, rule string) *foreign {
	data, err := os.ReadFile("testdata/litert/vectors.npz")
	require.NoError(t, err)
	arrays, err := npy.ParseArchive(data)
	require.NoError(t, err)
	device := variant(t, func(t *target.Target) { t.Requantization = rule })
	return &foreign{t, arrays, device, &emulate.Program{Target: device, Input: []int{3, 8, 7}}, nil}
}

func values[T npy.Element](f *foreign, name string) []T {
	require.Contains(f.t, f.arrays, name)
	data, err := npy.Elements[T](f.arrays[name])
	require.NoError(f.t, err, name)
	return data
}

// channelsFirst moves the last axis of (first, height, width, channels) behind the first.
func channelsFirst[T any](data []T, shape []int) []T {
	moved := make([]T, len(data))
	area, channels := shape[1]*shape[2], shape[3]
	for n := range shape[0] {
		for i := range area {
			for c := range channels {
				moved[(n*channels+c)*area+i] = data[(n*area+i)*channels+c]
			}
		}
	}
	return moved
}

func (f *foreign) layer(name string, op emulate.Op, relu bool, inputs ...string) {
	scale, zero := values[float32](f, name+".scale")[0], values[int32](f, name+".zero")[0]
	f.p.Layers = append(f.p.Layers, emulate.Layer{
		Name: name, Op: op, Inputs: inputs, Output: emulate.NewOutput(f.target, float64(scale), zero, relu),
	})
}

func (f *foreign) weights(name string) (emulate.Weights, []int) {
	w := emulate.Weights{Codes: values[int8](f, name+".weights"), Bias: values[int32](f, name+".bias")}
	for _, s := range values[float32](f, name+".scales") {
		w.Scales = append(w.Scales, float64(s))
	}
	return w, f.arrays[name+".weights"].Shape
}

func (f *foreign) conv(name, input string, relu bool, stride, dilation int, pad [4]int) {
	w, shape := f.weights(name)
	w.Codes = channelsFirst(w.Codes, shape)
	f.layer(name, &emulate.Conv{OutChannels: shape[0], Weights: w, Window: emulate.Window{
		KernelH: shape[1], KernelW: shape[2], StrideH: stride, StrideW: stride, DilationH: dilation, DilationW: dilation,
		PadTop: pad[0], PadLeft: pad[1], PadBottom: pad[2], PadRight: pad[3],
	}}, relu, input)
}

// network is the network of generate.py. SAME padding of LiteRT puts the odd one at the bottom and on the right.
func (f *foreign) network() {
	f.layer("input", &emulate.Quantize{}, false)
	f.conv("stem", "input", true, 1, 1, [4]int{1, 1, 1, 1})
	f.conv("conv1", "stem", false, 2, 1, [4]int{0, 1, 1, 1})
	f.conv("shortcut", "stem", false, 2, 1, [4]int{})
	f.layer("add", &emulate.Add{}, true, "conv1", "shortcut")
	f.conv("dilated", "add", false, 1, 2, [4]int{2, 2, 2, 2})
	f.layer("relu", &emulate.Requantize{}, true, "dilated")
	f.layer("requantize", &emulate.Requantize{}, false, "relu")
	f.layer("max", &emulate.MaxPool{Window: emulate.Window{
		KernelH: 2, KernelW: 2, StrideH: 1, StrideW: 1, PadBottom: 1, PadRight: 1, DilationH: 1, DilationW: 1,
	}}, false, "requantize")
	f.layer("mean", &emulate.AveragePool{Window: emulate.Window{
		KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2, PadBottom: 1, PadRight: 1, DilationH: 1, DilationW: 1,
	}}, false, "max")
	f.layer("flat", &emulate.Reshape{Shape: []int{16}}, false, "mean")
	w, shape := f.weights("classes")
	w.Codes = channelsFirst(w.Codes, []int{shape[0], 2, 2, 4}) // each output's inputs in our order
	transposed := make([]int8, len(w.Codes))
	for o := range shape[0] {
		for k := range shape[1] {
			transposed[k*shape[0]+o] = w.Codes[o*shape[1]+k]
		}
	}
	w.Codes = transposed
	f.layer("classes", &emulate.Dense{OutFeatures: shape[0], Weights: w}, false, "flat")
}

// differences runs the network and counts by layer the codes that are not LiteRT's.
func (f *foreign) differences() map[string]int {
	in, err := emulate.NewInterpreter(f.p)
	require.NoError(f.t, err)
	images := f.arrays["image"]
	pixels := channelsFirst(values[float32](f, "image"), images.Shape)
	result, err := in.Run(f.t.Context(), pixels, images.Shape[0], emulate.Options{Keep: emulate.All})
	require.NoError(f.t, err)
	count := map[string]int{}
	for name, got := range result.Layers {
		want, shape := values[int8](f, name+".codes"), f.arrays[name+".codes"].Shape
		if name == "flat" {
			shape = []int{shape[0], 2, 2, 4}
		}
		if len(shape) == 4 {
			want = channelsFirst(want, shape)
		}
		require.Len(f.t, got.Data, len(want), name)
		for i, code := range want {
			if got.Data[i] != int16(code) {
				count[name]++
			}
		}
	}
	return count
}

// Every code of every layer is the one that LiteRT's reference kernels give, which round twice; and the vectors tell that
// from rounding once.
func TestAgainstLiteRT(t *testing.T) {
	double := readForeign(t, "tflite.double")
	double.network()
	assert.Empty(t, double.differences())

	single := readForeign(t, "tflite.single")
	single.network()
	differences := single.differences()
	for _, layer := range []string{"stem", "conv1", "shortcut", "add", "dilated"} {
		assert.Positive(t, differences[layer], layer)
	}
}
