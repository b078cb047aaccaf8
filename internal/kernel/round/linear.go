package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Values rounds each element of src to a value of the grid:
//
//	dst[i] = (clamp(rounding(src[i]/Step) + Zero, Lo, Hi) - Zero) · Step
//
// with the exact quotient q = src[i]/Step, which Stochastic makes floor((floor(q·2^Bits) + r) / 2^Bits), where r is the top
// Bits of the element's random bits. The product is rounded to float32 once. The value of code Zero is +0. NaN becomes +0, an infinity the value of Lo or Hi. dst may be src.
func Values(dst, src []float32, g Grid, rounding Mode, random Random) Counts {
	if len(dst) != len(src) {
		panic(badLength)
	}
	result := toValues
	if float64(float32(g.Step)) != g.Step {
		result = toProducts
	}
	return round(unsafe.Pointer(unsafe.SliceData(dst)), src, g, rounding, random, result, 4)
}

// Codes is [Values] to the codes themselves, which have to fit their type.
func Codes[C Code | int32](dst []C, src []float32, g Grid, rounding Mode, random Random) Counts {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if int32(C(g.Lo)) != g.Lo || int32(C(g.Hi)) != g.Hi {
		panic(badGrid)
	}
	size := int(unsafe.Sizeof(C(0)))
	result := toBytes
	switch size {
	case 2:
		result = toWords
	case 4:
		result = toDoubleWords
	}
	return round(unsafe.Pointer(unsafe.SliceData(dst)), src, g, rounding, random, result, size)
}

func round(dst unsafe.Pointer, src []float32, g Grid, rounding Mode, random Random, result, size int) Counts {
	if !g.Fits() {
		panic(badGrid)
	}
	checkRandom(rounding, random)
	if len(src) == 0 {
		return Counts{}
	}
	args := newLinearArgs(dst, src, g, result)
	return args.run(src, size, rounding, random, !singlePrecision(g))
}

func newLinearArgs(dst unsafe.Pointer, src []float32, g Grid, result int) linearArgs {
	return linearArgs{
		dst: dst, src: unsafe.Pointer(&src[0]), n: len(src), result: result, step64: g.Step, step: float32(g.Step),
		scale: float32(1 / g.Step), lo: float32(g.Lo - g.Zero), hi: float32(g.Hi - g.Zero), zero: g.Zero,
	}
}

// run rounds to results of so many bytes, in float32 arithmetic or in float64.
func (r *linearArgs) run(src []float32, size int, rounding Mode, random Random, double bool) Counts {
	r.pass(0)
	if rounding == NearestEven {
		r.round(true, double)
		return r.counts()
	}
	r.lo++
	r.hi++
	r.zero--
	if rounding == Floor {
		r.draws.Anything()
		r.round(false, double)
		return r.counts()
	}
	r.drawn = (1<<random.Bits - 1) << (mantissaBits - random.Bits)
	all := philox.Cut(random.Draw, random.Order, random.Start, len(src))
	defer all.Done()
	dst := r.dst
	for at := 0; at < len(src); at += r.n {
		r.src, r.dst = unsafe.Pointer(&src[at]), unsafe.Add(dst, at*size)
		r.pass(at)
		r.n = all.Next(&r.draws)
		r.round(false, double)
	}
	return r.counts()
}

// mantissaBits is the number of bits of a float32 number's mantissa in its pattern.
const mantissaBits = 23

// Kinds of results.
const (
	toValues = iota // the step is a float32 number
	toBytes
	toWords
	toDoubleWords
	toProducts // values of any other step
)

// linearArgs are the arguments of the kernels for linear grids. Where rounding is to the nearest, origin is 0, else 1:
// kernels then compute with codes that are 1 higher, as they add random numbers from 1 to 2.
type linearArgs struct {
	dst, src             unsafe.Pointer
	n, result            int
	step64               float64
	step, scale          float32        // scale is 1/step
	lo, hi               float32        // of code - Zero + origin
	zero                 int32          // code of zero, less origin
	steps, scales        unsafe.Pointer // of elements with their own, else nil; scales are float32 inverses, or the float64 steps
	drawn                uint32         // bits of the mantissa of 1 + r/2^16 that draws fill
	clipped, underflowed uint64         // results: they are added to
	nan, infinite        uint64
	draws                philox.Draws

	// Of no account for kernels: where steps and scales come from, the number of the run's first step and of this part's.
	each      *Steps
	first, at int
}

func (r *linearArgs) counts() Counts {
	return Counts{Clipped: r.clipped, Underflowed: r.underflowed, NaN: r.nan, Inf: r.infinite}
}

// round rounds to nearest or stochastically, in float32 arithmetic or in float64.
func (r *linearArgs) round(nearest, double bool) {
	// One code beyond the range has to be a float32 number.
	fits := r.lo > -maxCode && r.hi < maxCode
	switch {
	case fits && r.each == nil && linearKernel(r, nearest, double):
	case fits && r.each != nil && linearEachKernel(r, nearest, double):
	case nearest:
		roundNearestGo(r)
	default:
		roundStochasticGo(r)
	}
}

// singlePrecision reports whether float32 arithmetic is exact for the grid: the step and its inverse are powers of two, and
// no value is infinite.
func singlePrecision(g Grid) bool {
	const least, most = 0x1p-126, 0x1p126
	largest := max(float64(g.Hi)-float64(g.Zero), float64(g.Zero)-float64(g.Lo))
	return powerOfTwo(g.Step) && g.Step >= least && g.Step <= most && largest*g.Step <= math.MaxFloat32
}
