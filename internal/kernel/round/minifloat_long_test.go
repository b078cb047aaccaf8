//go:build long

package round

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// 2^27 patterns of float32 from all over, in the formats that have names, to the nearest and stochastically, under every
// instruction set. (Package number takes all 2^32 through the best one.)
func TestMinifloatOfManyPatterns(t *testing.T) {
	const (
		piece   = 1 << 20
		grain   = 1 << 14
		threads = 2
		stride  = 0x9e3779b1 // odd: no pattern comes twice
	)
	random := Random{Draw: philox.Draw{Key: [2]uint32{1, 2}}}
	src, want, got, bits := make([]float32, piece), make([]float32, piece), make([]float32, piece), make([]uint16, piece)
	for i, f := range testMinifloats()[:15] {
		if i == 1 || i == 3 || i == 5 { // the same numbers with another overflow
			continue
		}
		for _, c := range []roundingCase{{NearestEven, 0}, {Stochastic, 16}} {
			t.Run(fmt.Sprintf("%s/rounding=%d", f.name, c.r), func(t *testing.T) {
				for first := 0; first < 1<<27; first += piece {
					random.Start, random.Bits = first, c.bits
					philox.Bits(bits, random.Draw, random.Order, random.Start) // the tests of philox are about these
					parallel.For(piece, grain, threads, func(lo, hi int) {
						var counts Counts
						for i := lo; i < hi; i++ {
							src[i] = math.Float32frombits(uint32(first+i) * stride)
							v, _ := definedMinifloat(f, src[i], c.r, bits[i], c.bits, &counts)
							want[i] = float32(v)
						}
					})
					for _, name := range isa.Names {
						if isa.Use(name) != nil {
							continue
						}
						parallel.For(piece, grain, threads, func(lo, hi int) {
							part := random
							part.Start += lo
							MinifloatValues(got[lo:hi], src[lo:hi], f.Minifloat, c.r, part)
						})
						for i := range got {
							if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
								require.Failf(t, "different bits", "%s, x = %x: want %x, got %x", name, src[i], want[i], got[i])
							}
						}
					}
				}
			})
		}
	}
	require.NoError(t, isa.Use(isa.Names[isa.Best()]))
}
