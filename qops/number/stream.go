package number

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Stream is the source of a tensor's random bits: a key of Philox4x32-10. It holds no state.
type Stream struct{ Key [2]uint32 }

// NewStream returns the stream of a tensor's canonical name under a seed: the first 8 bytes, little-endian, of the
// SHA-256 of the seed (8 bytes, little-endian) and the name.
func NewStream(seed uint64, name string) Stream {
	sum := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), name...))
	return Stream{Key: [2]uint32{binary.LittleEndian.Uint32(sum[:]), binary.LittleEndian.Uint32(sum[4:])}}
}

// Domain separates the draws of one stream by what they are for.
type Domain uint32

// The domains.
const (
	Training     Domain = iota // evaluations of the graph in training
	FullGradient               // full-gradient passes, and the paired inner evaluations of SVRG and HALP
	Evaluation                 // evaluations that nothing is learned from
	Data                       // order and augmentation of the data
)

// Draw is one use of a stream: the random bits of all elements of a tensor at one execution.
type Draw struct {
	Stream    Stream
	Execution uint32
	Domain    Domain
}

// block returns the Philox block with the given number: counter (low, high, execution, domain).
func (d Draw) block(number uint64) [4]uint32 {
	return Philox([4]uint32{uint32(number), uint32(number >> 32), d.Execution, uint32(d.Domain)}, d.Stream.Key)
}

// Bits returns the 16 random bits of an element, which is a random-element index (see ElementIndex):
// block 16*(e/128) + e%16, word (e/16)%4, half (e/64)%2, where half 0 is the low one. So 128 elements use 16 blocks,
// and lane e%16 of a vector of 16 elements always draws from blocks of its own.
func (d Draw) Bits(element uint64) uint16 {
	words := d.block(16*(element/128) + element%16)
	return uint16(words[element/16%4] >> (16 * (element / 64 % 2)))
}

// channelGroup is the number of channels that a blocked layout keeps together, and so the order of random elements.
const channelGroup = 16

// ElementIndex returns the random-element index of the element at position e in row-major order. It is e itself, but
// in rank 4 (n, c, h, w)
//
//	((n*ceil(C/16) + c/16)*H*W + h*W + w)*16 + c%16
//
// so that layouts with 16 channels innermost and plain ones both use whole Philox blocks.
func ElementIndex(shape []int, e int) uint64 {
	if len(shape) != 4 {
		return uint64(e)
	}
	channels, area := shape[1], shape[2]*shape[3]
	position := e % area
	c := e / area % channels
	n := e / area / channels
	groups := (channels + channelGroup - 1) / channelGroup
	return uint64((n*groups+c/channelGroup)*area+position)*channelGroup + uint64(c%channelGroup)
}

// kernel returns the draw as the kernels take it.
func (d Draw) kernel() philox.Draw {
	return philox.Draw{Key: d.Stream.Key, Execution: d.Execution, Domain: uint32(d.Domain)}
}

// randomOrder returns the order of random elements of a shape as the kernels take it.
func randomOrder(shape []int) philox.Order {
	if len(shape) != 4 {
		return philox.Order{}
	}
	return philox.Order{Channels: shape[1], Area: shape[2] * shape[3]}
}
