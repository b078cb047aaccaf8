package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// minifloats writes rounding to grids of small floating point; see Minifloat, minifloatArgs and minifloatRun.kernel.
func minifloats(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, random := range []bool{false, true} {
			for _, size := range []int{4, 1, 2} {
				minifloat(a, minifloatVariant{set: s, random: random, size: size})
				if size > 1 {
					minifloat(a, minifloatVariant{set: s, random: random, size: size, aligned: true})
				}
			}
		}
	}
}

// Parts of a float32.
const (
	exponentBits = 0xff << 23
	signBit      = 1 << 31
)

// minifloatVariant tells kernels apart; see minifloatKind.
type minifloatVariant struct {
	set             simd
	random, aligned bool
	size            int // bytes of an output
}

func (v minifloatVariant) name() string {
	name := "minifloat"
	if v.aligned {
		name = "aligned"
	}
	return name + v.rounding() + v.output() + v.set.name
}

func (v minifloatVariant) rounding() string {
	if v.random {
		return "Random"
	}
	return "Nearest"
}

func (v minifloatVariant) output() string {
	return map[int]string{4: "Values", 1: "Codes8", 2: "Codes16"}[v.size]
}

// minifloatKernel is a kernel under construction, its constants and its registers.
type minifloatKernel struct {
	*lanes
	v                 minifloatVariant
	dst, src, bits, n reg.GPVirtual

	x, magnitude, binade, code, spare reg.VecPhysical
	clipped, underflowed              reg.VecPhysical
	condition                         mask
	absolute, infinity                reg.VecPhysical
	zero                              reg.VecPhysical // AVX2
	one                               operand.Op      // AVX-512

	// Fields of minifloatArgs, or what takes their place.
	randomMask                 operand.Op
	limit, over, flip, addZero operand.Op
	least, step                operand.Op
	inverse                    reg.VecPhysical
	half, odd, keep            operand.Op
	cut, drop, signShift       reg.Register // numbers of bits

	exponent, sign operand.Op // exponentBits, signBit
}

func minifloat(a *assembly, v minifloatVariant) {
	a.function(v.name())
	m := &minifloatKernel{v: v, lanes: newLanes(a, v.set, a.arguments(), "")}
	m.common()
	m.infinity = m.all(exponentBits - 1) // what is greater is infinite or NaN
	m.signs()
	if v.aligned {
		m.patterns()
	} else {
		m.binades()
	}

	a.label("next")
	m.load(operand.Mem{Base: m.src}, m.x)
	m.and(m.x, m.absolute, m.magnitude)
	m.greater(m.infinity, m.magnitude, m.condition)
	m.jumpIfAny(m.condition, a.at("end"))
	switch {
	case v.aligned && v.random:
		m.alignedRandom()
	case v.aligned:
		m.alignedNearest()
	default:
		m.quotient()
	}
	if v.size == 4 {
		m.finishValues()
	} else {
		m.finishCodes()
	}
	m.advance()
	a.SUBQ(operand.Imm(uint64(m.lanes.lanes)), m.n)
	a.JNE(a.at("next"))
	m.end()
}

// advance moves the pointers on by a vector.
func (m *minifloatKernel) advance() {
	m.a.ADDQ(operand.Imm(uint64(m.size())), m.src)
	m.a.ADDQ(operand.Imm(uint64(m.lanes.lanes*m.v.size)), m.dst)
	if m.v.random {
		m.a.ADDQ(operand.Imm(uint64(m.lanes.lanes*2)), m.bits)
	}
}

// end reports what was done and how many elements are left.
func (m *minifloatKernel) end() {
	m.a.label("end")
	m.a.MOVQ(m.n, m.field("n"))
	m.sum(m.clipped, m.spare, "clipped")
	m.sum(m.underflowed, m.spare, "underflowed")
	m.a.VZEROUPPER()
	m.a.RET()
}

// common fills the registers that all kernels have.
func (m *minifloatKernel) common() {
	m.dst, m.src, m.n = m.a.GP64(), m.a.GP64(), m.a.GP64()
	m.a.MOVQ(m.field("dst"), m.dst)
	m.a.MOVQ(m.field("src"), m.src)
	m.a.MOVQ(m.field("n"), m.n)
	m.x, m.magnitude, m.code, m.spare = m.register(), m.register(), m.register(), m.register()
	m.clipped, m.underflowed = m.zeroed(), m.zeroed()
	m.condition = m.mask()
	m.absolute = m.all(signBit - 1)
	if m.wide {
		m.one = m.all(1)
	} else {
		m.zero = m.zeroed()
	}
	if m.v.random {
		m.bits = m.a.GP64()
		m.a.MOVQ(m.field("random"), m.bits)
		m.randomMask = m.constant("randomMask", m.spare)
	}
}

// signs fills what finishValues and finishCodes need.
func (m *minifloatKernel) signs() {
	m.sign = m.number(signBit, m.spare)
	m.over, m.limit = m.constant("over", m.spare), m.constant("limit", m.spare)
	m.flip, m.addZero = m.constant("overFlip", m.spare), m.constant("zero", m.spare)
	if m.v.size < 4 {
		m.signShift = m.shift("signShift")
	}
}

// binades fills what quotient needs.
func (m *minifloatKernel) binades() {
	m.binade, m.exponent = m.register(), m.number(exponentBits, m.spare)
	m.inverse = m.held("inverse")
	m.least, m.step = m.constant("least", m.spare), m.constant("step", m.spare)
	if m.v.size < 4 {
		m.cut = m.shift("cut")
	}
}

// patterns fills what alignedNearest and alignedRandom need.
func (m *minifloatKernel) patterns() {
	m.keep = m.constant("keep", m.spare)
	m.half, m.odd = m.constant("half", m.spare), m.constant("odd", m.spare)
	m.cut, m.drop = m.shift("cut"), m.shift("drop")
}

// quotient makes integers of the elements, in units of the step of their binade, and code of these: the magnitude, or its
// ordinal.
func (m *minifloatKernel) quotient() {
	a := m.a
	m.and(m.exponent, m.magnitude, m.binade)
	a.VPMAXUD(m.least, m.binade, m.binade)
	a.VPSUBD(m.binade, m.inverse, m.code)
	a.VMULPS(m.x, m.code, m.code)
	m.integer()
	a.VPABSD(m.code, m.code)
	if m.v.size == 4 {
		a.VCVTDQ2PS(m.code, m.code)
		a.VPSUBD(m.step, m.binade, m.binade)
		a.VMULPS(m.binade, m.code, m.code)
	} else {
		a.VPSUBD(m.least, m.binade, m.binade)
		a.VPSRLD(m.cut, m.binade, m.binade)
		a.VPADDD(m.binade, m.code, m.code)
	}
}

// integer rounds the quotients in code, which have 16 bits behind the point taken in if random bits are to be added.
func (m *minifloatKernel) integer() {
	a := m.a
	if !m.v.random {
		a.VCVTPS2DQ(m.code, m.code)
		return
	}
	m.roundDown(m.code, m.code)
	a.VPMOVZXWD(operand.Mem{Base: m.bits}, m.spare)
	m.and(m.randomMask, m.spare, m.spare)
	a.VPADDD(m.spare, m.code, m.code)
	a.VPSRAD(operand.Imm(16), m.code, m.code)
}

// alignedNearest cuts the patterns of the magnitudes.
func (m *minifloatKernel) alignedNearest() {
	a := m.a
	a.VPSRLD(m.cut, m.magnitude, m.code)
	m.and(m.odd, m.code, m.code)
	a.VPADDD(m.half, m.code, m.code)
	a.VPADDD(m.magnitude, m.code, m.code)
	m.alignedCut()
}

// alignedRandom does so with random bits added; those of negative elements are inverted, since their magnitudes are to
// be rounded the other way.
func (m *minifloatKernel) alignedRandom() {
	a := m.a
	a.VPMOVZXWD(operand.Mem{Base: m.bits}, m.code)
	a.VPSLLD(operand.Imm(16), m.code, m.code)
	m.and(m.randomMask, m.code, m.code)
	a.VPSRAD(operand.Imm(31), m.x, m.spare)
	m.xor(m.spare, m.code, m.code)
	a.VPSRLD(m.drop, m.code, m.code)
	a.VPADDD(m.magnitude, m.code, m.code)
	m.alignedCut()
}

func (m *minifloatKernel) alignedCut() {
	if m.v.size == 4 {
		m.and(m.keep, m.code, m.code)
	} else {
		m.a.VPSRLD(m.cut, m.code, m.code)
	}
}

// finishValues gives the magnitudes in code their signs, and stores them.
func (m *minifloatKernel) finishValues() {
	a := m.a
	m.lost(m.magnitude, m.code, m.zero, m.condition, m.spare)
	m.tally(m.condition, m.one, m.underflowed)
	m.greater(m.limit, m.code, m.condition)
	m.tally(m.condition, m.one, m.clipped)
	m.orAnd(m.sign, m.x, m.code, m.spare)
	a.VADDPS(m.addZero, m.code, m.code)
	a.VPSRAD(operand.Imm(31), m.x, m.spare)
	m.xorAnd(m.flip, m.over, m.spare)
	m.put(m.spare, m.condition, m.code)
	m.store(m.code, operand.Mem{Base: m.dst})
}

// finishCodes gives the ordinals in code their signs, and stores them.
func (m *minifloatKernel) finishCodes() {
	a := m.a
	m.lost(m.magnitude, m.code, m.zero, m.condition, m.spare)
	m.tally(m.condition, m.one, m.underflowed)
	m.and(m.sign, m.x, m.magnitude)
	a.VPSRLD(m.signShift, m.magnitude, m.magnitude)
	if m.wide { // a zero without sign
		a.VPTESTNMD(m.code, m.code, m.condition.k)
		a.VPANDND(m.magnitude, m.addZero, m.condition.k, m.magnitude)
	} else {
		a.VPCMPEQD(m.zero, m.code, m.spare)
		m.and(m.addZero, m.spare, m.spare)
		a.VPANDN(m.magnitude, m.spare, m.magnitude)
	}
	m.greater(m.limit, m.code, m.condition)
	m.tally(m.condition, m.one, m.clipped)
	m.or(m.magnitude, m.code, m.code)
	a.VPSRAD(operand.Imm(31), m.x, m.spare)
	m.xorAnd(m.flip, m.over, m.spare)
	m.put(m.spare, m.condition, m.code)
	m.codes(m.code, m.v.size, m.spare, operand.Mem{Base: m.dst})
}
