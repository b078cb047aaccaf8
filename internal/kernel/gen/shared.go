package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// shareds writes the rounding of blocks that share an exponent; see sharedArgs of the package.
func shareds(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, shifted := range []bool{false, true} {
			for _, stochastic := range []bool{false, true} {
				for _, columns := range []bool{false, true} {
					newShared(a, s, shifted, stochastic, columns).write()
				}
			}
		}
		largestColumns(a, s)
	}
}

// shared is a kernel under construction. It takes rows of elements: under rows, each has an exponent, found in its elements
// and stored; under columns, each element of a row has one, loaded.
type shared struct {
	a                            *assembly
	s                            simd
	args                         arguments
	shifted, stochastic, columns bool

	dst, src, random, exponents reg.GPVirtual
	rest, count                 reg.GPVirtual
	mask                        reg.GPVirtual // AVX2: where the mask of the rest is

	x, t, kept, other               reg.VecPhysical
	zero, one, clipped, underflowed reg.VecPhysical // one is the integer (AVX-512)
	magnitude                       reg.VecPhysical // rows: the mask of magnitudes

	scale, step, lo, hi, origin, drawn reg.VecPhysical // linear; origin is the 1 that stochastic codes are higher by
	base, most, least, cut, added      reg.VecPhysical // shifted
	left, right                        reg.VecPhysical
}

func newShared(a *assembly, s simd, shifted, stochastic, columns bool) *shared {
	name := "sharedLinear"
	if shifted {
		name = "sharedShifted"
	}
	if stochastic {
		name += "Stochastic"
	} else {
		name += "Nearest"
	}
	if columns {
		name += "Columns"
	} else {
		name += "Rows"
	}
	a.function(name + s.name)
	args := a.arguments()
	k := &shared{
		a: a, s: s, args: args, shifted: shifted, stochastic: stochastic, columns: columns,
		dst: args.load("dst"), src: args.load("src"), exponents: args.load("exponents"), rest: args.load("rest"), count: a.GP64(),
	}
	registers := s.registers[:15] // the last one is for horizontal
	take := func() (r reg.VecPhysical) {
		r, registers = registers[0], registers[1:]
		return r
	}
	k.x, k.t, k.kept, k.other = take(), take(), take(), take()
	k.clipped, k.underflowed, k.zero = take(), take(), take()
	if !columns {
		k.magnitude = take()
	}
	if shifted {
		k.base, k.most, k.least, k.cut, k.added = take(), take(), take(), take(), take()
		if stochastic {
			k.left, k.right = take().AsX().(reg.VecPhysical), take().AsX().(reg.VecPhysical)
		}
	} else {
		k.scale, k.step, k.lo, k.hi = take(), take(), take(), take()
		if stochastic {
			k.origin, k.drawn = take(), take()
		}
	}
	if s.wide {
		k.one = s.registers[16]
	}
	return k
}

// down reports whether the kernel runs with rounding towards minus infinity, as AVX2 cannot choose it for one instruction.
func (k *shared) down() bool { return !k.s.wide && !k.shifted && k.stochastic }

// constants loads what all rows have in common.
func (k *shared) constants() {
	a := k.a
	for _, c := range []reg.VecPhysical{k.clipped, k.underflowed, k.zero} {
		k.s.clear(a, c)
	}
	if k.s.wide {
		a.VPBROADCASTD(a.word(1), k.one)
		a.maskOf(k.rest, reg.K1)
	} else {
		k.mask = a.maskPlace(k.rest)
	}
	if !k.columns {
		a.VPBROADCASTD(a.word(floatSign-1), k.magnitude)
	}
	load := func(field string, to reg.VecPhysical) { a.VPBROADCASTD(k.args.field(field), to) }
	switch {
	case k.shifted:
		load("cut", k.cut)
		load("added", k.added)
		if k.stochastic {
			a.VMOVQ(k.args.field("left"), k.left)
			a.VMOVQ(k.args.field("right"), k.right)
		}
	default:
		load("lo", k.lo)
		load("hi", k.hi)
		if k.stochastic {
			a.VPBROADCASTD(a.word(floatOne), k.origin)
			load("drawn", k.drawn)
		}
	}
}

func (k *shared) write() {
	a := k.a
	restore := func() {}
	if k.down() {
		restore = a.roundDown()
	}
	k.constants()
	if k.stochastic {
		k.random = k.args.load("random")
	}
	exponents := k.args.field("exponents")
	a.label("row")
	if k.columns {
		a.MOVQ(exponents, k.exponents)
	} else {
		k.findExponent()
	}
	k.forRow(func() {
		k.vector(false)
		a.ADDQ(operand.Imm(uint64(k.s.size())), k.src)
		a.ADDQ(operand.Imm(uint64(k.s.size())), k.dst)
		if k.stochastic {
			a.ADDQ(operand.Imm(uint64(k.s.size()/2)), k.random)
		}
		if k.columns {
			a.ADDQ(operand.Imm(uint64(k.s.size())), k.exponents)
		}
	}, func() {
		k.vector(true)
		a.LEAQ(operand.Mem{Base: k.src, Index: k.rest, Scale: 4}, k.src)
		a.LEAQ(operand.Mem{Base: k.dst, Index: k.rest, Scale: 4}, k.dst)
		if k.stochastic {
			a.LEAQ(operand.Mem{Base: k.random, Index: k.rest, Scale: 2}, k.random)
		}
	}, "round")
	a.DECQ(k.args.field("rows"))
	a.JNE(a.at("row"))
	a.label("end")
	restore()
	for _, c := range []struct {
		lanes reg.VecPhysical
		field string
	}{{k.clipped, "clipped"}, {k.underflowed, "underflowed"}} {
		word := a.horizontal(k.s, c.lanes, a.VPADDD)
		a.ADDQ(word.As64(), k.args.field(c.field))
	}
	a.VZEROUPPER()
	a.RET()
}

// forRow writes the loop over the whole vectors of a row, and what is done for the rest of it if there is one.
func (k *shared) forRow(whole, rest func(), name string) {
	a := k.a
	a.MOVQ(k.args.field("vectors"), k.count)
	a.TESTQ(k.count, k.count)
	a.JEQ(a.at(name + "rest"))
	a.label(name)
	whole()
	a.DECQ(k.count)
	a.JNE(a.at(name))
	a.label(name + "rest")
	a.TESTQ(k.rest, k.rest)
	a.JEQ(a.at(name + "done"))
	rest()
	a.label(name + "done")
}

// findExponent stores the pattern of a row's largest magnitude, and sets what depends on its exponent. It ends the kernel
// at a row that is not for it.
func (k *shared) findExponent() {
	a := k.a
	from := a.GP64()
	a.MOVQ(k.src, from)
	k.s.clear(a, k.t)
	k.forRow(func() {
		k.s.and(a, operand.Mem{Base: from}, k.magnitude, k.x)
		a.VPMAXUD(k.x, k.t, k.t)
		a.ADDQ(operand.Imm(uint64(k.s.size())), from)
	}, func() {
		k.loadRest(operand.Mem{Base: from}, k.x)
		k.s.and(a, k.x, k.magnitude, k.x)
		a.VPMAXUD(k.x, k.t, k.t)
	}, "search")
	largest := a.horizontal(k.s, k.t, a.VPMAXUD)
	a.TESTL(largest, largest)
	a.JEQ(a.at("taken")) // zeros are rounded with any exponent
	offset := a.GP32()
	a.MOVL(largest, offset)
	a.SUBL(k.args.field("first"), offset)
	a.CMPL(offset, k.args.field("span"))
	a.JHI(a.at("end"))
	a.label("taken")
	a.MOVL(largest, operand.Mem{Base: k.exponents})
	a.ADDQ(operand.Imm(4), k.exponents)
	a.ANDL(operand.U32(exponentBits), largest)
	a.CMPL(largest, k.args.field("lowest"))
	a.CMOVLCS(k.args.field("lowest"), largest)
	a.CMPL(largest, k.args.field("highest"))
	a.CMOVLHI(k.args.field("highest"), largest)
	a.VMOVD(largest, k.t.AsX())
	a.VPBROADCASTD(k.t.AsX(), k.t)
	k.setExponent(k.t)
}

// loadRest loads the elements of the rest, and zeros, which count for nothing.
func (k *shared) loadRest(from operand.Mem, to reg.VecPhysical) {
	if k.s.wide {
		k.a.VMOVUPS_Z(from, reg.K1, to)
		return
	}
	k.a.VMOVDQU(operand.Mem{Base: k.mask}, k.kept)
	k.a.VMASKMOVPS(from, k.kept, to)
}

func (s simd) load(a *assembly, from operand.Mem, to reg.VecPhysical) {
	if s.wide {
		a.VMOVDQU32(from, to)
	} else {
		a.VMOVDQU(from, to)
	}
}
