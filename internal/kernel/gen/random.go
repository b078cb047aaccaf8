package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// randoms writes the kernels of RandomBits, which copy the draws to memory.
func randoms(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		random(a, s)
	}
}

func random(a *assembly, s simd) {
	a.function("random" + s.name)
	args := a.arguments()
	dst, n := args.load("dst"), args.load("n")
	newPhilox(a, s, args).each(n, nil, func(source, count reg.GPVirtual) {
		const lanes = 16
		a.SUBQ(operand.Imm(lanes), count)
		a.JLT(a.at("tail"))
		a.label("vector")
		a.VMOVDQU(operand.Mem{Base: source}, reg.Y0)
		a.VMOVDQU(reg.Y0, operand.Mem{Base: dst})
		a.ADDQ(operand.Imm(2*lanes), source)
		a.ADDQ(operand.Imm(2*lanes), dst)
		a.SUBQ(operand.Imm(lanes), count)
		a.JGE(a.at("vector"))
		a.label("tail")
		a.ADDQ(operand.Imm(lanes), count)
		a.JEQ(a.at("copied"))
		a.label("word")
		word := a.GP32()
		a.MOVWLZX(operand.Mem{Base: source}, word)
		a.MOVW(word.As16(), operand.Mem{Base: dst})
		a.ADDQ(operand.Imm(2), source)
		a.ADDQ(operand.Imm(2), dst)
		a.DECQ(count)
		a.JNE(a.at("word"))
		a.label("copied")
	})
	a.VZEROUPPER()
	a.RET()
}
