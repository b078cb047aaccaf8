// Package lower turns a program that was compiled for a target into the emulator's network: the same codes of weights
// and biases, the same scales and zero points; the products and their order are the emulator's own.
package lower

import (
	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/qops"
)

// Lower returns the integer program of a compiled one, which must have run once. Layers keep their canonical names.
func Lower(p *graph.Program, t *target.Target) (*emulate.Program, error) {
	out := &emulate.Program{Target: t}
	vectors := map[string]string{} // a pooled layer's flattened form, which dense layers read
	for _, l := range p.IntegerLayers() {
		layer := emulate.Layer{
			Name: l.Name, Inputs: renamed(l.Inputs, vectors),
			Output: emulate.Output{Scale: l.Grid.Scale, Zero: l.Grid.Zero, Lo: l.Grid.Lo, Hi: l.Grid.Hi},
		}
		var err error
		if layer.Op, err = op(l); err != nil {
			return nil, errors.Wrapf(err, "lower: %s", l.Name)
		}
		if len(out.Layers) == 0 {
			out.Input = l.Shape[1:]
		}
		out.Layers = append(out.Layers, layer)
		if _, pooled := l.Op.(*qops.IntegerMean); pooled {
			flat := l.Name + ".flat"
			out.Layers = append(out.Layers, emulate.Layer{Name: flat, Op: &emulate.Reshape{Shape: l.Shape[1:]}, Inputs: []string{l.Name}})
			vectors[l.Name] = flat
		}
	}
	if err := inheritOutputs(out); err != nil {
		return nil, err
	}
	return out, errors.Wrap(out.Validate(), "lower")
}

func renamed(names []string, to map[string]string) []string {
	out := append([]string(nil), names...)
	for i, n := range out {
		if other, ok := to[n]; ok {
			out[i] = other
		}
	}
	return out
}

// image gives a matrix (channels, positions) the three axes that pools read.
func image(shape []int) []int {
	if len(shape) == 2 {
		return []int{shape[0], shape[1], 1}
	}
	return shape
}

func op(l graph.IntegerLayer) (emulate.Op, error) {
	switch o := l.Op.(type) {
	case *qops.IntegerInput:
		return &emulate.Quantize{}, nil
	case *qops.Requantize:
		return product(l)
	case *qops.IntegerAdd:
		return &emulate.Add{}, nil
	case *qops.IntegerMean:
		return &emulate.AveragePool{Window: emulate.Window{KernelH: o.Height, KernelW: o.Width, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}}, nil
	case *qops.Reshape:
		return &emulate.Reshape{Shape: image(l.Shape[1:])}, nil
	}
	return nil, errors.Errorf("the op %s has no integer layer", l.Op)
}

func product(l graph.IntegerLayer) (emulate.Op, error) {
	weights := emulate.Weights{Codes: int8s(l.Weight), Scales: l.WeightScales, Bias: int32s(l.Bias)}
	switch o := l.Sum.Product.(type) {
	case *qops.Conv:
		k := o.Kernel
		return &emulate.Conv{
			OutChannels: k.OC, Weights: weights,
			Window: emulate.Window{
				KernelH: k.KH, KernelW: k.KW, StrideH: k.StrideH, StrideW: k.StrideW,
				PadTop: k.PadTop, PadLeft: k.PadLeft, PadBottom: k.PadBottom, PadRight: k.PadRight,
				DilationH: k.DilationH, DilationW: k.DilationW,
			},
		}, nil
	case *qops.Dense:
		if o.TransA || o.TransB {
			return nil, errors.New("a dense layer with a transposed operand")
		}
		return &emulate.Dense{OutFeatures: l.Shape[1], Weights: weights}, nil
	}
	return nil, errors.Errorf("sums of %s", l.Sum.Product)
}

// inheritOutputs gives layers that keep their input's scale and zero point what they inherit.
func inheritOutputs(p *emulate.Program) error {
	outputs := map[string]emulate.Output{}
	for i := range p.Layers {
		l := &p.Layers[i]
		if _, ok := l.Op.(*emulate.Reshape); ok {
			from, found := outputs[l.Inputs[0]]
			if !found {
				return errors.Errorf("lower: %s reads %s, which comes later", l.Name, l.Inputs[0])
			}
			l.Output = from
		}
		outputs[l.Name] = l.Output
	}
	return nil
}

func int8s(a *qops.Array) []int8 {
	out := make([]int8, len(a.F64))
	for i, v := range a.F64 {
		out[i] = int8(v)
	}
	return out
}

func int32s(a *qops.Array) []int32 {
	out := make([]int32, len(a.F64))
	for i, v := range a.F64 {
		out[i] = int32(v)
	}
	return out
}
