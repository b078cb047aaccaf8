package emulate_test

import (
	"fmt"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/stretchr/testify/require"
)

// resnet14 is a program of the shapes of nets.ResNet14, with random weights.
func resnet14(t *target.Target) *emulate.Program {
	b := newBuilder(t, 1, false, 3, 32, 32)
	b.add("input", &emulate.Quantize{}, emulate.NewOutput(t, b.scale(0.02), 3, false))
	b.conv("stem", "input", 3, 16, window3(1), true)
	last, channels := "stem", 16
	for stage, out := range []int{16, 32, 64} {
		for block := range 2 {
			path := fmt.Sprintf("stage%d/block%d/", stage+1, block+1)
			stride, shortcut := 1, last
			if out != channels {
				stride, shortcut = 2, path+"shortcut"
				one := emulate.Window{KernelH: 1, KernelW: 1, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1}
				b.conv(shortcut, last, channels, out, one, false)
			}
			b.conv(path+"conv1", last, channels, out, window3(stride), true)
			b.conv(path+"conv2", path+"conv1", out, out, window3(1), false)
			b.add(path+"add", &emulate.Add{}, emulate.NewOutput(t, b.scale(0.3), b.zero(), true), path+"conv2", shortcut)
			last, channels = path+"add", out
		}
	}
	b.add("pool", &emulate.AveragePool{Window: emulate.Window{KernelH: 8, KernelW: 8, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}}, b.output(last), last)
	b.add("flat", &emulate.Reshape{Shape: []int{64}}, b.output("pool"), "pool")
	b.add("fc", &emulate.Dense{OutFeatures: 10, Weights: b.weights(64, 10)}, emulate.NewOutput(t, 0.5, 0, false), "flat")
	return b.p
}

func BenchmarkResNet14(b *testing.B) {
	for _, format := range []string{"acc:w32,wrap", "acc:w20,wrap", "acc:w20,sat"} {
		b.Run(format, func(b *testing.B) {
			t := variant(b, accumulator(format))
			p := resnet14(t)
			in, err := emulate.NewInterpreter(p)
			require.NoError(b, err)
			const n = 8
			images := pictures(p, n, 3)
			for b.Loop() {
				_, err := in.Run(b.Context(), images, n, emulate.Options{})
				require.NoError(b, err)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
