package number

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Blocks that are quantized one after the other get the scales and the values that the whole tensor's scales give.
func TestBlockByBlock(t *testing.T) {
	shape := []int{6, 20, 31}
	x := awkward(6*20*31, 5)
	for _, name := range []string{"bfp:w8e8,block=sample,sr,sat", "bfp:w6e8,block=row,rne,wrap", "int:w8,scale=max,block=sample.channel,sr8,sat", "int:w8,scale=max,block=sample,zero=auto,floor,sat", "log2:w4g1,block=row,rne,sat"} {
		f := MustParse(name)
		blocks, err := f.Blocks(shape, 0)
		require.NoError(t, err)
		o := Options{Draw: Draw{Stream: NewStream(1, "blocks")}}
		require.True(t, f.blockByBlock(blocks, len(x), o), name)
		lows, highs := extremesOf(f, x, blocks, f.spec().(blockScaler).reads(f), 1)
		whole := &Scales{}
		whole.room(f, blocks)
		for b := range blocks.Count {
			step, zero := f.spec().(blockScaler).scale(f, lows[b], highs[b])
			whole.Step[b] = step
			if whole.Zero != nil {
				whole.Zero[b] = zero
			}
		}
		o.Scales, o.UseScales = whole, true
		want, got := make([]float32, len(x)), make([]float32, len(x))
		wantStats, err := Quantize(f, want, x, shape, o)
		require.NoError(t, err)
		for _, threads := range []int{1, 2, 5} {
			o.Scales, o.UseScales, o.Threads = &Scales{}, false, threads
			copy(got, x)
			stats, err := Quantize(f, got, got, shape, o)
			require.NoError(t, err)
			assert.Equal(t, whole, o.Scales, name)
			assert.Equal(t, wantStats, stats, name)
			requireSame(t, want, got, name)
		}
	}
}
