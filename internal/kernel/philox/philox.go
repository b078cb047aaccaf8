// Package philox makes random bits: those of an element of a tensor are a function of a key, a counter and the element's
// position ([Order]), whichever way the tensor is cut into runs. [Bits] writes them to memory; kernels that round draw them
// inside their loops, from [Draws].
//
// Package round takes its bits from here, and qops and qops/number the masks of dropout and the order of positions.
package philox

import "math/bits"

// Constants of Philox4x32 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
const (
	philoxMultiply0 = 0xD2511F53
	philoxMultiply1 = 0xCD9E8D57
	philoxWeyl0     = 0x9E3779B9
	philoxWeyl1     = 0xBB67AE85
	philoxRounds    = 10
)

// philoxKeys are the keys of the rounds, two each.
type philoxKeys [2 * philoxRounds]uint32

func roundKeys(key [2]uint32) (keys philoxKeys) {
	for i := range philoxRounds {
		keys[2*i], keys[2*i+1] = key[0], key[1]
		key[0] += philoxWeyl0
		key[1] += philoxWeyl1
	}
	return keys
}

// block is the block function of Philox4x32-10.
func block(c [4]uint32, keys *philoxKeys) [4]uint32 {
	for i := 0; i < len(keys); i += 2 {
		hi0, lo0 := bits.Mul32(philoxMultiply0, c[0])
		hi1, lo1 := bits.Mul32(philoxMultiply1, c[2])
		c = [4]uint32{hi1 ^ c[1] ^ keys[i], lo1, hi0 ^ c[3] ^ keys[i+1], lo0}
	}
	return c
}
