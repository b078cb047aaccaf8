package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrows writes stochastic rounding with all 16 bits to codes of less than 16 bits, 32 elements at a time: with
// n = floor(x·2^16/step) in 32 bits, the code is n's upper half, plus 1 if its lower half and the random bits carry.
func narrows(a *assembly) {
	a.function("roundNarrowAVX512")
	args := a.arguments()
	dst, src, n, random := args.load("dst"), args.load("src"), args.load("n"), args.load("random")
	clipped, underflowed := a.GP64(), a.GP64()
	a.XORQ(clipped, clipped)
	a.XORQ(underflowed, underflowed)
	scale, most, step, zero := zmm[0], zmm[1], zmm[2], zmm[3]
	lo, hi, one := zmm[4], zmm[5], zmm[6]
	pickHigh, pickLow := zmm[7], zmm[8]
	x := [2]reg.VecPhysical{zmm[10], zmm[11]}
	units := [2]reg.VecPhysical{zmm[12], zmm[13]}
	code, kept, rest := zmm[14], zmm[15], zmm[16]
	a.VBROADCASTSS(args.field("scale"), scale)
	a.VBROADCASTSS(args.field("most"), most)
	a.VBROADCASTSS(args.field("step"), step)
	a.VPXORD(zero, zero, zero)
	a.VPBROADCASTW(args.field("codeLo"), lo)
	a.VPBROADCASTW(args.field("codeHi"), hi)
	word := a.GP32()
	a.MOVL(operand.U32(1), word)
	a.VPBROADCASTW(word, one)
	a.VMOVDQU64(a.words("upperHalves", func(i int) uint16 { return uint16(2*i + 1) }), pickHigh)
	a.VMOVDQU64(a.words("lowerHalves", func(i int) uint16 { return uint16(2 * i) }), pickLow)
	class := [2]reg.OpmaskPhysical{reg.K1, reg.K2}
	k, notZero := reg.K3, [2]reg.OpmaskPhysical{reg.K4, reg.K5}
	count := func(total reg.Register) {
		mask := a.GP32()
		a.KMOVD(k, mask)
		a.POPCNTL(mask, mask)
		a.ADDQ(mask.As64(), total)
	}

	a.label("next")
	for i := range x {
		a.VMOVUPS(operand.Mem{Base: src, Disp: 64 * i}, x[i])
		a.VFPCLASSPSZ(operand.Imm(classNaN|classInfinity), x[i], class[i])
	}
	a.KORTESTW(class[0], class[1])
	a.JNE(a.at("special"))
	a.label("finite")
	for i := range x {
		a.VFMADD213PS(zero, scale, x[i]) // + 0: no negative zero
		a.VPTESTMD(x[i], x[i], notZero[i])
		a.VMINPS(most, x[i], units[i])
		a.VCVTPS2DQ_RD_SAE(units[i], units[i]) // what is too low becomes the lowest integer
	}
	a.VMOVDQA64(units[0], code)
	a.VPERMT2W(units[1], pickHigh, code)
	a.VPERMT2W(units[1], pickLow, units[0])
	a.VPADDW(operand.Mem{Base: random}, units[0], rest)
	a.VPCMPUW(operand.Imm(1), units[0], rest, k) // less than: a carry
	a.VPADDW(one, code, k, code)
	a.VPMINSW(hi, code, kept)
	a.VPMAXSW(lo, kept, kept)
	a.VPCMPW(operand.Imm(notEqual), kept, code, k)
	count(clipped)
	a.KUNPCKWD(notZero[0], notZero[1], k)
	a.VPTESTNMW(code, code, k, k)
	count(underflowed)
	a.VEXTRACTI64X4(operand.Imm(1), kept, ymm[13])
	a.VPMOVSXWD(ymm[15], units[0])
	a.VPMOVSXWD(ymm[13], units[1])
	for i := range x {
		a.VCVTDQ2PS(units[i], units[i])
		a.VMULPS(step, units[i], units[i])
		a.VMOVUPS(units[i], operand.Mem{Base: dst, Disp: 64 * i})
	}
	a.ADDQ(operand.Imm(64), random)
	a.ADDQ(operand.U32(128), src)
	a.ADDQ(operand.U32(128), dst)
	a.SUBQ(operand.Imm(32), n)
	a.JNE(a.at("next"))
	a.MOVQ(clipped, args.field("clipped"))
	a.MOVQ(underflowed, args.field("underflowed"))
	a.VZEROUPPER()
	a.RET()

	a.label("special")
	for i := range x {
		for _, c := range []struct {
			class uint64
			field string
		}{{classInfinity, "infinite"}, {classNaN, "nan"}} {
			a.VFPCLASSPSZ(operand.Imm(c.class), x[i], k)
			a.KMOVW(k, word)
			a.POPCNTL(word, word)
			a.ADDQ(word.As64(), args.field(c.field))
		}
		a.KNOTW(k, k)
		a.VMOVAPS_Z(x[i], k, x[i]) // NaN becomes zero
	}
	a.JMP(a.at("finite"))
}
