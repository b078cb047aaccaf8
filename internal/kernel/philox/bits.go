package philox

import "unsafe"

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
//
// So a tensor of rank 4 that is stored as (n, c/16, h, w, c%16), with zeros for the channels that are missing in the last
// group, lies in the order of indices: its runs have the zero Order, and its elements the bits that they have elsewhere.
type Order struct{ Channels, Area int }

// channelGroup is the number of channels that are neighbours in the order of rank 4.
const channelGroup = 16

// BitsPerElement is the number of random bits that an element draws.
const BitsPerElement = 16

// Bits sets random[i] to the 16 random bits of the element at position start+i.
func Bits(random []uint16, d Draw, order Order, start int) {
	all := Cut(d, order, start, len(random))
	defer all.Done()
	var args Draws
	for len(random) > 0 {
		n := all.Next(&args)
		args.write(random[:n])
		random = random[n:]
	}
}

// randomArgs are the arguments of the kernels of random bits.
type randomArgs struct {
	dst   unsafe.Pointer
	n     int
	draws Draws
}

// write sets the draws of a stretch of at least one element.
func (d *Draws) write(dst []uint16) {
	args := randomArgs{dst: unsafe.Pointer(&dst[0]), n: len(dst), draws: *d}
	if !randomKernel(&args) {
		randomGo(&args)
	}
}

func randomGo(args *randomArgs) {
	dst := unsafe.Slice((*uint16)(args.dst), args.n)
	args.draws.Each(len(dst), func(draws []uint16) {
		dst = dst[copy(dst, draws):]
	})
}
