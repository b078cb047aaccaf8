package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// codePack is what kernels that pack codes for products of matrices have in common. A value times its scales, plus
// 1.5·2^23 and half the range of codes, has the code plus that half in its lowest bits, and those of codeBase above.
type codePack struct {
	a             *assembly
	bits          int
	args          arguments
	column, width reg.Register       // of the columns done, and of all but the rest
	scales        []reg.VecPhysical  // of the rows at hand
	columns       reg.GPVirtual      // scales of columns
	rest          reg.OpmaskPhysical // of the columns after the last whole vector
	shift, base   reg.VecPhysical
	wrong, flip   reg.VecPhysical
	columnScale   reg.VecPhysical
}

func newCodePack(a *assembly, name string, bits, rows int) *codePack {
	a.function(fmt.Sprintf("code%d%sAVX512", bits, name))
	c := &codePack{
		a: a, bits: bits, args: a.arguments(), column: a.GP64(), rest: reg.K1, scales: zmm[8 : 8+rows],
		shift: zmm[31], base: zmm[30], wrong: zmm[29], flip: zmm[28], columnScale: zmm[27],
	}
	a.VPBROADCASTD(a.word(codeBase+1<<(bits-1)), c.shift)
	a.VPBROADCASTD(a.word(codeBase), c.base)
	a.VPBROADCASTD(c.args.field("flip"), c.flip)
	a.VPXORD(c.wrong, c.wrong, c.wrong)
	c.columns = c.args.load("columnScales")
	a.maskOf(c.args.load("rest"), c.rest)
	return c
}

// loop writes a loop over groups of rows, whose scales and sources it advances, and one over their columns, 16 at a time.
func (c *codePack) loop(sources []reg.GPVirtual, dst reg.GPVirtual, body func(mask []operand.Op)) {
	a := c.a
	scales, count := c.args.load("rowScales"), a.GP64()
	pitch, dstPitch := c.args.load("srcPitch"), c.args.load("dstPitch")
	a.label("row")
	for i, s := range c.scales {
		a.VBROADCASTSS(operand.Mem{Base: scales, Disp: 4 * i}, s)
	}
	a.XORQ(c.column, c.column)
	a.MOVQ(c.args.field("vectors"), count)
	a.TESTQ(count, count)
	a.JE(a.at("rest"))
	a.label("vector")
	a.VMOVUPS(operand.Mem{Base: c.columns, Index: c.column, Scale: 4}, c.columnScale)
	body(nil)
	a.ADDQ(operand.Imm(16), c.column)
	a.DECQ(count)
	a.JNE(a.at("vector"))
	a.label("rest")
	a.CMPQ(c.args.field("rest"), operand.Imm(0))
	a.JE(a.at("end"))
	a.VMOVUPS_Z(operand.Mem{Base: c.columns, Index: c.column, Scale: 4}, c.rest, c.columnScale)
	body([]operand.Op{c.rest})
	a.label("end")
	for _, s := range sources {
		a.ADDQ(pitch, s)
	}
	a.ADDQ(operand.Imm(uint64(4*len(c.scales))), scales)
	a.ADDQ(dstPitch, dst)
	a.DECQ(c.args.field("rows"))
	a.JNE(a.at("row"))

	a.VPSRLD(operand.Imm(uint64(c.bits)), c.wrong, c.wrong)
	a.VPTESTMD(c.wrong, c.wrong, c.rest)
	wrong := a.GP32()
	a.KMOVW(c.rest, wrong)
	a.MOVQ(wrong.As64(), c.args.field("wrong"))
	a.VZEROUPPER()
	a.RET()
}

// load leaves the codes of 16 columns, plus half their range, in the lowest bits.
func (c *codePack) load(source reg.Register, scale, to reg.VecPhysical, mask []operand.Op) {
	from := operand.Mem{Base: source, Index: c.column, Scale: 4}
	if mask == nil {
		c.a.VMULPS(from, scale, to)
	} else {
		c.a.VMULPS_Z(from, scale, mask[0], to)
	}
	c.a.VFMADD213PS(c.shift, c.columnScale, to)
	c.a.VPTERNLOGD(operand.Imm(0xf6), c.base, to, c.wrong) // wrong | to ^ base
}

// codeInterleave writes the kernel that puts the codes of neighbouring rows side by side.
func codeInterleave(a *assembly, bits int) {
	terms := 32 / bits
	c := newCodePack(a, "Interleave", bits, terms)
	var sources []reg.GPVirtual
	for i := range terms {
		sources = append(sources, c.args.load("src", i))
	}
	dst := c.args.load("dst")
	upper, second := zmm[26], zmm[25]
	a.VPBROADCASTD(a.word(0xffff0000), upper)
	a.VPBROADCASTD(a.word(0x0000ff00), second)
	const choose = 0xb8 // the first operand where the second is set, else the third
	c.loop(sources, dst, func(mask []operand.Op) {
		for i, s := range sources {
			c.load(s, c.scales[i], zmm[i], mask)
		}
		for i := 1; i < terms; i++ {
			a.VPSLLD(operand.Imm(uint64(bits*i)), zmm[i], zmm[i])
		}
		if bits == 16 {
			a.VPTERNLOGD(operand.Imm(choose), zmm[1], upper, zmm[0])
		} else {
			a.VPTERNLOGD(operand.Imm(choose), zmm[1], second, zmm[0])
			a.VPTERNLOGD(operand.Imm(choose), zmm[2], upper, zmm[0])
			a.VPORD(zmm[3], zmm[0], zmm[0]) // the highest byte is still 0, the second one of codeBase
		}
		a.VPXORD(c.flip, zmm[0], zmm[0])
		to := operand.Mem{Base: dst, Index: c.column, Scale: 4}
		if mask == nil {
			a.VMOVDQU32(zmm[0], to)
		} else {
			a.VMOVDQU32(zmm[0], mask[0], to)
		}
	})
}

// codeStraight writes the kernel that packs the codes of a row one after the other.
func codeStraight(a *assembly, bits int) {
	c := newCodePack(a, "Straight", bits, 1)
	source, dst := c.args.load("src", 0), c.args.load("dst")
	c.loop([]reg.GPVirtual{source}, dst, func(mask []operand.Op) {
		v := zmm[0]
		c.load(source, c.scales[0], v, mask)
		a.VPXORD(c.flip, v, v)
		to := operand.Mem{Base: dst, Index: c.column, Scale: uint8(bits / 8)}
		store := a.VPMOVDB
		if bits == 16 {
			store = a.VPMOVDW
		}
		if mask == nil {
			store(v, to)
		} else {
			store(v, mask[0], to)
		}
	})
}
