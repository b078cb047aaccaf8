package round

import (
	"sync"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// sharedArgs are the arguments of the kernels for blocks that share an exponent. Exponents stand in their places of a
// float32; what is marked so has that of a block added to it, or of scale subtracted.
type sharedArgs struct {
	dst, src, random unsafe.Pointer
	exponents        unsafe.Pointer // rows: where the patterns of their largest magnitudes go; columns: those of a row's elements
	rows             int            // counted down
	vectors, rest    int            // a row is so many vectors, and a rest
	pitch            int            // bytes from a row to the next, for the search in columns

	// Rows: a pattern of a largest magnitude other than 0 is taken if it is first to first+span.
	first, span, lowest, highest uint32

	scale, step, opposite uint32  // linear: 1/step, the step, and -step, which have the exponent
	lo, hi                float32 // of codes, and 1 more where rounding is stochastic
	drawn                 uint32  // bits of the mantissa of 1 + r/2^16 that draws fill

	shift, leading uint32 // shifted: Base and Most, which have the exponent
	cut, added     uint32 // bits of the pattern that stay; what all elements add, or the bits of a draw that count
	left, right    uint64 // by how much a draw is shifted

	clipped, underflowed uint64 // results: they are added to

	nearest bool // of no account for kernels
}

func (a *sharedArgs) counts() Counts {
	return Counts{Clipped: a.clipped, Underflowed: a.underflowed}
}

// shape sets the length of rows.
func (a *sharedArgs) shape(n int) {
	lanes := 16
	if isa.Active() == isa.AVX2 {
		lanes = 8
	}
	a.vectors, a.rest = n/lanes, n%lanes
}

// length is the length of rows, for the plain forms.
func (a *sharedArgs) length() int { return 16*a.vectors + a.rest }

// sharedScratch is memory of a call.
type sharedScratch struct {
	random [sharedWindow + philox.Slack/2]uint16
}

var sharedPool = sync.Pool{New: func() any { return new(sharedScratch) }}

// begin checks the arguments that calls have in common, and returns those of the kernels.
func (s Shared) begin(r Mode, random Random) (sharedArgs, *sharedScratch) {
	if !s.Fits() {
		panic(badShared)
	}
	used := usedBits(r, random)
	memory := sharedPool.Get().(*sharedScratch)
	a := sharedArgs{nearest: r == NearestEven}
	a.first, a.span, a.lowest, a.highest = s.limits()
	if !s.Shifted {
		const zeroExponent = uint32(floatBias) << mantissaBits
		a.step = uint32(2-s.Width) << mantissaBits
		a.opposite = a.step + signBit
		a.scale = 2*zeroExponent - a.step
		a.lo, a.hi = float32(s.Lo), float32(s.Hi)
		if !a.nearest {
			a.lo++
			a.hi++
			a.drawn = (1<<used - 1) << (mantissaBits - used)
		}
		return a, memory
	}
	dropped := mantissaBits - s.Width
	a.shift = 2<<mantissaBits + 1<<(mantissaBits-1) // 6 = 1.5·2^2
	a.leading = 1<<mantissaBits - 1<<(mantissaBits+2-s.Width)
	a.cut, a.added = ^uint32(0)<<dropped, 1<<(dropped-1)
	if !a.nearest {
		a.added = (1<<used - 1) << (philox.BitsPerElement - used)
		a.left, a.right = uint64(max(dropped-philox.BitsPerElement, 0)), uint64(max(philox.BitsPerElement-dropped, 0))
	}
	return a, memory
}
