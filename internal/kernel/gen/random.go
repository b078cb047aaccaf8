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
	random(a, "randomPlanesAVX512", storePlanes)
	random(a, "randomRowsAVX512", storeRows)
}

// random writes the kernel of 16 blocks of Philox4x32-10 at a time, one per lane, and of their order in memory.
func random(a *assembly, name string, store func(a *assembly, dst reg.Register, words, spare []reg.VecPhysical)) {
	a.function(name)
	args := a.arguments()
	dst, chunks, base, stride := args.load("dst"), args.load("chunks"), args.load("base"), args.load("stride")
	lanes := args.load("lanes")
	c, t := zmm[:4], zmm[4:12]
	multiply0, multiply1, one, increments, high, low := zmm[12], zmm[13], zmm[14], zmm[15], zmm[16], zmm[17]
	even, odd, carry := reg.K1, reg.K2, reg.K3
	word := a.GP32()
	broadcast := func(value uint32, to reg.Register) {
		a.MOVL(operand.U32(value), word)
		a.VPBROADCASTD(word, to)
	}
	broadcast(philoxMultiply0, multiply0)
	broadcast(philoxMultiply1, multiply1)
	broadcast(1, one)
	a.MOVL(operand.U32(0x5555), word)
	a.KMOVW(word, even)
	a.KNOTW(even, odd)
	a.VMOVDQU32(operand.Mem{Base: lanes}, increments)

	a.label("chunk")
	// Counters: 64 bits, base plus the lane's increment.
	a.VPBROADCASTD(base.As32(), low)
	top := a.GP64()
	a.MOVQ(base, top)
	a.SHRQ(operand.Imm(32), top)
	a.VPBROADCASTD(top.As32(), high)
	a.VPADDD(increments, low, c[0])
	a.VPCMPUD(operand.Imm(1), low, c[0], carry) // less than: it has wrapped
	a.VMOVDQA32(high, c[1])
	a.VPADDD(one, high, carry, c[1])
	a.VPBROADCASTD(args.field("execution"), c[2])
	a.VPBROADCASTD(args.field("domain"), c[3])
	keys := args.field("keys", 0)
	for round := range philoxRounds {
		for i, m := range []reg.VecPhysical{multiply0, multiply1} {
			x := c[2*i]
			product, other, hi := t[3*i], t[3*i+1], t[3*i+2]
			a.VPSRLQ(operand.Imm(32), x, other)
			a.VPMULUDQ(m, x, product)   // of the even lanes
			a.VPMULUDQ(m, other, other) // of the odd lanes
			a.VMOVDQA32(other, hi)
			a.VPSHUFD(operand.Imm(0xf5), product, even, hi)   // upper halves
			a.VPSHUFD(operand.Imm(0xa0), other, odd, product) // lower halves
		}
		// c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0; 0x96 is the exclusive or of three.
		k0, k1 := keys.Offset(8*round), keys.Offset(8*round+4)
		lo0, hi0, lo1, hi1 := t[0], t[2], t[3], t[5]
		a.VPTERNLOGD_BCST(operand.Imm(0x96), k0, c[1], hi1)
		a.VPTERNLOGD_BCST(operand.Imm(0x96), k1, c[3], hi0)
		c, t = []reg.VecPhysical{hi1, lo1, hi0, lo0}, []reg.VecPhysical{c[0], c[1], t[1], c[2], c[3], t[4], t[6], t[7]}
	}
	store(a, dst, c, t)
	a.ADDQ(operand.U32(256), dst)
	a.ADDQ(stride, base)
	a.DECQ(chunks)
	a.JNE(a.at("chunk"))
	a.VZEROUPPER()
	a.RET()
}

// storeRows stores the lower halves of the words, word after word, then the upper halves.
func storeRows(a *assembly, dst reg.Register, words, spare []reg.VecPhysical) {
	for i, w := range words {
		a.VPMOVDW(w, operand.Mem{Base: dst, Disp: 32 * i})
		a.VPSRLD(operand.Imm(16), w, spare[i])
		a.VPMOVDW(spare[i], operand.Mem{Base: dst, Disp: 128 + 32*i})
	}
}

// storePlanes stores 8 halves of each lane side by side: the lower halves of its four words, then the upper halves.
// Lane 4i+j goes to place 4j+i, which saves shuffles.
func storePlanes(a *assembly, dst reg.Register, words, spare []reg.VecPhysical) {
	odd := reg.K4
	mask := a.GP32()
	a.MOVL(operand.U32(0xaaaaaaaa), mask)
	a.KMOVD(mask, odd)
	pairs := spare[:4] // lower halves of words 0 and 1, of 2 and 3; upper halves of 0 and 1, of 2 and 3
	for i := range 2 {
		first, second := words[2*i], words[2*i+1]
		a.VPSLLD(operand.Imm(16), second, spare[4])
		a.VPBLENDMW(spare[4], first, odd, pairs[i])
		a.VPSRLD(operand.Imm(16), first, spare[5])
		a.VPBLENDMW(second, spare[5], odd, pairs[2+i])
	}
	// A transposition of 4×4 words in each 128 bits.
	l0, h0, l1, h1 := words[0], words[1], words[2], words[3]
	a.VPUNPCKLDQ(pairs[1], pairs[0], l0)
	a.VPUNPCKHDQ(pairs[1], pairs[0], h0)
	a.VPUNPCKLDQ(pairs[3], pairs[2], l1)
	a.VPUNPCKHDQ(pairs[3], pairs[2], h1)
	out := spare[4]
	for i, from := range [][2]reg.VecPhysical{{l0, l1}, {h0, h1}} {
		a.VPUNPCKLQDQ(from[1], from[0], out)
		a.VMOVDQU32(out, operand.Mem{Base: dst, Disp: 128 * i})
		a.VPUNPCKHQDQ(from[1], from[0], out)
		a.VMOVDQU32(out, operand.Mem{Base: dst, Disp: 128*i + 64})
	}
}
