//go:build amd64 && !noasm

package philox

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestRandomKernelsAreTheirTwin(t *testing.T) {
	kerneltest.RunOn(t, isa.AVX512, "AVX512", func(t *testing.T) { testRandom(t, randomAVX512) })
	kerneltest.RunOn(t, isa.AVX2, "AVX2", func(t *testing.T) { testRandom(t, randomAVX2) })
}

func testRandom(t *testing.T, kernel func(*randomArgs)) {
	rng := rand.New(rand.NewPCG(25, 26))
	for range 200 {
		draws := Draws{
			source: drawRows + rng.IntN(2), skip: rng.IntN(chunkDraws), base: rng.Uint64(), stride: rng.Uint64N(1000),
			left: rng.IntN(3), perPlane: 1 + rng.IntN(3), jump: rng.Uint64(), lanes: new([16]uint64),
			execution: rng.Uint32(), domain: rng.Uint32(), keys: roundKeys([2]uint32{rng.Uint32(), rng.Uint32()}),
		}
		for i := range draws.lanes {
			draws.lanes[i] = rng.Uint64N(1 << 20)
		}
		n := 1 + rng.IntN(700)
		want, got := make([]uint16, n), make([]uint16, n+2*kerneltest.Guard)
		randomGo(&randomArgs{dst: unsafe.Pointer(&want[0]), n: n, draws: draws})
		kernel(&randomArgs{dst: unsafe.Pointer(&got[kerneltest.Guard]), n: n, draws: draws})
		require.Equal(t, want, got[kerneltest.Guard:kerneltest.Guard+n])
		for i := range kerneltest.Guard {
			require.Zero(t, got[i])
			require.Zero(t, got[kerneltest.Guard+n+i])
		}
	}
}
