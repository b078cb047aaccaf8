package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileGrids writes rounding in blocks with scales; see Tiles, tilesArgs and tilesRun.kernel.
func tileGrids(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, linear := range []bool{false, true} {
			for _, random := range []bool{false, true} {
				for _, size := range []int{4, 1, 2} {
					tileGrid(a, minifloatVariant{set: s, random: random, size: size}, linear)
				}
			}
		}
	}
}

// tilesKernel is a kernel under construction. It takes 32 elements at a time: two blocks of 16, or one of 32 as two
// halves that are treated alike. What the halves have of their own is in the halves of vectors.
type tilesKernel struct {
	minifloatKernel
	linear bool

	exponents, advanceBy, second reg.GPVirtual

	k reg.VecPhysical // exponents

	// Fields of tilesArgs.
	first, span, merge, roundUp, most         rare
	lowest, highest, usable                   rare
	scaleOver, low, high, belowLow, aboveHigh operand.Op

	// Of the elements at hand: exponent, smallest normal and largest number, what takes the place of larger ones; on linear grids the
	// step and its inverse. The operands are what they have at k = -127.
	least0, limit0, over0         operand.Op
	leastHere, limitHere          reg.VecPhysical
	overHere                      reg.VecPhysical
	inverseHere, stepHere, kept   reg.VecPhysical
	step0, codeBits, exponentMask operand.Op
}

// newTilesKernel starts a kernel, whose name has the beginning.
func newTilesKernel(a *assembly, beginning string, v minifloatVariant, linear bool) *tilesKernel {
	elements := "Float"
	if linear {
		elements = "Linear"
	}
	a.function(beginning + elements + v.rounding() + v.output() + v.set.name)
	t := &tilesKernel{minifloatKernel: minifloatKernel{v: v, lanes: newLanes(a, v.set, a.arguments(), "element.")}, linear: linear}
	t.common()
	if linear {
		t.linearRegisters()
	} else {
		t.floatRegisters()
	}
	t.k = t.register()
	t.path = ""
	for _, c := range []struct {
		field string
		to    *rare
	}{
		{"first", &t.first},
		{"span", &t.span},
		{"roundUp", &t.roundUp},
		{"most", &t.most},
		{"lowest", &t.lowest},
		{"highest", &t.highest},
		{"usable", &t.usable},
	} {
		*c.to = t.rare(c.field, t.spare)
	}
	switch {
	case linear:
		t.low, t.high = t.constant("low", t.spare), t.constant("high", t.spare)
		t.belowLow, t.aboveHigh = t.constant("belowLow", t.spare), t.constant("aboveHigh", t.spare)
	case v.size == 4:
		t.scaleOver = t.constant("scaleOver", t.spare)
	}
	t.path = "element."
	return t
}

func tileGrid(a *assembly, v minifloatVariant, linear bool) {
	t := newTilesKernel(a, "tiles", v, linear)
	t.exponents, t.advanceBy, t.second = t.args.load("exponents"), t.args.load("advance"), t.args.load("second")
	t.path = ""
	t.merge = t.rare("merge", t.spare)
	t.path = "element."

	now := t.register()

	// The largest magnitudes of the next blocks are sought before the elements of these ones are rounded, so that the one
	// fills the time that the other takes.
	t.largest(0)
	a.label("next")
	t.outside(t.k, t.first, t.span, t.zero, t.spare, t.condition)
	t.jumpIfAny(t.condition, a.at("end"))
	t.findExponents()
	t.report()
	t.move(t.k, now)
	a.CMPQ(t.n, operand.Imm(32))
	a.JEQ(a.at("last"))
	t.largest(32)
	a.label("last")
	for half := range 2 {
		t.spread(half, now, t.scaleHere())
		t.scale()
		for range 16 / t.lanes.lanes {
			t.elements()
			t.advance()
		}
	}
	a.ADDQ(t.advanceBy, t.exponents)
	a.SUBQ(operand.Imm(32), t.n)
	a.JNE(a.at("next"))
	t.end()
}

// elements rounds a vector of elements.
func (t *tilesKernel) elements() {
	t.load(operand.Mem{Base: t.src}, t.x)
	t.and(t.x, t.absolute, t.magnitude)
	switch {
	case t.linear:
		t.linearElements()
	case t.v.size == 4:
		t.quotient()
		t.finishValues()
	default:
		t.quotient()
		t.finishCodes()
	}
}

// floatRegisters takes registers for elements of floats.
func (t *tilesKernel) floatRegisters() {
	t.signs()
	t.binades()
	t.exponentMask = t.exponent
	t.leastHere = t.register()
	t.least0, t.least = t.least, t.leastHere
	if t.v.size == 4 {
		t.limitHere, t.overHere = t.register(), t.register()
		t.limit0, t.limit = t.limit, t.limitHere
		t.over0, t.over = t.over, t.overHere
	}
}

// linearRegisters takes registers for elements on linear grids.
func (t *tilesKernel) linearRegisters() {
	t.inverse = t.held("inverse")
	t.step0 = t.constant("step", t.spare)
	t.exponentMask = t.number(exponentBits, t.spare)
	t.inverseHere, t.stepHere, t.kept = t.register(), t.register(), t.register()
	if t.v.size < 4 && !t.wide {
		t.codeBits = t.number(1<<(8*t.v.size)-1, t.spare)
	}
}

// largest sets k to the largest magnitude of each block from so many elements on, in the lower and the upper half.
func (t *tilesKernel) largest(from int) {
	t.magnitudeAt(from, t.x)
	if t.wide {
		t.magnitudeAt(from+16, t.code)
	} else {
		t.magnitudeAt(from+8, t.spare)
		t.a.VPMAXUD(t.spare, t.x, t.x)
		t.magnitudeAt(from+16, t.code)
		t.magnitudeAt(from+24, t.spare)
		t.a.VPMAXUD(t.spare, t.code, t.code)
	}
	t.fold(t.x, t.code, t.k, t.spare)
	t.foldHalves(t.k, t.spare)
	t.swapHalves(t.k, t.spare)
	t.andRare(t.merge, t.spare)
	t.a.VPMAXUD(t.spare, t.k, t.k)
}

// magnitudeAt sets to to the magnitudes of a vector of elements.
func (t *tilesKernel) magnitudeAt(from int, to reg.Register) {
	t.and(operand.Mem{Base: t.src, Disp: 4 * from}, t.absolute, to)
}

// findExponents turns k from magnitudes into exponents, and leaves what is to be reported in code. The exponents are then
// ones that elements can be rounded with: those of zeros may be too low.
func (t *tilesKernel) findExponents() {
	a := t.a
	t.isZero(t.k, t.zero, t.condition)
	t.addRare(t.roundUp, t.k)
	t.and(t.exponentMask, t.k, t.k)
	t.subtractRare(t.most, t.k, t.k)
	t.atLeast(t.lowest, t.k)
	t.atMost(t.highest, t.k)
	t.putRare(t.lowest, t.condition, t.k)
	a.VPSRAD(operand.Imm(23), t.k, t.code)
	t.atLeast(t.usable, t.k)
}

const exponentBias = 127

// report stores the exponents of both halves.
func (t *tilesKernel) report() {
	for half, place := range []operand.Mem{{Base: t.exponents}, {Base: t.exponents, Index: t.second, Scale: 1}} {
		word := t.a.GP32()
		t.lanes.first(half, t.code, t.spare, word)
		t.a.SUBL(operand.Imm(exponentBias), word)
		t.a.MOVW(word.As16(), place)
	}
}

// scaleHere is where scale takes an exponent from, which it changes.
func (t *tilesKernel) scaleHere() reg.VecPhysical {
	if t.linear {
		return t.stepHere
	}
	return t.leastHere
}

// scale sets what elements with an exponent of their own have.
func (t *tilesKernel) scale() {
	a := t.a
	if t.linear {
		a.VPSUBD(t.stepHere, t.inverse, t.inverseHere)
		a.VPADDD(t.step0, t.stepHere, t.stepHere)
		return
	}
	if t.v.size == 4 {
		a.VPADDD(t.limit0, t.leastHere, t.limitHere)
		t.and(t.scaleOver, t.leastHere, t.overHere)
		a.VPADDD(t.over0, t.overHere, t.overHere)
	}
	a.VPADDD(t.least0, t.leastHere, t.leastHere)
}

// linearElements rounds x to codes and stores these or their values.
func (t *tilesKernel) linearElements() {
	a := t.a
	a.VMULPS(t.x, t.inverseHere, t.code)
	a.VMINPS(t.aboveHigh, t.code, t.code)
	a.VMAXPS(t.belowLow, t.code, t.code)
	t.integer()
	t.lost(t.magnitude, t.code, t.zero, t.condition, t.spare)
	t.tally(t.condition, t.one, t.underflowed)
	a.VPMINSD(t.high, t.code, t.kept)
	a.VPMAXSD(t.low, t.kept, t.kept)
	t.different(t.code, t.kept, t.zero, t.condition)
	t.tally(t.condition, t.one, t.clipped)
	if t.v.size == 4 {
		a.VCVTDQ2PS(t.kept, t.kept)
		a.VMULPS(t.stepHere, t.kept, t.kept)
		t.store(t.kept, operand.Mem{Base: t.dst})
		return
	}
	if !t.wide {
		t.and(t.codeBits, t.kept, t.kept)
	}
	t.codes(t.kept, t.v.size, t.spare, operand.Mem{Base: t.dst})
}
