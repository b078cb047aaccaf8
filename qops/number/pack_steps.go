package number

import "math"

// How kinds whose scales are no float32 numbers store them.
var (
	_ blockPacker = bfpKind{}
	_ blockPacker = mxKind{}
	_ blockPacker = nvKind{}
	_ blockPacker = log2Kind{}
)

// packStep stores the exponent E of step = 2^(E-w+2) as E + 2^(e-1). Blocks of QPyTorch's that are NaN take the place of
// an exponent that its blocks do not have (see bfpKind.scale).
func (bfpKind) packStep(f Format, step float64) (bits uint32, ok bool) {
	if f.compat == qpytorch && math.IsNaN(step) {
		return packedNaN, true
	}
	lowest, highest := exponents(f)
	e, ok := exponentOf(step)
	e += int(f.width) - 2
	return uint32(e - lowest), ok && e >= lowest && e <= highest
}

// packedNaN is the exponent -127.
const packedNaN = 1

func (bfpKind) unpackStep(f Format, bits uint32) (step float64, ok bool) {
	lowest, _ := exponents(f)
	if f.compat == qpytorch && bits == packedNaN {
		return math.NaN(), true
	}
	return math.Ldexp(1, int(bits)+lowest-int(f.width)+2), true
}

// packStep stores the scale 2^k as an E8M0 number: k + 127, or 255 for NaN.
func (mxKind) packStep(f Format, step float64) (bits uint32, ok bool) {
	if math.IsNaN(step) {
		return e8m0NaN, true
	}
	k, ok := exponentOf(step / f.mxStep(0))
	return uint32(k - e8m0Lowest), ok && k >= e8m0Lowest && k <= e8m0Highest
}

func (mxKind) unpackStep(f Format, bits uint32) (step float64, ok bool) {
	if bits == e8m0NaN {
		return math.NaN(), true
	}
	return f.mxStep(int(bits) + e8m0Lowest), true
}

// packStep stores the scale as an E4M3 number.
func (nvKind) packStep(_ Format, step float64) (bits uint32, ok bool) {
	l := newFloatLine(nvScale, 1)
	if math.IsNaN(step) {
		return uint32(l.code(point{class: notANumber})), true
	}
	if !(step > 0 && step <= l.magnitude(l.most)) {
		return 0, false
	}
	q := l.place(step)
	return uint32(q.floor), q.top == 0 && !q.rest
}

// unpackStep refuses zero and negative numbers, which are no scales.
func (nvKind) unpackStep(_ Format, bits uint32) (step float64, ok bool) {
	l := newFloatLine(nvScale, 1)
	p, ok := l.point(int64(bits))
	step = valueOf[float64](l, p)
	return step, ok && !p.negative && (p.class == notANumber || step > 0)
}

// exponentOf returns e of a number 2^e.
func exponentOf(x float64) (e int, ok bool) {
	significand, e := math.Frexp(x)
	return e - 1, significand == 0.5
}

// packStep stores the power of the largest value, counted in steps of 1/G from the lowest there can be.
func (log2Kind) packStep(f Format, step float64) (bits uint32, ok bool) {
	octave := octaves()[f.exponent]
	lowest, highest := f.log2Tops()
	if !(step > 0 && step <= math.MaxFloat32) {
		return 0, false
	}
	power := log2Floor(step, octave)
	return uint32(power - lowest), power >= lowest && power <= highest && log2Value(power, octave) == step
}

func (log2Kind) unpackStep(f Format, bits uint32) (step float64, ok bool) {
	lowest, highest := f.log2Tops()
	power := int(bits) + lowest
	if power > highest {
		return 0, false
	}
	return log2Value(power, octaves()[f.exponent]), true
}
