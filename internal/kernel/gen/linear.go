package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// linears writes the rounding of runs to linear grids; see linearArgs of the package.
func linears(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, each := range []bool{false, true} {
			for _, double := range []bool{false, true} {
				newLinear(a, s, each, double, false, "roundNearest").nearestKernel()
				newLinear(a, s, each, double, true, "roundStochastic").stochasticKernel()
			}
		}
	}
}

// Modes of VRNDSCALEPS and VROUNDPS, without exceptions.
const (
	toNearestEven = 8
	toFloor       = 9
)

// What VFPCLASSPS calls NaN (quiet and signalling) and infinities.
const (
	classNaN      = 0x01 | 0x80
	classInfinity = 0x08 | 0x10
)

// Predicates of VCMPPS.
const (
	equal           = 0
	unordered       = 3
	notEqual        = 4
	orderedNotEqual = 12
	greaterEqual    = 13
)

// linear is a kernel under construction: for each element, in lanes of float32,
//
//	code = place(x) + origin, kept = clamp(code, lo, hi), result = kept·step - origin·step
//
// where place divides and rounds, in float32 if the step is a power of two, else in float64 lanes; origin is 0, or 1 where
// random numbers from 1 to 2 were added. Elements are taken a few vectors at a time, the rest a vector at a time with a mask.
// There is one step for all of them, or one for each.
type linear struct {
	a                  *assembly
	s                  simd
	args               arguments
	each               bool // steps of their own
	double, stochastic bool
	name               string // of the loop under construction

	dst, src, random, count reg.GPVirtual
	taken                   reg.GPVirtual      // elements of a masked vector
	mask                    reg.GPVirtual      // AVX2: where its mask is
	lanes                   reg.OpmaskPhysical // AVX-512: its mask
	steps, scales           reg.GPVirtual      // where the elements' own are; scales of double lanes are the steps in float64

	scale, step, lo, hi  reg.VecPhysical   // scale is 1/step; step of double lanes is a float64
	zero, one, drawn     reg.VecPhysical   // drawn has the bits of a float32 that come from draws
	unit                 reg.VecPhysical   // AVX-512: the integer 1
	clipped, underflowed reg.VecPhysical   // counts in each lane
	x, t                 []reg.VecPhysical // elements; temporaries
	counts               operand.Mem       // AVX2: the counts between bodies
}

// newLinear starts a kernel and chooses its registers.
func newLinear(a *assembly, s simd, each, double, stochastic bool, name string) *linear {
	if each {
		name += "Each"
	}
	if double {
		name += "Double"
	}
	a.function(name + s.name)
	args := a.arguments()
	l := &linear{
		a: a, s: s, args: args, each: each, double: double, stochastic: stochastic,
		dst: args.load("dst"), src: args.load("src"), taken: a.GP64(), mask: a.GP64(), lanes: reg.K1,
	}
	if each {
		l.steps, l.scales = args.load("steps"), args.load("scales")
	}
	registers := s.registers[:16] // philox draws in the others
	take := func() (r reg.VecPhysical) {
		r, registers = registers[0], registers[1:]
		return r
	}
	l.step, l.lo, l.hi, l.clipped, l.underflowed = take(), take(), take(), take(), take()
	if !double {
		l.scale = take()
	}
	if s.wide || !stochastic {
		l.zero = take()
	}
	if stochastic {
		l.one, l.drawn = take(), take()
	}
	switch {
	case s.wide:
		l.unit = take()
		l.x = []reg.VecPhysical{take(), s.registers[16]}
	case double:
		l.x = []reg.VecPhysical{take(), take()}
	default:
		l.x = []reg.VecPhysical{take(), take(), take(), take()}
	}
	l.t = registers
	return l
}

// origin is the code of zero.
func (l *linear) origin() reg.VecPhysical {
	if l.stochastic {
		return l.one
	}
	return l.zero
}

// constants loads what all vectors share, but for the counts.
func (l *linear) constants() {
	a := l.a
	switch {
	case l.each:
	case l.double:
		a.VBROADCASTSD(l.args.field("step64"), l.step)
	default:
		a.VBROADCASTSS(l.args.field("step"), l.step)
		a.VBROADCASTSS(l.args.field("scale"), l.scale)
		if l.roundsDown() {
			l.negate(l.step, l.t[0]) // see storeValues
		}
	}
	a.VBROADCASTSS(l.args.field("lo"), l.lo)
	a.VBROADCASTSS(l.args.field("hi"), l.hi)
	if l.zero != nil {
		l.s.clear(a, l.zero)
	}
	if l.stochastic {
		a.VBROADCASTSS(a.word(floatOne), l.one)
		a.VBROADCASTSS(l.args.field("drawn"), l.drawn)
	}
	if l.s.wide {
		a.VPBROADCASTD(a.word(1), l.unit)
	}
}

func (l *linear) nearestKernel() {
	l.count = l.args.load("n")
	l.constants()
	l.s.clear(l.a, l.clipped)
	l.s.clear(l.a, l.underflowed)
	l.loops()
	l.end()
}

// loops writes a loop for each kind of result.
func (l *linear) loops() {
	a := l.a
	results := l.results()
	for i, r := range results {
		if i > 0 {
			a.label(r.name)
		}
		if i < len(results)-1 {
			a.CMPQ(l.args.field("result"), operand.Imm(uint64(r.number)))
			a.JNE(a.at(results[i+1].name))
		}
		l.loop(r)
		if i < len(results)-1 {
			a.JMP(a.at("rounded"))
		}
	}
	a.label("rounded")
}

// loop writes the loop over count elements.
func (l *linear) loop(r result) {
	a := l.a
	l.name = r.name
	lanes := l.s.lanes
	step := len(l.x) * lanes
	a.SUBQ(operand.U32(uint32(step)), l.count)
	a.JLT(a.at(r.name + "rest"))
	a.label(r.name + "group")
	for i, x := range l.x {
		a.VMOVUPS(operand.Mem{Base: l.src, Disp: i * l.s.size()}, x)
	}
	l.finite(l.x, "group")
	for i, x := range l.x {
		l.vector(r, x, i, false)
	}
	a.ADDQ(operand.U32(uint32(4*step)), l.src)
	a.ADDQ(operand.U32(uint32(r.size*step)), l.dst)
	if l.stochastic {
		a.ADDQ(operand.U32(uint32(2*step)), l.random)
	}
	if l.each {
		a.ADDQ(operand.U32(uint32(4*step)), l.steps)
		a.ADDQ(operand.U32(uint32(l.scaleSize()*step)), l.scales)
	}
	a.SUBQ(operand.U32(uint32(step)), l.count)
	a.JGE(a.at(r.name + "group"))

	a.label(r.name + "rest")
	a.ADDQ(operand.U32(uint32(step)), l.count)
	a.JEQ(a.at("rounded"))
	a.label(r.name + "masked")
	a.MOVQ(operand.U32(uint32(lanes)), l.taken)
	a.CMPQ(l.count, l.taken)
	a.CMOVQLT(l.count, l.taken)
	l.loadMasked(l.x[0])
	l.finite(l.x[:1], "masked")
	l.vector(r, l.x[0], 0, true)
	a.LEAQ(operand.Mem{Base: l.src, Index: l.taken, Scale: 4}, l.src)
	a.LEAQ(operand.Mem{Base: l.dst, Index: l.taken, Scale: uint8(r.size)}, l.dst)
	if l.stochastic {
		a.LEAQ(operand.Mem{Base: l.random, Index: l.taken, Scale: 2}, l.random)
	}
	if l.each {
		a.LEAQ(operand.Mem{Base: l.steps, Index: l.taken, Scale: 4}, l.steps)
		a.LEAQ(operand.Mem{Base: l.scales, Index: l.taken, Scale: uint8(l.scaleSize())}, l.scales)
	}
	a.SUBQ(l.taken, l.count)
	a.JNE(a.at(r.name + "masked"))
}

// scaleSize is the number of bytes of an element's own scale.
func (l *linear) scaleSize() int {
	if l.double {
		return 8
	}
	return 4
}

// loadMasked loads the elements that are taken, and zeros, which count for nothing.
func (l *linear) loadMasked(x reg.VecPhysical) {
	a := l.a
	if l.s.wide {
		a.maskOf(l.taken, l.lanes)
		a.VMOVUPS_Z(operand.Mem{Base: l.src}, l.lanes, x)
		return
	}
	a.MOVQ(a.maskPlace(l.taken), l.mask)
	a.VMOVDQU(operand.Mem{Base: l.mask}, l.t[0])
	a.VMASKMOVPS(operand.Mem{Base: l.src}, l.t[0], x)
}

// finite counts NaN and infinities among the elements, and turns NaN into zeros.
func (l *linear) finite(x []reg.VecPhysical, site string) {
	a := l.a
	back := a.at(l.name + site + "finite")
	if l.s.wide {
		class := []reg.OpmaskPhysical{reg.K2, reg.K3}
		for i, v := range x {
			a.VFPCLASSPSZ(operand.Imm(classNaN|classInfinity), v, class[i])
		}
		a.KORTESTW(class[0], class[len(x)-1])
		a.JEQ(back)
		for _, v := range x {
			for _, c := range []struct {
				class uint64
				field string
			}{{classInfinity, "infinite"}, {classNaN, "nan"}} {
				word := a.GP32()
				a.VFPCLASSPSZ(operand.Imm(c.class), v, reg.K2)
				a.KMOVW(reg.K2, word)
				l.add(word, c.field)
			}
			a.KNOTW(reg.K2, reg.K2)
			a.VMOVAPS_Z(v, reg.K2, v)
		}
		a.label(l.name + site + "finite")
		return
	}
	// Products by zero are zero, or else NaN.
	zero, sum, word := l.t[0], l.t[1], a.GP32()
	a.VXORPS(zero, zero, zero)
	a.VMULPS(zero, x[0], sum)
	for _, v := range x[1:] {
		a.VFMADD231PS(zero, v, sum)
	}
	a.VCMPPS(operand.Imm(unordered), sum, sum, sum)
	a.VMOVMSKPS(sum, word)
	a.TESTL(word, word)
	a.JEQ(back)
	for _, v := range x {
		a.VCMPPS(operand.Imm(unordered), v, v, sum)
		a.VANDNPS(v, sum, v)
		a.VMOVMSKPS(sum, word)
		l.add(word, "nan")
		a.VMULPS(zero, v, sum)
		a.VCMPPS(operand.Imm(unordered), sum, sum, sum)
		a.VMOVMSKPS(sum, word)
		l.add(word, "infinite")
	}
	a.label(l.name + site + "finite")
}

// add adds the number of bits that are set to a field.
func (l *linear) add(bits reg.GPVirtual, field string) {
	l.a.POPCNTL(bits, bits)
	l.a.ADDQ(bits.As64(), l.args.field(field))
}

// vector rounds the elements of vector i of a group, or of a masked one.
func (l *linear) vector(r result, x reg.VecPhysical, i int, masked bool) {
	code := l.place(x, i)
	r.store(l, i, l.clamp(code, x), operand.Mem{Base: l.dst, Disp: i * r.size * l.s.lanes}, masked)
}

// clamp brings codes into range and counts.
func (l *linear) clamp(code, x reg.VecPhysical) (kept reg.VecPhysical) {
	a := l.a
	kept = l.t[1]
	a.VMINPS(l.hi, code, kept)
	a.VMAXPS(l.lo, kept, kept)
	if l.s.wide {
		a.VCMPPS(operand.Imm(notEqual), kept, code, reg.K2)
		a.VCMPPS(operand.Imm(equal), l.origin(), code, reg.K3)
		a.VPADDD(l.unit, l.clipped, reg.K2, l.clipped)
		a.VCMPPS(operand.Imm(notEqual), l.zero, x, reg.K3, reg.K3)
		a.VPADDD(l.unit, l.underflowed, reg.K3, l.underflowed)
		return kept
	}
	isZero, other := l.t[2], l.t[3]
	a.VCMPPS(operand.Imm(notEqual), kept, code, other)
	a.VPSUBD(other, l.clipped, l.clipped)
	a.VCMPPS(operand.Imm(equal), l.origin(), code, isZero)
	if zero := l.zero; zero != nil {
		a.VCMPPS(operand.Imm(notEqual), zero, x, other)
	} else {
		a.VXORPS(other, other, other)
		a.VCMPPS(operand.Imm(notEqual), other, x, other)
	}
	a.VPAND(isZero, other, other)
	a.VPSUBD(other, l.underflowed, l.underflowed)
	return kept
}

// end adds the sums of the counts to their fields.
func (l *linear) end() {
	a := l.a
	for _, c := range []struct {
		lanes reg.VecPhysical
		field string
	}{{l.clipped, "clipped"}, {l.underflowed, "underflowed"}} {
		word := a.horizontal(l.s, c.lanes, a.VPADDD)
		a.ADDQ(word.As64(), l.args.field(c.field))
	}
	a.VZEROUPPER()
	a.RET()
}
