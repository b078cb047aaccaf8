package round

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// BenchmarkTiles is 4 M values on 2 threads, beside a copy: rows of neighbours, and rows whose elements are a plane of
// 32×32 apart.
func BenchmarkTiles(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst := kerneltest.Data[float32](rng, kerneltest.Normal, benchLength), make([]float32, benchLength)
	codes, exponents := make([]uint8, benchLength), make([]int16, benchLength/16)
	e4m3 := mxOf(minifloatOf("e4m3fn", 4, 3, 7, 0x7e, 0x7f, false, false))
	across := e4m3
	across.name, across.Inner = e4m3.name+" across", 1024
	benchISAs(b, func(b *testing.B) {
		for _, f := range []namedTiles{e4m3, across, mxOfInt8(), bfpOf(8, 8, 16)} {
			f.RowLength = f.Length
			for _, c := range []roundingCase{{NearestEven, 0}, {Stochastic, 16}} {
				name := fmt.Sprintf("%s/rounding=%d/", f.name, c.r)
				benchRun(b, name+"copy", func(lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
				benchRun(b, name+"values", func(lo, hi int) {
					TileValues(dst[lo:hi], src[lo:hi], f.Tiles, exponents[lo/f.Length:hi/f.Length], c.r, Random{Start: lo, Bits: c.bits})
				})
				benchRun(b, name+"codes", func(lo, hi int) {
					TileCodes(codes[lo:hi], src[lo:hi], f.Tiles, exponents[lo/f.Length:hi/f.Length], c.r, Random{Start: lo, Bits: c.bits})
				})
			}
		}
	})
}
