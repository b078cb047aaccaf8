package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Adding 1.5·2^23 + 128 to a whole number from -128 to 127 puts it, plus 128, into the lowest byte of a float32, all other
// bits of which are then those of codeBase.
const (
	codeShift = 0x4b400080
	codeBase  = 0x4b400000
)

// codes is what kernels that pack codes have in common: a loop over rows of float32, 16 columns at a time.
type codes struct {
	a           *assembly
	args        arguments
	shift, base reg.VecPhysical
	wrong       reg.VecPhysical // collects bits that are set in values other than codes
	column      reg.Register
	mask        []operand.Op // of the columns at hand, none for 16
}

// rows writes a kernel. body packs 16 columns of a row, advance goes on to the next row.
func (c *codes) rows(sources []reg.Register, body func(), advance func()) {
	a := c.a
	c.shift, c.base, c.wrong, c.column = zmm[31], zmm[30], zmm[29], a.GP64()
	a.VPBROADCASTD(a.word(codeShift), c.shift)
	a.VPBROADCASTD(a.word(codeBase), c.base)
	a.VPXORD(c.wrong, c.wrong, c.wrong)
	rest, pitch, count := c.args.load("rest"), c.args.load("srcPitch"), a.GP64()
	a.maskOf(rest, reg.K1)

	a.label("row")
	a.XORQ(c.column, c.column)
	a.MOVQ(c.args.field("vectors"), count)
	a.TESTQ(count, count)
	a.JE(a.at("rest"))
	a.label("vector")
	body()
	a.ADDQ(operand.Imm(16), c.column)
	a.DECQ(count)
	a.JNE(a.at("vector"))
	a.label("rest")
	a.TESTQ(rest, rest)
	a.JE(a.at("end"))
	c.mask = []operand.Op{reg.K1}
	body()
	c.mask = nil
	a.label("end")
	for _, s := range sources {
		a.ADDQ(pitch, s)
	}
	advance()
	a.DECQ(c.args.field("rows"))
	a.JNE(a.at("row"))

	a.VPSRLD(operand.Imm(8), c.wrong, c.wrong)
	a.VPTESTMD(c.wrong, c.wrong, reg.K1)
	wrong := a.GP32()
	a.KMOVW(reg.K1, wrong)
	a.MOVQ(wrong.As64(), c.args.field("wrong"))
	a.VZEROUPPER()
	a.RET()
}

// load leaves code + 128 in the lowest bytes.
func (c *codes) load(source reg.Register, scale, to reg.VecPhysical) {
	from := operand.Mem{Base: source, Index: c.column, Scale: 4}
	if c.mask == nil {
		c.a.VMOVUPS(from, to)
	} else {
		c.a.VMOVUPS_Z(from, c.mask[0], to)
	}
	c.a.VFMADD213PS(c.shift, scale, to)
	c.a.VPTERNLOGD(operand.Imm(0xf6), c.base, to, c.wrong) // wrong | to ^ base
}

// int8Interleave writes the kernel that puts the codes of four planes side by side, plus 128.
func int8Interleave(a *assembly) {
	a.function("int8InterleaveVNNI")
	c := &codes{a: a, args: a.arguments()}
	var sources []reg.Register
	for i := range 4 {
		sources = append(sources, c.args.load("src", i))
		a.VBROADCASTSS(c.args.field("scales", i), zmm[4+i])
	}
	dst, pitch := c.args.load("dst"), c.args.load("dstPitch")
	second, upper := zmm[8], zmm[9]
	a.VPBROADCASTD(a.word(0x0000ff00), second)
	a.VPBROADCASTD(a.word(0xffff0000), upper)
	const choose = 0xb8 // the first operand where the second is set, else the third
	c.rows(sources, func() {
		for i, s := range sources {
			c.load(s, zmm[4+i], zmm[i])
		}
		for i := 1; i < 4; i++ {
			a.VPSLLD(operand.Imm(uint64(8*i)), zmm[i], zmm[i])
		}
		a.VPTERNLOGD(operand.Imm(choose), zmm[1], second, zmm[0])
		a.VPTERNLOGD(operand.Imm(choose), zmm[2], upper, zmm[0])
		a.VPORD(zmm[3], zmm[0], zmm[0]) // the highest byte is still 0, the second one of codeBase
		c.store(zmm[0], dst, 4)
	}, func() { a.ADDQ(pitch, dst) })
}

// store writes 16 double words.
func (c *codes) store(v reg.VecPhysical, dst reg.Register, scale uint8) {
	to := operand.Mem{Base: dst, Index: c.column, Scale: scale}
	if c.mask == nil {
		c.a.VMOVDQU32(v, to)
	} else {
		c.a.VMOVDQU32(v, c.mask[0], to)
	}
}

// int8Plain writes the kernels that pack the codes of a plane, plus 128 or less, as `flip` turns the highest bit: one after
// the other, or the even and the odd columns apart.
func int8Plain(a *assembly) {
	for _, split := range []bool{false, true} {
		name := "int8PlainVNNI"
		if split {
			name = "int8SplitVNNI"
		}
		a.function(name)
		c := &codes{a: a, args: a.arguments()}
		source, scale, flip := c.args.load("src", 0), zmm[4], zmm[5]
		a.VBROADCASTSS(c.args.field("scales", 0), scale)
		a.VPBROADCASTD(c.args.field("flip"), flip)
		dst, pitch := []reg.Register{c.args.load("dst")}, c.args.load("dstPitch")
		half := a.GP64()
		if split {
			dst = append(dst, c.args.load("odd"))
			for i, mask := range []reg.OpmaskPhysical{reg.K2, reg.K3} { // of the rest's even and odd columns
				rest := c.args.load("rest")
				a.ADDQ(operand.Imm(uint64(1-i)), rest)
				a.SHRQ(operand.Imm(1), rest)
				a.maskOf(rest, mask)
			}
		}
		c.rows([]reg.Register{source}, func() {
			v := zmm[0]
			c.load(source, scale, v)
			a.VPXORD(flip, v, v)
			if !split {
				to := operand.Mem{Base: dst[0], Index: c.column, Scale: 1}
				if c.mask == nil {
					a.VPMOVDB(v, to)
				} else {
					a.VPMOVDB(v, reg.K1, to)
				}
				return
			}
			a.MOVQ(c.column, half)
			a.SHRQ(operand.Imm(1), half)
			for i, mask := range []reg.OpmaskPhysical{reg.K2, reg.K3} {
				to := operand.Mem{Base: dst[i], Index: half, Scale: 1}
				if c.mask == nil {
					a.VPMOVQB(v, to)
				} else {
					a.VPMOVQB(v, mask, to)
				}
				a.VPSRLQ(operand.Imm(32), v, v)
			}
		}, func() {
			for _, d := range dst {
				a.ADDQ(pitch, d)
			}
		})
	}
}
