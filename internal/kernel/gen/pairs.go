package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pairs write the kernels for convolutions on codes of 16 bits: those for floats, with other instructions.
func pairs(a *assembly) {
	tile(a, pairsx16, 8, 2, 1)
	tile(a, pairsx16, 8, 2, 2)
	tile(a, pairsx8, 4, 2, 1)
	outer(a, pairsx16, 8, 2)
	outer(a, pairsx16, 8, 1)
	outer(a, pairsx8, 4, 2)
	scaleSums(a, "scaleSumsAVX512", float32x16)
	scaleSums(a, "scaleSumsAVX2", float32x8)
}

// scaleSums writes the kernel that turns rows of int32 into float32, times each row's scale. Under AVX2 it leaves out the
// columns after the last whole vector.
func scaleSums(a *assembly, name string, v vectors) {
	a.function(name)
	args := a.arguments()
	place, scales, pitch := args.load("place"), args.load("scales"), args.load("pitch")
	at, count, scale, x := a.GP64(), a.GP64(), v.registers[0], v.registers[1]
	if v.size == 64 {
		a.maskOf(args.load("rest"), reg.K1)
	}
	a.label("row")
	v.broadcast(a, operand.Mem{Base: scales}, scale)
	a.MOVQ(place, at)
	a.MOVQ(args.field("vectors"), count)
	a.TESTQ(count, count)
	a.JE(a.at("rest"))
	a.label("vector")
	a.VCVTDQ2PS(operand.Mem{Base: at}, x)
	a.VMULPS(scale, x, x)
	v.move(a, x, operand.Mem{Base: at})
	a.ADDQ(operand.Imm(uint64(v.size)), at)
	a.DECQ(count)
	a.JNE(a.at("vector"))
	a.label("rest")
	if v.size == 64 {
		a.CMPQ(args.field("rest"), operand.Imm(0))
		a.JE(a.at("end"))
		a.VMOVUPS_Z(operand.Mem{Base: at}, reg.K1, x)
		a.VCVTDQ2PS(x, x)
		a.VMULPS(scale, x, x)
		a.VMOVUPS(x, reg.K1, operand.Mem{Base: at})
		a.label("end")
	}
	a.ADDQ(operand.Imm(4), scales)
	a.ADDQ(pitch, place)
	a.DECQ(args.field("rows"))
	a.JNE(a.at("row"))
	a.VZEROUPPER()
	a.RET()
}
