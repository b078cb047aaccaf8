package hwgen

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/stretchr/testify/require"
)

func TestQuick(t *testing.T) {
	tg, err := target.Load("mac8")
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	j := &Job{Name: "x", Vectors: 500, Depth: 144, Channels: 20, Zero: 3, Low: -100, High: 120}
	for range j.Vectors * j.Depth {
		j.Activations = append(j.Activations, int32(r.IntN(256)-128))
	}
	for range j.Channels * j.Depth {
		j.Weights = append(j.Weights, int32(r.IntN(256)-128))
	}
	for range j.Channels {
		j.Bias = append(j.Bias, int64(int32(r.Uint32())>>12))
		j.Multiplier = append(j.Multiplier, requant.Multiplier{M: int32(1<<30 + r.IntN(1<<30)), Shift: -9 - r.IntN(3)})
	}
	for range 3 {
		t0 := time.Now()
		res, err := Verify(context.Background(), tg, Chisel, Each(j, j, j, j), Options{})
		require.NoError(t, err)
		t.Log(time.Since(t0), res.Outputs, res.Mismatches, res.Cycles, res.Protocol)
		if res.First != nil {
			t.Log(res.First)
		}
	}
}
