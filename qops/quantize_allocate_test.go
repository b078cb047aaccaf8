//go:build !race

package qops_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Quantize nodes in the formats of the shipped policies allocate nothing once they ran, as a whole or sample by sample.
func TestQuantizeNodesDoNotAllocate(t *testing.T) {
	for _, name := range []string{
		"float32", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", "fixed:w8f3,sr,sat", "fixed:w16f13,sr,sat",
		"bfp:w8e8,block=sample,sr,sym+qpytorch", "bfp:w8e8,block=channel,sr,sym+qpytorch", "bfp:w8e8,block=1,sr,sym+qpytorch",
		"bfp:w8e8,block=row,sr,sym+qpytorch", "int:w8,scale=run,sr,sat", "int:w8,scale=max,block=channel,rne,sat", "mx:e4m3,scale=floor,rne,sat",
	} {
		for _, shape := range [][]int{{50, 128}, {16, 16, 3, 3}} {
			f := number.MustParse(name)
			_, op := qops.NewQuantize(inputs(dtypeOf[float32](), shape)[0], f, 0, number.NewStream(1, "a"))
			if f.ScaleRule() == number.ScaleRun {
				blocks, err := f.Blocks(shape, 0)
				require.NoError(t, err)
				op.Given = &number.Scales{Blocks: blocks, Step: []float64{0.25}}
			}
			values := make([]float64, elements(shape))
			for i := range values {
				values[i] = float64(i%37) - 18
			}
			call := &qops.Call{Out: array[float32](shape, make([]float64, len(values))), In: []*qops.Array{array[float32](shape, values)}, Threads: 1}
			run := func() { _ = op.Run(call) }
			require.NoError(t, op.Run(call), name)
			assert.Zero(t, testing.AllocsPerRun(5, run), "%s, %v", name, shape)
			if _, ok := op.BySample(call); !ok {
				continue
			}
			var view qops.View
			half := shape[0] / 2
			samples := func() {
				_ = op.BeginSamples(call)
				_ = op.RunSamples(call, &view, 0, half)
				_ = op.RunSamples(call, &view, half, shape[0])
				_ = op.EndSamples(call)
			}
			samples()
			assert.Zero(t, testing.AllocsPerRun(5, samples), "%s, %v by samples", name, shape)
		}
	}
}
