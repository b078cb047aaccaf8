package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// code16PackAVX2 writes the kernels that pack codes of 16 bits, as codePack's do, but for the rest of the columns.
func code16PackAVX2(a *assembly, interleave bool) {
	name, terms := "code16StraightAVX2", 1
	if interleave {
		name, terms = "code16InterleaveAVX2", 2
	}
	a.function(name)
	args := a.arguments()
	shift, base, flip, wrong, low, columnScale := ymm[15], ymm[14], ymm[13], ymm[12], ymm[11], ymm[10]
	rowScales := ymm[8 : 8+terms]
	a.VPBROADCASTD(a.word(codeBase+1<<15), shift)
	a.VPBROADCASTD(a.word(codeBase), base)
	a.VPBROADCASTD(a.word(0xffff), low)
	a.VPBROADCASTD(args.field("flip"), flip)
	a.VPXOR(wrong, wrong, wrong)
	var sources []reg.GPVirtual
	for i := range terms {
		sources = append(sources, args.load("src", i))
	}
	dst, columns, scales := args.load("dst"), args.load("columnScales"), args.load("rowScales")
	pitch, dstPitch := args.load("srcPitch"), args.load("dstPitch")
	column, count := a.GP64(), a.GP64()
	load := func(half, row int, to reg.VecPhysical) {
		at := operand.Mem{Index: column, Scale: 4, Disp: 32 * half}
		at.Base = columns
		a.VMOVUPS(at, columnScale)
		at.Base = sources[row]
		a.VMULPS(at, rowScales[row], to)
		a.VFMADD213PS(shift, columnScale, to)
		a.VPXOR(base, to, ymm[7])
		a.VPOR(ymm[7], wrong, wrong)
	}

	a.label("row")
	for i, s := range rowScales {
		a.VBROADCASTSS(operand.Mem{Base: scales, Disp: 4 * i}, s)
	}
	a.XORQ(column, column)
	a.MOVQ(args.field("vectors"), count)
	a.label("vector")
	for half := range 2 {
		if interleave {
			load(half, 0, ymm[0])
			load(half, 1, ymm[1])
			a.VPSLLD(operand.Imm(16), ymm[1], ymm[1])
			a.VPBLENDW(operand.Imm(0xaa), ymm[1], ymm[0], ymm[0])
			a.VPXOR(flip, ymm[0], ymm[0])
			a.VMOVDQU(ymm[0], operand.Mem{Base: dst, Index: column, Scale: 4, Disp: 32 * half})
			continue
		}
		load(half, 0, ymm[half])
		a.VPAND(low, ymm[half], ymm[half])
		a.VPXOR(flip, ymm[half], ymm[half])
	}
	if !interleave {
		a.VPACKUSDW(ymm[1], ymm[0], ymm[0])
		a.VPERMQ(operand.Imm(0xd8), ymm[0], ymm[0]) // the halves of both
		a.VMOVDQU(ymm[0], operand.Mem{Base: dst, Index: column, Scale: 2})
	}
	a.ADDQ(operand.Imm(16), column)
	a.DECQ(count)
	a.JNE(a.at("vector"))
	for _, s := range sources {
		a.ADDQ(pitch, s)
	}
	a.ADDQ(operand.Imm(uint64(4*terms)), scales)
	a.ADDQ(dstPitch, dst)
	a.DECQ(args.field("rows"))
	a.JNE(a.at("row"))

	a.VPSRLD(operand.Imm(16), wrong, wrong)
	a.VPTEST(wrong, wrong)
	some := a.GP64()
	a.MOVL(operand.U32(0), some.As32()) // leaves the flags
	a.SETNE(some.As8())
	a.MOVQ(some, args.field("wrong"))
	a.VZEROUPPER()
	a.RET()
}
