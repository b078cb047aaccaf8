package number

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// TestPhiloxKnownAnswers uses the vectors of Random123 (kat_vectors, philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		// digits of pi
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		require.Equal(t, c.want, Philox(c.counter, c.key))
	}
}

// TestStreamKey takes the key apart again: SHA-256 of the seed's 8 bytes, little-endian, and the name.
func TestStreamKey(t *testing.T) {
	sum := sha256.Sum256([]byte("\x07\x01\x00\x00\x00\x00\x00\x00stem/conv1.output"))
	key := NewStream(0x107, "stem/conv1.output").Key
	require.Equal(t, fmt.Sprintf("%x", sum[:8]), fmt.Sprintf("%02x%02x%02x%02x%02x%02x%02x%02x",
		byte(key[0]), byte(key[0]>>8), byte(key[0]>>16), byte(key[0]>>24),
		byte(key[1]), byte(key[1]>>8), byte(key[1]>>16), byte(key[1]>>24)))
}

// TestStreamKnownAnswers pins the stream: any change of these numbers breaks the reproducibility of runs. They were
// computed with a second implementation, in Python.
func TestStreamKnownAnswers(t *testing.T) {
	require.Equal(t, [2]uint32{0xf57055af, 0x7a0b81a1}, NewStream(0, "").Key)
	stream := NewStream(1, "quantize")
	require.Equal(t, [2]uint32{0xfe53b88d, 0xb48f29e4}, stream.Key)
	draw := Draw{Stream: stream, Execution: 3, Domain: Evaluation}
	var bits []uint16
	for _, e := range []uint64{0, 1, 15, 16, 63, 64, 127, 128, 1 << 40} {
		bits = append(bits, draw.Bits(e))
	}
	require.Equal(t, []uint16{0xa17b, 0x3c81, 0x2b2a, 0x1a72, 0x956e, 0xbbf0, 0x5516, 0xd261, 0xe145}, bits)
}

// TestBitsUseEachHalfOnce walks 256 elements: 128 of them use all 8 halves of 16 blocks, each once, and where each one
// lies is as the documentation says.
func TestBitsUseEachHalfOnce(t *testing.T) {
	draw := Draw{Stream: NewStream(5, "x"), Execution: 7, Domain: Data}
	for e := range uint64(256) {
		group, lane, word, half := e/128, e%16, e/16%4, e/64%2
		words := Philox([4]uint32{uint32(16*group + lane), 0, 7, 3}, draw.Stream.Key)
		require.Equal(t, uint16(words[word]>>(16*half)), draw.Bits(e), "element %d", e)
	}
	far := Philox([4]uint32{16 + 5, 2, 7, 3}, draw.Stream.Key) // block 2^33 + 21
	require.Equal(t, uint16(far[1]), draw.Bits(1<<33*8+128+16+5))
}

// TestElementIndex numbers the elements of a rank 4 tensor as a layout with 16 channels innermost stores them.
func TestElementIndex(t *testing.T) {
	const batch, channels, height, width = 2, 19, 3, 5
	shape := []int{batch, channels, height, width}
	position := 0
	for n := range batch {
		for c := range channels {
			for h := range height {
				for w := range width {
					// Each sample has ceil(19/16) = 2 groups of channels.
					want := uint64((((n*2+c/16)*height+h)*width+w)*16 + c%16)
					require.Equal(t, want, ElementIndex(shape, position))
					position++
				}
			}
		}
	}
	for _, other := range [][]int{nil, {position}, {position / 5, 5}, {2, 19, 15}, {2, 19, 3, 5, 1}} {
		require.Equal(t, uint64(123), ElementIndex(other, 123))
	}
}

// TestKernelsDrawTheStream compares the random bits that the kernels make with those of Draw, element by element, for
// ranges that start and end anywhere.
func TestKernelsDrawTheStream(t *testing.T) {
	draw := Draw{Stream: NewStream(4, "kernels"), Execution: 1 << 31, Domain: FullGradient}
	everyISA(t, func(t *testing.T) {
		for _, shape := range [][]int{{1000}, {3, 211}, {2, 3, 5, 7}, {2, 16, 8, 8}, {1, 17, 4, 4}, {3, 33, 3, 3}, {2, 5, 13, 31}, {2, 40, 1, 1}} {
			elements, err := elementCount(shape)
			require.NoError(t, err)
			for _, lo := range []int{0, 1, 128, elements / 3} {
				for _, hi := range []int{lo, min(lo+130, elements), elements} {
					random := make([]uint16, max(hi-lo, 0))
					philox.Bits(random, draw.kernel(), randomOrder(shape), lo)
					for i, r := range random {
						if want := draw.Bits(ElementIndex(shape, lo+i)); r != want {
							t.Fatalf("shape %v, element %d of %d to %d: want %#x, got %#x", shape, lo+i, lo, hi, want, r)
						}
					}
				}
			}
		}
	})
}
