package round

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// A tensor rounds to the same values whether its channels are planes or groups of 16 side by side.
func TestRoundingDoesNotDependOnTheLayout(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 32))
		for _, shape := range [][3]int{{2, 16, 1024}, {3, 20, 35}, {2, 3, 128}, {5, 33, 1}, {4, 48, 1}, {2, 17, 8}, {3, 64, 64}, {2, 24, 16}, {1, 5, 32}, {2, 40, 9}, {2, 18, 65}, {1, 16, 200}} {
			samples, channels, area := shape[0], shape[1], shape[2]
			groups := (channels + 15) / 16
			plain := kerneltest.Data[float32](rng, kerneltest.Normal, samples*channels*area)
			blocked := make([]float32, samples*groups*area*16)
			place := func(i int) int { // in the blocked tensor, of element i of the plain one
				n, c, hw := i/area/channels, i/area%channels, i%area
				return ((n*groups+c/16)*area+hw)*16 + c%16
			}
			for i, x := range plain {
				blocked[place(i)] = x
			}
			g := Grid{0x1p-5, 0, -128, 127}
			draw := philox.Draw{Key: [2]uint32{rng.Uint32(), rng.Uint32()}, Execution: 3}
			want := Values(plain, plain, g, Stochastic, Random{draw, philox.Order{Channels: channels, Area: area}, 0, 16})
			got := Values(blocked, blocked, g, Stochastic, Random{draw, philox.Order{}, 0, 16})
			require.Equal(t, want, got, "%v", shape)
			for i, x := range plain {
				require.Equal(t, math.Float32bits(x), math.Float32bits(blocked[place(i)]), "element %d of %v", i, shape)
			}
		}
	})
}

// A run rounds to the same values however it is cut.
func TestRoundingDoesNotDependOnTheCut(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(33, 34))
		for _, order := range []philox.Order{{}, {Channels: 16, Area: 256}, {Channels: 16, Area: 1024}, {Channels: 20, Area: 64}, {Channels: 17, Area: 8}, {Channels: 7, Area: 49}, {Channels: 40, Area: 100}, {Channels: 3, Area: 1}, {Channels: 48, Area: 1}} {
			src := kerneltest.Data[float32](rng, kerneltest.Specials, 6000)
			random := Random{philox.Draw{Execution: rng.Uint32()}, order, rng.IntN(3000), 16}
			for _, g := range []Grid{{0x1p-6, 0, -128, 127}, {0.01, 0, -128, 127}} {
				want, got := make([]float32, len(src)), make([]float32, len(src))
				all := Values(want, src, g, Stochastic, random)
				var parts Counts
				for at := 0; at < len(src); {
					end := min(at+rng.IntN(700), len(src))
					part := random
					part.Start += at
					parts.Add(Values(got[at:end], src[at:end], g, Stochastic, part))
					at = end
				}
				require.Equal(t, all, parts)
				kerneltest.RequireSameBits(t, want, got, fmt.Sprint(order, g))
			}
		}
	})
}
