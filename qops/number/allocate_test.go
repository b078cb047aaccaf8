//go:build !race

package number

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// steadyFormats are formats whose tensors are quantized without allocating: all but those that look at all elements of a
// block to choose its values, make tables for blocks, or follow another program's code.
var steadyFormats = []string{
	"float32",
	"fixed:w8f4,rne,sat", "fixed:w16f13,sr,sat", "fixed:u8f4,floor,sym", "fixed:w8f4,rna,wrap", "fixed:w8f4,sr4,zero",
	"fixed:w8f4,rne,sat+qpytorch", "float:e5m2noinf,sr,sat+qpytorch",
	"int:w8,scale=0.037,sr,sat", "int:w8,scale=max,rne,sat", "int:w8,scale=max,block=channel,sr,sat", "int:w8,scale=max,block=channel,zero=auto,rne,sat",
	"int:w8,scale=max,block=sample,zero=auto,floor,sat", "int:w8,scale=run,sr,sat",
	"bfp:w8e8,rne,sat", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", "bfp:w8e8,block=row,sr,sat", "bfp:w8e8,block=1,sr,sat",
	"bfp:w8e8,block=sample.channel,rne,wrap", "bfp:w8e8,block=32,sr,sat", "bfp:w8e8,block=16,axis=0,rne,sat", "bfp:w4e3,block=sample,sr8,sym",
	"bfp:w8e8,sr,sym+qpytorch", "bfp:w8e8,block=sample,sr,sym+qpytorch", "bfp:w8e8,block=channel,rne,sym+qpytorch", "bfp:w8e8,block=row,sr,sym+qpytorch",
	"bfp:w8e8,block=1,sr,sym+qpytorch", "bfp:w8e8,block=sample.channel,sr,sym+qpytorch",
	"float:e5m2ieee,sr,sat", "float:e4m3fn,rne,sat", "float:e2m1fn,floor,sat", "float:e5m10ieee,rne,inf",
	"posit:n8es2,rne", "log2:w4g1,top=2,rne,sat", "binary:unit",
	"mx:e4m3,scale=floor,rne,sat", "mx:int8,scale=floor,sr,sat", "mx:e2m1,scale=rne,sr,sat",
}

func TestQuantizeDoesNotAllocate(t *testing.T) {
	for _, name := range steadyFormats {
		f := MustParse(name)
		for _, shape := range [][]int{{50, 128}, {128}, {16, 16, 3, 3}, {2, 16, 16, 16}, {9000}} {
			n := product(shape)
			x, y, mask, codes, large := normal(n), make([]float32, n), make([]bool, n), make([]int32, n), make([]float64, n)
			for i, v := range x {
				large[i] = float64(v)
			}
			blocks, err := f.Blocks(shape, 0)
			require.NoError(t, err)
			var scales Scales
			scales.fill(blocks, 0.25)
			draw := Draw{Stream: NewStream(1, "memory")}
			whole := Part{Start: n, Shape: append([]int{3 * shape[0]}, shape[1:]...)}
			never := func(what string, o Options, run func(o Options) error) {
				t.Helper()
				o.Threads, o.Draw = 1, draw
				if f.ScaleRule() == ScaleRun {
					o.Scales = &scales
				}
				require.NoError(t, run(o), "%s of %s, %v", what, name, shape)
				assert.Zero(t, testing.AllocsPerRun(5, func() { _ = run(o) }), "%s of %s, %v", what, name, shape)
			}
			quantize := func(o Options) error { _, err := Quantize(f, y, x, shape, o); return err }
			never("values", Options{}, quantize)
			never("values and scales", Options{Scales: &Scales{}}, quantize)
			never("a part", Options{Part: whole}, quantize)
			if f.Kind() == "mx" { // the kernels do the above, and nothing else
				continue
			}
			never("values with a mask", Options{Clipped: mask}, quantize)
			never("values with noise", Options{Noise: true}, quantize)
			never("float64", Options{}, func(o Options) error { _, err := Quantize(f, large, large, shape, o); return err })
			if f.checkCodes() != nil {
				continue
			}
			var own Scales
			never("codes", Options{Scales: &own}, func(o Options) error { _, err := Encode(f, codes, x, shape, o); return err })
			never("values of codes", Options{}, func(Options) error {
				if f.ScaleRule() == ScaleRun {
					return Decode(f, y, codes, shape, &scales, 0)
				}
				return Decode(f, y, codes, shape, &own, 0)
			})
		}
	}
}

// Neither do several threads, once each of them has its memory.
func TestQuantizeOnThreadsDoesNotAllocate(t *testing.T) {
	shape := []int{200, 512}
	x, y := normal(product(shape)), make([]float32, product(shape))
	for _, name := range []string{
		"fixed:w8f4,sr,sat", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", "bfp:w8e8,sr,sym+qpytorch", "bfp:w8e8,block=row,sr,sym+qpytorch",
		"int:w8,scale=max,block=channel,rne,sat", "float:e5m2ieee,sr,sat", "mx:e4m3,scale=floor,rne,sat",
	} {
		f := MustParse(name)
		run := func() { _, _ = Quantize(f, y, x, shape, Options{ChannelAxis: 1, Threads: 3}) }
		for range 20 {
			run()
		}
		assert.Zero(t, testing.AllocsPerRun(100, run), name)
	}
}
