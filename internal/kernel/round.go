package kernel

import (
	"math"
	"unsafe"
)

// RoundNearest rounds each element of src to the nearest value of the grid, ties to the even code:
//
//	dst[i] = (clamp(round(src[i]/Step) + Zero, Lo, Hi) - Zero) · Step
//
// with the exact quotient, and the product rounded to float64 and then to float32 (exactly, where Step is a float32
// number). The value of code Zero is +0. NaN becomes +0, an infinity the value of Lo or Hi. dst may be src.
func RoundNearest(dst, src []float32, g Grid) Counts {
	return round(dst, src, nil, nearestEven, 0, g)
}

// RoundFloor is RoundNearest with each quotient rounded towards minus infinity.
func RoundFloor(dst, src []float32, g Grid) Counts {
	return round(dst, src, nil, floor, 0, g)
}

// RoundStochastic is RoundNearest with stochastic rounding: the quotient becomes
//
//	floor((floor(src[i]/Step · 2^bits) + r) / 2^bits)
//
// in exact arithmetic, where r is the top bits of random[i], as many as bits says, 1 to 16.
func RoundStochastic(dst, src []float32, random []uint16, bits int, g Grid) Counts {
	if len(random) != len(src) || bits < 1 || bits > randomBits {
		panic(badLength)
	}
	return round(dst, src, random, stochastic, bits, g)
}

// rounding is a way to round.
type rounding int

const (
	nearestEven rounding = iota
	floor
	stochastic
	stochasticNarrow // a kernel for all 16 bits, codes of less than 16 bits, and multiples of narrowLength elements
)

const narrowLength = 32

// randomBits is the number of random bits that an element has.
const randomBits = 16

func round(dst, src []float32, random []uint16, m rounding, bits int, g Grid) Counts {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if !g.Fits() {
		panic(badGrid)
	}
	if len(src) == 0 {
		return Counts{}
	}
	fraction, exponent := math.Frexp(g.Step)
	if fraction != 0.5 {
		return roundGo(dst, src, random, m, bits, g)
	}
	exponent-- // Step = 2^exponent
	// A scaled source must not underflow where its sign still counts.
	shift := bits - exponent
	if shift > 127 || shift < -126 || shift < 0 && m != nearestEven {
		if allZero(src) { // as blocks without a scale of their own are
			clear(dst)
			return Counts{}
		}
		return roundGo(dst, src, random, m, bits, g)
	}
	args := roundArgs{
		dst: unsafe.Pointer(&dst[0]), src: unsafe.Pointer(&src[0]), random: unsafe.Pointer(unsafe.SliceData(random)), n: len(src),
		scale: float32(math.Ldexp(1, shift)), step: float32(g.Step), lo: float32(g.Lo - g.Zero), hi: float32(g.Hi - g.Zero),
		unit: float32(int(1) << bits), inverseUnit: 1 / float32(int(1)<<bits), unused: uint64(randomBits - bits),
	}
	if whole := len(src) / narrowLength * narrowLength; bits == randomBits && whole > 0 && args.lo > math.MinInt16 && args.hi < math.MaxInt16 {
		args.codeLo, args.codeHi = int16(g.Lo-g.Zero), int16(g.Hi-g.Zero)
		args.most = (args.hi + 1) * args.unit
		args.n = whole
		if roundKernel(&args, stochasticNarrow) {
			counts := args.counts()
			counts.Add(round(dst[whole:], src[whole:], random[whole:], m, bits, g))
			return counts
		}
	}
	if roundKernel(&args, m) {
		return args.counts()
	}
	return roundGo(dst, src, random, m, bits, g)
}

// roundArgs are the arguments of the rounding kernels, for steps that are powers of two.
type roundArgs struct {
	dst, src, random     unsafe.Pointer
	n                    int
	scale                float32 // 2^bits/Step
	step, lo, hi         float32 // lo and hi of code - Zero
	unit, inverseUnit    float32 // 2^bits, 2^-bits
	unused               uint64  // random bits that are dropped
	most                 float32 // stochasticNarrow: the scaled source beyond which codes are the same
	codeLo, codeHi       int16   // stochasticNarrow: lo and hi
	clipped, underflowed uint64  // results
	nan, infinite        uint64
}

func (r *roundArgs) counts() Counts {
	return Counts{Clipped: r.clipped, Underflowed: r.underflowed, NaN: r.nan, Inf: r.infinite}
}

// roundGo is the plain form of all roundings.
func roundGo(dst, src []float32, random []uint16, m rounding, bits int, g Grid) (counts Counts) {
	lo, hi := float64(g.Lo)-float64(g.Zero), float64(g.Hi)-float64(g.Zero)
	unit := float64(int64(1) << bits)
	d := newDivider(g.Step)
	for i, v := range src {
		x := float64(v)
		code := x // an infinity stays what it is
		switch {
		case x != x:
			counts.NaN++
			dst[i] = 0
			continue
		case x-x != 0:
			counts.Inf++
		case m == nearestEven:
			code = d.nearest(x)
		case m == floor:
			code = d.floor(x, 1)
		default:
			code = math.Floor((d.floor(x, unit) + float64(random[i]>>(randomBits-bits))) / unit)
		}
		switch {
		case code < lo:
			counts.Clipped++
			code = lo
		case code > hi:
			counts.Clipped++
			code = hi
		case code == 0 && x != 0:
			counts.Underflowed++
		}
		dst[i] = float32(float64(code*g.Step)) + 0 // no negative zero
	}
	return counts
}

// divider divides by a step.
type divider struct{ step, inverse float64 } // inverse is 0 unless the step is a power of two

func newDivider(step float64) divider {
	if fraction, _ := math.Frexp(step); fraction == 0.5 {
		return divider{step, 1 / step}
	}
	return divider{step, 0}
}

// nearest returns x/step rounded to the nearest integer, ties to even.
func (d divider) nearest(x float64) float64 {
	if d.inverse != 0 {
		return math.RoundToEven(x * d.inverse) // an exact product
	}
	q := x / d.step
	whole := math.Floor(q)
	if q-whole == 0.5 {
		// The exact quotient lies on one side of the tie or on it; the sign of the remainder tells, exactly.
		switch rest := math.FMA(-q, d.step, x); {
		case rest > 0:
			return whole + 1
		case rest < 0:
			return whole
		}
	}
	return math.RoundToEven(q)
}

// floor returns the floor of x/step·unit, where unit is a power of two.
func (d divider) floor(x, unit float64) float64 {
	if d.inverse != 0 {
		return math.Floor(x * d.inverse * unit)
	}
	q := x / d.step
	t := q * unit // exact
	whole := math.Floor(t)
	if t == whole && math.FMA(-q, d.step, x) < 0 {
		whole-- // the quotient had been rounded up to an integer
	}
	return whole
}

func allZero(src []float32) bool {
	var magnitudes uint32
	for _, x := range src {
		magnitudes |= math.Float32bits(x) << 1 // without the sign
	}
	return magnitudes == 0
}
