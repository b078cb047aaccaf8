package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Constants of Philox4x32; see random.go of the package.
const (
	philoxMultiply0 = 0xD2511F53
	philoxMultiply1 = 0xCD9E8D57
	philoxRounds    = 10
)

func randoms(a *assembly) {
	random(a, "randomPlanesAVX512", planeWords, storePlanes)
	random(a, "randomRowsAVX512", rowWords, storeRows)
}

// words are the four words of eight blocks, each in the lower half of 64 bits; the upper halves are of no account.
type words [4]reg.VecPhysical

// random writes the kernel of 16 blocks of Philox4x32-10 at a time, eight in each half, and of their order in memory.
// indices fills the two vectors of indices that store uses.
func random(a *assembly, name string, indices [2][32]uint16, store func(a *assembly, dst reg.Register, halves [2]words, low, high, spare reg.VecPhysical)) {
	a.function(name)
	dst := a.GP64()
	a.Load(a.Param("dst"), dst)
	args := a.arguments()
	chunks, base, stride, lanes := args.load("chunks"), args.load("base"), args.load("stride"), args.load("lanes")
	halves := [2]words{words(zmm[0:4]), words(zmm[4:8])}
	spare := [2][]reg.VecPhysical{zmm[8:12], zmm[12:16]}
	multiply := [2]reg.VecPhysical{zmm[16], zmm[17]}
	increments := [2]reg.VecPhysical{zmm[18], zmm[19]}
	low, high, first := zmm[20], zmm[21], zmm[22]
	for i, m := range []uint32{philoxMultiply0, philoxMultiply1} {
		word := a.GP32()
		a.MOVL(operand.U32(m), word)
		a.VPBROADCASTD(word, multiply[i])
		a.VMOVDQU64(operand.Mem{Base: lanes, Disp: 64 * i}, increments[i])
	}
	a.VMOVDQU64(a.table(name+"Low", indices[0]), low)
	a.VMOVDQU64(a.table(name+"High", indices[1]), high)

	a.label("chunk")
	a.VPBROADCASTQ(base, first)
	for i, c := range halves {
		a.VPADDQ(increments[i], first, c[0])
		a.VPSRLQ(operand.Imm(32), c[0], c[1])
		a.VPBROADCASTD(args.field("execution"), c[2])
		a.VPBROADCASTD(args.field("domain"), c[3])
	}
	for round := range philoxRounds {
		for i, c := range halves {
			product0, product1, next0, next2 := spare[i][0], spare[i][1], spare[i][2], spare[i][3]
			a.VPMULUDQ(multiply[0], c[0], product0)
			a.VPMULUDQ(multiply[1], c[2], product1)
			// c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0; 0x96 is the exclusive or of three.
			a.VPSRLQ(operand.Imm(32), product1, next0)
			a.VPSRLQ(operand.Imm(32), product0, next2)
			a.VPTERNLOGD_BCST(operand.Imm(0x96), args.field("keys", 2*round), c[1], next0)
			a.VPTERNLOGD_BCST(operand.Imm(0x96), args.field("keys", 2*round+1), c[3], next2)
			halves[i], spare[i] = words{next0, product1, next2, product0}, []reg.VecPhysical{c[0], c[1], c[2], c[3]}
		}
	}
	store(a, dst, halves, low, high, first)
	a.ADDQ(operand.U32(256), dst)
	a.ADDQ(stride, base)
	a.DECQ(chunks)
	a.JNE(a.at("chunk"))
	a.VZEROUPPER()
	a.RET()
}

// rowWords pick the lower and the upper halves of the words of two vectors of 32 bits each.
var rowWords = func() (indices [2][32]uint16) {
	for i := range 32 {
		indices[0][i], indices[1][i] = uint16(2*i), uint16(2*i+1)
	}
	return indices
}()

// storeRows stores the lower halves of the words, word after word, then the upper halves.
func storeRows(a *assembly, dst reg.Register, halves [2]words, low, high, spare reg.VecPhysical) {
	for i := range 4 { // the lower 32 bits of both halves, two of each in turn
		a.VSHUFPS(operand.Imm(0x88), halves[1][i], halves[0][i], halves[0][i])
	}
	for i := 0; i < 4; i += 2 {
		first, second := halves[0][i], halves[0][i+1]
		a.VMOVDQA64(first, spare)
		a.VPERMT2W(second, low, spare)
		a.VMOVDQU64(spare, operand.Mem{Base: dst, Disp: 32 * i})
		a.VPERMT2W(second, high, first)
		a.VMOVDQU64(first, operand.Mem{Base: dst, Disp: 128 + 32*i})
	}
}

// planeWords pick from two vectors, for each 64 bits: the lower halves of both words, then the upper halves.
var planeWords = func() (indices [2][32]uint16) {
	for i := range 32 {
		indices[0][i] = uint16(i/4*4 + i%4/2 + i%2*32)
	}
	return indices
}()

// storePlanes stores 8 halves of each lane side by side: the lower halves of its four words, then the upper halves.
func storePlanes(a *assembly, dst reg.Register, halves [2]words, pick, _, spare reg.VecPhysical) {
	for i, c := range halves {
		a.VPERMT2W(c[1], pick, c[0])
		a.VPERMT2W(c[3], pick, c[2])
		a.VPUNPCKLDQ(c[2], c[0], spare)
		a.VMOVDQU64(spare, operand.Mem{Base: dst, Disp: 128 * i})
		a.VPUNPCKHDQ(c[2], c[0], spare)
		a.VMOVDQU64(spare, operand.Mem{Base: dst, Disp: 128*i + 64})
	}
}
