package round

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// wantStrided rounds an array (outer, RowLength, Inner) by the definition.
func wantStrided(t namedTiles, src []float32, c roundingCase, bits []uint16) (values []float32, codes []uint16, exponents []int16, counts Counts) {
	values, codes, exponents = make([]float32, len(src)), make([]uint16, len(src)), make([]int16, t.Blocks(len(src)))
	perRow := (t.RowLength + t.Length - 1) / t.Length
	for outer := range len(src) / t.RowLength / t.Inner {
		for b := range perRow {
			for i := range t.Inner {
				var places []int
				for j := b * t.Length; j < min((b+1)*t.Length, t.RowLength); j++ {
					places = append(places, (outer*t.RowLength+j)*t.Inner+i)
				}
				block, drawn := make([]float32, len(places)), make([]uint16, len(places))
				for j, place := range places {
					block[j], drawn[j] = src[place], bits[place]
				}
				v, code, k := definedTile(t, block, c, drawn, &counts)
				for j, place := range places {
					values[place], codes[place] = v[j], code[j]
				}
				exponents[(outer*perRow+b)*t.Inner+i] = k
			}
		}
	}
	return values, codes, exponents, counts
}

// stridedData has the blocks of tilesData side by side.
func stridedData(rng *rand.Rand, t namedTiles, outer int) []float32 {
	src := make([]float32, outer*t.RowLength*t.Inner+3)[3:]
	for o := range outer {
		for i := range t.Inner {
			for j, x := range tilesData(rng, t.RowLength) {
				src[(o*t.RowLength+j)*t.Inner+i] = x
			}
		}
	}
	return src
}

func TestStridedTilesAreTheirDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for _, f := range testTiles() {
		for _, shape := range [][3]int{{2, 50, 1}, {1, 40, 2}, {3, 32, 9}, {1, 64, 16}, {2, 19, 17}, {1, 33, 49}, {5, 1, 33}, {1, 31, 530}, {2, 3, 1030}} {
			f.RowLength, f.Inner = shape[1], shape[2]
			src := stridedData(rng, f, shape[0])
			orders := []philox.Order{{}, {Channels: 16, Area: 1024}, {Channels: 20, Area: 64}, {Channels: 24, Area: 49}, {Channels: 5, Area: 3}}
			random := Random{Draw: philox.Draw{Key: [2]uint32{rng.Uint32(), rng.Uint32()}}, Order: orders[rng.IntN(len(orders))], Start: rng.IntN(1000)}
			bits := drawnBits(random, len(src))
			for _, c := range roundingCases[:4] {
				random.Bits = c.bits
				values, codes, exponents, counts := wantStrided(f, src, c, bits)
				kerneltest.OnEachISA(t, func(t *testing.T) {
					requireTiles(t, f, src, c.r, random, values, codes, exponents, counts)
				})
			}
		}
	}
}
