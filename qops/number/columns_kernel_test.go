package number

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Columns are rounded by the kernels as the definition says, with the scale of each column.
func TestColumnsByKernel(t *testing.T) {
	for _, name := range []string{"bfp:w8e8,block=channel,sr,sat", "bfp:w6e8,block=channel,rne,sym", "int:w8,scale=max,block=channel,sr8,sat", "int:w8,scale=max,block=channel,zero=auto,floor,sat"} {
		f := MustParse(name)
		for _, shape := range [][]int{{37, 10}, {5, 700}, {3000, 2}, {7, 6, 3, 3}, {2, 3, 1, 5}} {
			n := product(shape)
			x := awkward(n, 3)
			for i, v := range x {
				if max(v, -v) > 1e30 && v-v == 0 { // a column near 2^128 has another lowest code
					x[i] = 1
				}
			}
			o := Options{ChannelAxis: 1, Draw: Draw{Stream: NewStream(1, "columns")}, Scales: &Scales{}, Threads: 2}
			got := make([]float32, n)
			_, err := Quantize(f, got, x, shape, o)
			require.NoError(t, err)
			s := o.Scales
			var columns columns[float32]
			columns.set(f, s.Blocks, s)
			columns.setKernel(f, true)
			require.Equal(t, s.Zero == nil, columns.byKernel, name)
			codes, wantCodes, want := make([]int32, n), make([]int32, n), make([]float32, n)
			_, err = Encode(f, codes, x, shape, o)
			require.NoError(t, err)
			for e, v := range x {
				b := s.Blocks.Of(e)
				code, _ := f.Round(float64(v), s.Step[b], s.zero(b), uint32(o.Draw.Bits(ElementIndex(shape, e))))
				wantCodes[e], want[e] = int32(code), value[float32](code-int64(s.zero(b)), s.Step[b])
			}
			requireSame(t, want, got, name)
			require.Equal(t, wantCodes, codes, name)
			checkColumnScales(t, f, x, s)
		}
	}
}

// checkColumnScales compares the scales with those of each column's own elements.
func checkColumnScales(t *testing.T, f Format, x []float32, s *Scales) {
	t.Helper()
	lows, highs := make([]float64, s.Blocks.Count), make([]float64, s.Blocks.Count)
	for e, v := range x {
		if v := float64(v); v-v == 0 {
			b := s.Blocks.Of(e)
			lows[b], highs[b] = min(lows[b], v), max(highs[b], v)
		}
	}
	for b := range lows {
		step, zero := f.spec().(blockScaler).scale(f, lows[b], highs[b])
		require.InDelta(t, step, s.Step[b], 0)
		require.Equal(t, zero, s.zero(b))
	}
}
