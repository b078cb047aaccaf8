package round

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Kernels of small floats and of tiles touch no memory outside of their operands.
func TestTilesStayInsideTheirMemory(t *testing.T) {
	const most = 200
	rng := rand.New(rand.NewPCG(47, 48))
	mx, bfp, half := mxOf(ieeeOf(5, 2)), bfpOf(8, 8, 16), ieeeOf(8, 7)
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for _, atEnd := range []bool{false, true} {
			source, target, exponents := kerneltest.Fenced(t, 4*most, atEnd), kerneltest.Fenced(t, 4*most, atEnd), kerneltest.Fenced(t, 2*most, atEnd)
			part := func(memory []byte, size int) []byte {
				if atEnd {
					return memory[len(memory)-size:]
				}
				return memory[:size]
			}
			copy(kerneltest.As[float32](source, most), tilesData(rng, most))
			for n := 1; n <= most; n++ {
				src, dst := kerneltest.As[float32](part(source, 4*n), n), kerneltest.As[float32](part(target, 4*n), n)
				words, bytes := kerneltest.As[uint16](part(target, 2*n), n), kerneltest.As[uint8](part(target, n), n)
				kerneltest.Inside(t, func() {
					for rounding := NearestEven; rounding <= Stochastic; rounding++ {
						random := Random{Order: []philox.Order{{}, {Channels: 5, Area: 9}, {Channels: 16, Area: 100}}[n%3], Start: 7 * n, Bits: 16}
						MinifloatValues(dst, src, mx.element.Minifloat, rounding, random)
						MinifloatCodes(words, src, mx.element.Minifloat, rounding, random)
						MinifloatCodes(bytes, src, mx.element.Minifloat, rounding, random)
						MinifloatValues(dst, src, half.Minifloat, rounding, random)
						MinifloatCodes(words, src, half.Minifloat, rounding, random)
						for _, f := range []Tiles{mx.Tiles, bfp.Tiles} {
							f.RowLength = n
							if n%2 == 0 {
								f.RowLength = n / 2
							}
							if n%3 == 0 {
								f.RowLength, f.Inner = 3, n/3
							}
							k := kerneltest.As[int16](part(exponents, 2*f.Blocks(n)), f.Blocks(n))
							TileValues(dst, src, f, k, rounding, random)
							TileCodes(words, src, f, k, rounding, random)
							TileCodes(bytes, src, f, k, rounding, random)
						}
					}
				}, "%d elements, at the end: %v", n, atEnd)
			}
		}
	})
}
