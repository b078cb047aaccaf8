package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Kernels take multiples of wholeLength elements. randomWindow is how many random bits are drawn at a time.
const (
	wholeLength  = 16
	randomWindow = 1024
)

// noRandomBits let the kernels of stochastic rounding round to minus infinity.
var noRandomBits [randomWindow]uint16

// minifloatRun rounds the parts of a run.
type minifloatRun[O output] struct {
	grid floatGrid
	args minifloatArgs
	kind minifloatKind
	fits bool // the kernels take the grid
	*scratch
}

// minifloatKind tells kernels apart.
type minifloatKind struct {
	aligned bool // subnormal numbers of the grid are subnormal in float32: ordinals are float32's, cut down
	random  bool
	size    int // bytes of an output
}

func roundMinifloat[O output](dst []O, src []float32, f Minifloat, r Mode, random Random) (counts Counts) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if !f.Fits() {
		panic(badMinifloat)
	}
	run := minifloatRun[O]{scratch: scratchPool.Get().(*scratch)}
	defer scratchPool.Put(run.scratch)
	run.init(f, r, usedBits(r, random))
	switch {
	case run.fits && !run.kind.aligned && run.grid.binadesFit():
		return run.binades(dst, src)
	case r == NearestEven, r == Floor && !run.fits:
		return run.round(dst, src, nil)
	}
	for at := 0; at < len(src); at += randomWindow {
		n := min(randomWindow, len(src)-at)
		bits := noRandomBits[:n]
		if r == Stochastic {
			bits = run.window[:n]
			philox.Bits(bits, random.Draw, random.Order, random.Start+at)
		}
		counts.Add(run.round(dst[at:at+n], src[at:at+n], bits))
	}
	return counts
}

func (r *minifloatRun[O]) init(f Minifloat, rounding Mode, used int) {
	var output O
	r.grid = newFloatGrid(f, rounding, used)
	r.kind = minifloatKind{random: rounding != NearestEven, size: int(unsafe.Sizeof(output))}
	r.kind.aligned = r.grid.least == floatLeast && r.kind.size > 1
	r.fits = isa.Active() != isa.Go && (r.kind.aligned || r.grid.kernelFits())
	if r.fits {
		r.args.set(&r.grid, f, r.kind)
	}
}

// Kernels of grids that are not aligned reckon with quotients in integers of 32 bits, which have extraBits more if they
// add random ones. With a mantissa of 14 bits the sum may be 2^31, which wraps, but keeps its magnitude.
const (
	extraBits         = philox.BitsPerElement
	maxRandomMantissa = 14
)

// kernelFits reports whether all powers of two that a kernel multiplies with are normal float32 numbers, and quotients
// neither overflow nor lose bits that count.
func (g *floatGrid) kernelFits() bool {
	extra := 0
	if g.rounding == NearestEven {
		if g.mantissa == 0 && !g.binadesFit() {
			return false
		}
	} else {
		extra = extraBits
		if g.mantissa > maxRandomMantissa || g.mantissa+extra < g.least {
			return false
		}
	}
	return g.least-g.mantissa >= floatLeast && g.mantissa+extra-g.least <= floatBias && g.least <= floatBias
}

// minifloatArgs are the arguments of the kernels. Fields of 32 bits are patterns of float32 or integers, for all lanes.
type minifloatArgs struct {
	dst, src, random unsafe.Pointer
	n                int // elements; on return, those from the first vector on that has an infinity or NaN

	clipped, underflowed uint64 // results, added to

	limit          uint32 // of values: the largest magnitude; of codes: its ordinal
	over, overFlip uint32 // what a positive value beyond it becomes, and how that of a negative one differs
	zero           uint32 // values: what is added to them; codes: ones if zero has no sign
	randomMask     uint32
	signShift      uint64 // from bit 31 to the sign's place in a code

	// Grids that are not aligned.
	least   uint32 // the smallest normal number
	inverse uint32 // less the exponent of a binade, of the power of two that makes ordinals
	step    uint32 // what the exponent of a binade is more than that of its step

	// Aligned grids.
	half, odd, keep uint32
	drop            uint64 // 32 less the bits that are cut

	cut uint64 // bits of float32's mantissa that the grid does not have
}

func (m *minifloatArgs) set(g *floatGrid, f Minifloat, kind minifloatKind) {
	cut := maxMantissa - g.mantissa
	m.cut, m.drop = uint64(cut), uint64(32-cut)
	m.randomMask = uint32(^g.unused)
	m.least = uint32(g.least+floatBias) << 23
	m.inverse = uint32(2*floatBias+g.mantissa) << 23
	m.step = uint32(g.mantissa) << 23
	if kind.random {
		m.inverse += extraBits << 23
	}
	if kind.aligned {
		m.randomMask <<= 16
		m.keep = ^uint32(0) << cut
		if cut > 0 {
			m.half, m.odd = 1<<(cut-1)-1, 1
		}
	}
	if kind.size == 4 {
		m.limit = math.Float32bits(float32(g.value(g.most)))
		m.over = math.Float32bits(g.over[0].value)
		m.overFlip = m.over ^ math.Float32bits(g.over[1].value)
		if g.signedZero {
			m.zero = signBit // x + -0 = x; x + 0 makes +0 of -0
		}
		return
	}
	m.limit = uint32(g.most)
	m.over = uint32(g.over[0].code)
	m.overFlip = uint32(g.over[0].code ^ g.over[1].code)
	m.signShift = uint64(32 - f.Width)
	if !g.signedZero {
		m.zero = math.MaxUint32
	}
}

// round rounds a part of the run.
func (r *minifloatRun[O]) round(dst []O, src []float32, random []uint16) (counts Counts) {
	if !r.fits {
		return roundAll(&r.grid, dst, src, random)
	}
	whole := len(src) &^ (wholeLength - 1)
	for at := 0; at < whole; {
		at = whole - r.kernel(dst[at:whole], src[at:whole], tail(random, at))
		if at < whole { // a vector that is not for the kernel
			next := min(at+wholeLength, whole)
			counts.Add(roundAll(&r.grid, dst[at:next], src[at:next], tail(random, at)))
			at = next
		}
	}
	if rest := len(src) - whole; rest > 0 {
		inputs, outputs, bits := r.inputs[:wholeLength], outputsOf[O](r.scratch)[:wholeLength], r.bits[:wholeLength]
		copy(inputs, src[whole:])
		clear(inputs[rest:]) // zeros count for nothing
		if random != nil {
			copy(bits, random[whole:])
		}
		if done := wholeLength - r.kernel(outputs, inputs, bits); done < rest {
			counts.Add(roundAll(&r.grid, outputs[done:rest], inputs[done:rest], bits[done:]))
		}
		copy(dst[whole:], outputs[:rest])
	}
	counts.Clipped += r.args.clipped
	counts.Underflowed += r.args.underflowed
	r.args.clipped, r.args.underflowed = 0, 0
	return counts
}

// kernel runs the kernel, and returns how many elements are left.
func (r *minifloatRun[O]) kernel(dst []O, src []float32, random []uint16) int {
	r.args.dst, r.args.src, r.args.n = unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), len(src)
	r.args.random = unsafe.Pointer(unsafe.SliceData(random))
	minifloatKernel(&r.args, r.kind)
	return r.args.n
}

// tail is s[at:], of no bits too.
func tail(random []uint16, at int) []uint16 {
	if random == nil {
		return nil
	}
	return random[at:]
}
