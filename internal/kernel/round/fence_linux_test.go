package round

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Kernels touch no memory outside of their operands.
func TestRoundingStaysInsideItsMemory(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		const longest = 300
		for _, atEnd := range []bool{false, true} {
			source, target, patterns := kerneltest.Fenced(t, 4*longest, atEnd), kerneltest.Fenced(t, 4*longest, atEnd), kerneltest.Fenced(t, 4*longest, atEnd)
			part := func(memory []byte, size int) []byte {
				if atEnd {
					return memory[len(memory)-size:]
				}
				return memory[:size]
			}
			values := kerneltest.As[float32](source, longest)
			for i := range values {
				values[i] = float32(math.Sin(float64(i)))
			}
			for n := 1; n <= longest; n++ {
				steps := new(Steps)
				require.True(t, steps.Set([]float64{0.25}, n, Grid{0, 0, -128, 127}))
				src := kerneltest.As[float32](part(source, 4*n), n)
				kerneltest.Inside(t, func() {
					MaxAbs(src)
					Extremes(src)
					most := kerneltest.As[float32](part(target, 4*n), n)
					clear(most)
					MaxAbsEach(most, src)
					philox.Bits(kerneltest.As[uint16](part(target, 2*n), n), philox.Draw{}, philox.Order{Channels: 16, Area: 100}, n)
					for _, g := range []Grid{{0x1p-6, 0, -128, 127}, {0.01, 0, -128, 127}} {
						for rounding := NearestEven; rounding <= Stochastic; rounding++ {
							random := Random{Order: []philox.Order{{}, {Channels: 5, Area: 9}, {Channels: 16, Area: 100}}[n%3], Start: 7 * n, Bits: 16}
							Values(kerneltest.As[float32](part(target, 4*n), n), src, g, rounding, random)
							Codes(kerneltest.As[int32](part(target, 4*n), n), src, g, rounding, random)
							Codes(kerneltest.As[int16](part(target, 2*n), n), src, g, rounding, random)
							Codes(kerneltest.As[int8](part(target, n), n), src, g, rounding, random)
							ValuesEach(kerneltest.As[float32](part(target, 4*n), n), src, steps, 0, rounding, random)
						}
					}
					exponents := kerneltest.As[uint32](part(patterns, 4*n), n)
					for _, shifted := range []bool{false, true} {
						s := Shared{Width: 8, Lowest: -128, Highest: 127, Lo: -127, Hi: 127, Shifted: shifted}
						for _, rounding := range []Mode{NearestEven, Stochastic} {
							LargestColumns(exponents, src)
							require.True(t, s.Exponents(exponents))
							SharedColumns(kerneltest.As[float32](part(target, 4*n), n), src, s, exponents, rounding, Random{Bits: 16})
							SharedRows(kerneltest.As[float32](part(target, 4*n), n), src, n, s, exponents[n-1:], rounding, Random{Bits: 16})
						}
					}
				}, "%d elements, at the end: %v", n, atEnd)
			}
		}
	})
}
