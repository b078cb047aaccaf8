package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Shift is how a block of float32 numbers is rounded by adding a number to them and cutting mantissas:
//
//	t = x + Base,   t' = the float32 whose pattern is (pattern of t + a) without its Dropped lowest bits,
//	y = min(max(t' - Base, -Most), Most)
//
// where a is half of 2^Dropped, or the element's random bits: the top Bits of 16, brought to Dropped bits. Both operations
// are rounded to float32. Base is so large that t has the same exponent for all elements: then y is on the grid of steps
// 2^Dropped units in the last place of Base, ties up, after x was rounded to such units.
type Shift struct {
	Base, Most float32
	Dropped    int // 1 to 22
}

// Shifted rounds src, whose elements are finite, into dst, which may be src. With random nil it rounds to nearest,
// else random holds the 16 random bits of each element. Counts has no NaN and no infinities.
func Shifted(dst, src []float32, s Shift, random []uint16, bits int) Counts {
	if len(dst) != len(src) || random != nil && len(random) != len(src) {
		panic(badLength)
	}
	if s.Dropped < 1 || s.Dropped >= mantissaBits {
		panic(badShift)
	}
	if len(src) == 0 {
		return Counts{}
	}
	args := shiftedArgs{
		dst: unsafe.Pointer(&dst[0]), src: unsafe.Pointer(&src[0]), n: len(src),
		base: s.Base, most: s.Most, least: -s.Most, kept: ^uint32(0) << s.Dropped, added: 1 << (s.Dropped - 1),
	}
	if random != nil {
		if bits < 1 || bits > philox.BitsPerElement {
			panic(badRandom)
		}
		args.random = unsafe.Pointer(&random[0])
		args.added = (1<<bits - 1) << (philox.BitsPerElement - bits)
		args.left, args.right = uint64(max(s.Dropped-philox.BitsPerElement, 0)), uint64(max(philox.BitsPerElement-s.Dropped, 0))
	}
	if done := shiftedKernel(&args); done < len(src) {
		if random != nil {
			random = random[done:]
		}
		shiftedGo(&args, dst[done:], src[done:], random)
	}
	return Counts{Clipped: args.clipped, Underflowed: args.underflowed}
}

const badShift = "round: a shift drops 1 to 22 bits"

// shiftedArgs are the arguments of the kernels of Shifted.
type shiftedArgs struct {
	dst, src, random     unsafe.Pointer // random is nil if all elements add the same
	n                    int
	base, most, least    float32
	kept                 uint32 // bits of the pattern
	added                uint32 // what all elements add, or the bits of a draw that count
	left, right          uint64 // by how much a draw is shifted
	clipped, underflowed uint64 // results: they are added to
}

// shiftedGo is the plain form of the kernels.
func shiftedGo(args *shiftedArgs, dst, src []float32, random []uint16) {
	for i, x := range src {
		add := args.added
		if random != nil {
			add = (uint32(random[i]) & args.added) << args.left >> args.right
		}
		t := float32(x + args.base)
		y := float32(math.Float32frombits((math.Float32bits(t)+add)&args.kept) - args.base)
		limited := max(min(y, args.most), args.least)
		switch {
		case limited != y:
			args.clipped++
		case y == 0 && x != 0:
			args.underflowed++
		}
		dst[i] = limited
	}
}

// LargestBits returns the largest of the patterns of src without their signs: that of the largest magnitude if all
// elements are finite, else one from 0x7f800000 on.
func LargestBits(src []float32) uint32 {
	args := searchArgs{src: unsafe.Pointer(unsafe.SliceData(src)), n: len(src)}
	if largestBitsKernel(&args) {
		return math.Float32bits(args.high)
	}
	var largest uint32
	for _, x := range src {
		largest = max(largest, math.Float32bits(x)&^(1<<31))
	}
	return largest
}
