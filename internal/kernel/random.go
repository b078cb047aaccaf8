package kernel

import "math/bits"

// Draw names one use of a stream of random bits: key and upper half of the counter of Philox4x32-10.
type Draw struct {
	Key               [2]uint32
	Execution, Domain uint32
}

// Order says which random bits an element takes from its position in row-major order. The zero value is for tensors of
// any rank but 4. In rank 4, with Channels = C and Area = H·W, the element (n, c, h, w) has index
//
//	((n·ceil(C/16) + c/16)·H·W + h·W + w)·16 + c%16
//
// and otherwise its position is its index. Index e takes block 16·(e/128) + e%16, word (e/16)%4, half (e/64)%2, half 0
// being the low 16 bits.
type Order struct{ Channels, Area int }

// index returns the random-element index of a position.
func (o Order) index(position int) uint64 {
	if o.Channels == 0 {
		return uint64(position)
	}
	hw := position % o.Area
	c := position / o.Area % o.Channels
	n := position / o.Area / o.Channels
	return uint64(((n*((o.Channels+15)/16)+c/16)*o.Area+hw)*16 + c%16)
}

// Constants of Philox4x32 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
const (
	philoxMultiply0 = 0xD2511F53
	philoxMultiply1 = 0xCD9E8D57
	philoxWeyl0     = 0x9E3779B9
	philoxWeyl1     = 0xBB67AE85
	philoxRounds    = 10
)

// block returns the Philox block of the given number.
func (d Draw) block(number uint64) [4]uint32 {
	c0, c1, c2, c3 := uint32(number), uint32(number>>32), d.Execution, d.Domain
	k0, k1 := d.Key[0], d.Key[1]
	for range philoxRounds {
		hi0, lo0 := bits.Mul32(philoxMultiply0, c0)
		hi1, lo1 := bits.Mul32(philoxMultiply1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += philoxWeyl0
		k1 += philoxWeyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// RandomBits sets random[i] to the 16 random bits of the element at position start+i.
func RandomBits(random []uint16, d Draw, order Order, start int) {
	for i := range random {
		e := order.index(start + i)
		words := d.block(16*(e/128) + e%16)
		random[i] = uint16(words[e/16%4] >> (16 * (e / 64 % 2)))
	}
}
