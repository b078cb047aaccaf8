package philox

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// plainBits are the random bits of a position, by their definition.
func plainBits(d Draw, o Order, position int) uint16 {
	return kerneltest.RandomBits(d.Key, d.Execution, d.Domain, o.Channels, o.Area, position)
}

// The vectors of the authors' distribution of Philox4x32-10 (Random123, kat_vectors).
func TestKnownAnswers(t *testing.T) {
	cases := []struct {
		counter, want [4]uint32
		key           [2]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
			[2]uint32{0xffffffff, 0xffffffff},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
			[2]uint32{0xa4093822, 0x299f31d0},
		},
	}
	for _, c := range cases {
		keys := roundKeys(c.key)
		assert.Equal(t, c.want, block(c.counter, &keys))
		assert.Equal(t, c.want, kerneltest.Philox(c.counter, c.key), "the tests' own")
	}
}

func TestBitsAreTheDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 3))
		orders := []Order{{}, {16, 1024}, {16, 256}, {64, 64}, {32, 32}, {16, 16}, {48, 8}, {16, 9}, {3, 1024}, {20, 64}, {24, 49}, {5, 3}, {1, 1}, {17, 100}, {16, 4}, {16, 25}, {40, 9}, {33, 63}, {16, 10}}
		for _, o := range orders {
			for range 12 {
				d := Draw{[2]uint32{rng.Uint32(), rng.Uint32()}, rng.Uint32(), rng.Uint32N(4)}
				start := rng.IntN(5000)
				if rng.IntN(2) == 0 {
					start = start / 512 * 512
				}
				got := make([]uint16, rng.IntN(1500))
				Bits(got, d, o, start)
				for i := range got {
					require.Equal(t, plainBits(d, o, start+i), got[i], "position %d+%d of %+v", start, i, o)
				}
			}
		}
		Bits(nil, Draw{}, Order{}, 0)
	})
}

func TestBitsBeyond32BitCounters(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		// Counters pass 2^32 within the chunk: 8 elements per block.
		for _, start := range []int{1<<35 - 64, 1<<35 - 1024, 1 << 36} {
			for _, o := range []Order{{}, {16, 1 << 20}} {
				got := make([]uint16, 2100)
				Bits(got, Draw{}, o, start)
				for i := range got {
					require.Equal(t, plainBits(Draw{}, o, start+i), got[i], "position %d+%d of %+v", start, i, o)
				}
			}
		}
	})
}

func BenchmarkBits(b *testing.B) {
	for _, o := range []Order{{}, {16, 1024}, {64, 64}, {16, 9}} {
		for _, n := range []int{512, 1 << 14} {
			b.Run(fmt.Sprintf("%dx%d/%d", o.Channels, o.Area, n), func(b *testing.B) {
				random := make([]uint16, n)
				kerneltest.PerUnit(b, "element", float64(n), func() { Bits(random, Draw{}, o, 0) })
			})
		}
	}
}
