package number

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Tiles narrower than a vector are rounded as any block: element by element, with the scale of its own tile.
func TestNarrowTiles(t *testing.T) {
	for _, name := range []string{"bfp:w8e8,block=3x4,sr,sat", "bfp:w8e8,block=3,rne,sat", "int:w8,scale=max,block=2x2,rne,sat"} {
		f := MustParse(name)
		shape := []int{2, 6, 5}
		x := awkward(60, 3)
		got := make([]float32, 60)
		var s Scales
		draw := Draw{Stream: NewStream(1, "tiles")}
		_, err := Quantize(f, got, x, shape, Options{Scales: &s, Draw: draw})
		require.NoError(t, err)
		want := make([]float32, 60)
		for e, v := range x {
			b := s.Blocks.Of(e)
			code, _ := f.Round(float64(v), s.Step[b], 0, uint32(draw.Bits(uint64(e))))
			want[e] = value[float32](code, s.Step[b])
		}
		requireSame(t, want, got, name)
	}
}
