package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Constants of Philox4x32; see philox.go of package philox.
const (
	philoxMultiply0 = 0xD2511F53
	philoxMultiply1 = 0xCD9E8D57
	philoxRounds    = 10
)

const (
	chunkDraws = 128            // draws that 16 blocks make
	chunkBytes = 2 * chunkDraws // and their bytes
	drawSlack  = 32             // bytes behind draws that a kernel may read
)

// Sources of draws; see draws.go of package philox.
const (
	drawNothing = iota
	drawMemory
	drawRows
	drawPlanes
)

// philox draws random bits inside a kernel's loop: 16 bits for each of up to 128 elements at a time, in the order of the
// elements, in a buffer on the stack. Use it so:
//
//   - The struct that the kernel's only parameter points to has a field `draws philox.Draws`; philox.Stretches fills it.
//   - After a.function and a.arguments, make newPhilox(a, s, args), then let each write the loop.
//   - The body reads the draw of its element i as the word at random + 2i, and may read drawSlack bytes more than its
//     elements have. It moves its own pointers on. It may change random and count, and all vectors.
//   - Between bodies AVX-512 code keeps Z0 to Z15 and all masks; AVX2 code keeps no vector: the body loads its constants
//     each time, and sums what it counts in memory.
type philox struct {
	a      *assembly
	s      simd
	args   arguments
	buffer reg.GPVirtual
}

// newPhilox makes room for the draws, aligned to a vector.
func newPhilox(a *assembly, s simd, args arguments) *philox {
	const line = 64
	p := &philox{a, s, args, a.GP64()}
	a.LEAQ(a.AllocLocal(chunkBytes+drawSlack+line-8), p.buffer)
	a.ADDQ(operand.Imm(line-8), p.buffer) // the stack is aligned to 8
	a.ANDQ(operand.I32(-line), p.buffer)
	return p
}

func (p *philox) field(name string, index ...int) operand.Mem {
	return p.args.field("draws."+name, index...)
}

// each writes the loop over n > 0 elements, which counts n down to 0. The body is for count elements, 1 to 128 unless the
// draws come from memory. The optional whole comes before it, where the draws of the next elements are in the buffer; see
// wholeChunks.
func (p *philox) each(n reg.GPVirtual, whole func(), body func(random, count reg.GPVirtual)) {
	a := p.a
	random, count := a.GP64(), a.GP64()
	a.CMPQ(p.field("source"), operand.Imm(drawMemory))
	a.JEQ(a.at("memory"))

	a.label("chunk")
	a.CMPQ(p.field("source"), operand.Imm(drawNothing))
	a.JEQ(a.at("drawn"))
	for _, step := range p.steps("chunk") {
		step()
	}
	if whole != nil {
		whole()
	}
	a.label("drawn")
	a.MOVQ(p.field("skip"), count)
	a.MOVQ(operand.U32(0), p.field("skip"))
	a.LEAQ(operand.Mem{Base: p.buffer, Index: count, Scale: 2}, random)
	a.NEGQ(count)
	a.ADDQ(operand.U32(chunkDraws), count)
	a.CMPQ(count, n)
	a.CMOVQGT(n, count)
	a.JMP(a.at("elements"))

	a.label("memory")
	a.MOVQ(p.field("memory"), random)
	a.MOVQ(n, count)

	a.label("elements")
	a.SUBQ(count, n)
	body(random, count)
	a.TESTQ(n, n)
	a.JNE(a.at("chunk"))
}

// wholeChunks writes a loop over whole chunks, of AVX-512: while the elements of one pass, with their draws in the buffer,
// the next one is drawn; parts of the body come between the steps of that. It leaves the loop, with draws in the buffer,
// when fewer than two chunks are left. The body may jump to the end of the loop before its first part. Parts move the
// pointers of the body on, and keep to Z0 to Z15 and the masks.
func (p *philox) wholeChunks(name string, n reg.GPVirtual, end string, check func(), parts []func()) {
	a := p.a
	a.CMPQ(p.field("skip"), operand.Imm(0))
	a.JNE(a.at(end))
	a.CMPQ(n, operand.U32(2*chunkDraws))
	a.JLT(a.at(end))
	a.label(name)
	check()
	for i, step := range p.steps(name) {
		step()
		if 0 < i && i <= len(parts) {
			parts[i-1]()
		}
	}
	a.SUBQ(operand.U32(chunkDraws), n)
	a.CMPQ(n, operand.U32(2*chunkDraws))
	a.JGE(a.at(name))
}

// words are the four words of some blocks, each in the lower half of 64 bits; the upper halves are of no account.
type words [4]reg.VecPhysical

// groups are the blocks that are drawn side by side, to fill the time that a multiplication takes.
type groups [2]words

// steps write the drawing of 16 blocks into the buffer, and the move to the next chunk.
func (p *philox) steps(name string) []func() {
	registers := p.s.registers[:16]
	if p.s.wide {
		registers = p.s.registers[16:]
	}
	var (
		g        groups
		spare    words
		multiply = [2]reg.VecPhysical{registers[12], registers[13]}
		other    = registers[14:16]
		steps    []func()
	)
	// The lanes hold 16 numbers of blocks: all in two vectors of AVX-512; two times two vectors of AVX2.
	passes := 1
	if !p.s.wide {
		passes = 2
	}
	for pass := range passes {
		steps = append(steps, func() {
			g, spare = groups{words(registers[0:4]), words(registers[4:8])}, words(registers[8:12])
			p.start(g, pass, multiply, other[0])
		})
		for round := range philoxRounds {
			steps = append(steps, func() { g, spare = p.round(round, g, spare, multiply, other) })
		}
		steps = append(steps, func() { p.store(labelOf(name, pass), g, pass, spare, other) })
	}
	return append(steps, func() { p.advance(name) })
}

// start sets the counters of the groups.
func (p *philox) start(g groups, pass int, multiply [2]reg.VecPhysical, first reg.VecPhysical) {
	a := p.a
	lanes := p.args.load("draws.lanes")
	for i, m := range []uint32{philoxMultiply0, philoxMultiply1} {
		a.VPBROADCASTD(a.word(m), multiply[i])
	}
	a.VPBROADCASTQ(p.field("base"), first)
	for i, c := range g {
		a.VPADDQ(operand.Mem{Base: lanes, Disp: 64*i + 32*pass}, first, c[0])
		a.VPSRLQ(operand.Imm(32), c[0], c[1])
		a.VPBROADCASTD(p.field("execution"), c[2])
		a.VPBROADCASTD(p.field("domain"), c[3])
	}
}

// round writes one of the ten rounds. Each group's four registers are free after it, for the other group; the four that are
// free in the end are the second result.
func (p *philox) round(round int, g groups, spare words, multiply [2]reg.VecPhysical, key []reg.VecPhysical) (groups, words) {
	a := p.a
	if !p.s.wide {
		a.VPBROADCASTD(p.field("keys", 2*round), key[0])
		a.VPBROADCASTD(p.field("keys", 2*round+1), key[1])
	}
	for i, c := range g {
		product0, product1, next0, next2 := spare[0], spare[1], spare[2], spare[3]
		a.VPMULUDQ(multiply[0], c[0], product0)
		a.VPMULUDQ(multiply[1], c[2], product1)
		// c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		a.VPSRLQ(operand.Imm(32), product1, next0)
		a.VPSRLQ(operand.Imm(32), product0, next2)
		if p.s.wide {
			const exclusiveOr = 0x96 // of three
			a.VPTERNLOGD_BCST(operand.Imm(exclusiveOr), p.field("keys", 2*round), c[1], next0)
			a.VPTERNLOGD_BCST(operand.Imm(exclusiveOr), p.field("keys", 2*round+1), c[3], next2)
		} else {
			a.VPXOR(key[0], c[1], c[1])
			a.VPXOR(key[1], c[3], c[3])
			a.VPXOR(c[1], next0, next0)
			a.VPXOR(c[3], next2, next2)
		}
		g[i], spare = words{next0, product1, next2, product0}, c
	}
	return g, spare
}

// store stores the draws of the groups in the order of rows or of planes.
func (p *philox) store(name string, g groups, pass int, spare words, other []reg.VecPhysical) {
	a := p.a
	a.CMPQ(p.field("source"), operand.Imm(drawPlanes))
	a.JEQ(a.at(name + "planes"))
	if p.s.wide {
		p.rowsWide(g, spare[0], other)
	} else {
		p.rows(g, 16*pass, spare, other[1])
	}
	a.JMP(a.at(name + "stored"))
	a.label(name + "planes")
	for i, c := range g {
		if p.s.wide {
			p.planesWide(c, 128*i, spare[0], other[0])
		} else {
			p.planes(c, 2*i+pass, other)
		}
	}
	a.label(name + "stored")
}

func (p *philox) at(disp int) operand.Mem { return operand.Mem{Base: p.buffer, Disp: disp} }

// rowsWide stores the lower halves of the words, word after word, then the upper halves.
func (p *philox) rowsWide(g groups, spare reg.VecPhysical, indices []reg.VecPhysical) {
	a := p.a
	low, high := indices[0], indices[1]
	a.VMOVDQU64(a.words("philoxLower", func(i int) uint16 { return uint16(2 * i) }), low)
	a.VMOVDQU64(a.words("philoxUpper", func(i int) uint16 { return uint16(2*i + 1) }), high)
	for i := range 4 { // the lower 32 bits of both groups, two of each in turn
		a.VSHUFPS(operand.Imm(0x88), g[1][i], g[0][i], g[0][i])
	}
	for i := 0; i < 4; i += 2 {
		first, second := g[0][i], g[0][i+1]
		a.VMOVDQA64(first, spare)
		a.VPERMT2W(second, low, spare)
		a.VMOVDQA64(spare, p.at(32*i))
		a.VPERMT2W(second, high, first)
		a.VMOVDQA64(first, p.at(128+32*i))
	}
}

// rows does the same for 8 of the 16 blocks, which fill 16 of each 32 bytes.
func (p *philox) rows(g groups, disp int, spare words, zero reg.VecPhysical) {
	a := p.a
	a.VPXOR(zero, zero, zero)
	for i := range 4 {
		a.VSHUFPS(operand.Imm(0x88), g[1][i], g[0][i], g[0][i])
	}
	const evenWords = 0x55
	for i := 0; i < 4; i += 2 {
		for half := range 2 {
			for j := range 2 {
				if half == 0 {
					a.VPBLENDW(operand.Imm(evenWords), g[0][i+j], zero, spare[j])
				} else {
					a.VPSRLD(operand.Imm(16), g[0][i+j], spare[j])
				}
			}
			packed := spare[0]
			a.VPACKUSDW(spare[1], packed, packed)
			a.VPERMQ(operand.Imm(0xd8), packed, packed) // each word's together
			a.VMOVDQA(p.s.half(packed), p.at(disp+128*half+32*i))
			a.VEXTRACTI128(operand.Imm(1), packed, p.at(disp+128*half+32*i+32))
		}
	}
}

// planesWide stores 8 halves of each lane side by side: the lower halves of its four words, then the upper halves. Even
// lanes come before odd ones.
func (p *philox) planesWide(c words, disp int, spare, pick reg.VecPhysical) {
	a := p.a
	// From two vectors, for each 64 bits: the lower halves of both words, then the upper halves.
	a.VMOVDQU64(a.words("philoxPairs", func(i int) uint16 { return uint16(i/4*4 + i%4/2 + i%2*32) }), pick)
	a.VPERMT2W(c[1], pick, c[0])
	a.VPERMT2W(c[3], pick, c[2])
	a.VPUNPCKLDQ(c[2], c[0], spare)
	a.VMOVDQA64(spare, p.at(disp))
	a.VPUNPCKHDQ(c[2], c[0], spare)
	a.VMOVDQA64(spare, p.at(disp+64))
}

// planes does the same for lanes 4·quarter to 4·quarter+3.
func (p *philox) planes(c words, quarter int, spare []reg.VecPhysical) {
	a := p.a
	pick := spare[1]
	a.VMOVDQU(a.bytes("philoxHalves", func(i int) byte { return byte(i%8/2*4 + i/8*2 + i%2) }), pick)
	const oddDoubleWords = 0xaa
	for i := 0; i < 4; i += 2 {
		a.VPSLLQ(operand.Imm(32), c[i+1], c[i+1])
		a.VPBLENDD(operand.Imm(oddDoubleWords), c[i+1], c[i], c[i])
	}
	disp := 128*(quarter/2) + 32*(quarter%2)
	a.VPUNPCKLQDQ(c[2], c[0], spare[0])
	a.VPSHUFB(pick, spare[0], spare[0])
	a.VMOVDQA(spare[0], p.at(disp))
	a.VPUNPCKHQDQ(c[2], c[0], spare[0])
	a.VPSHUFB(pick, spare[0], spare[0])
	a.VMOVDQA(spare[0], p.at(disp+64))
}

// advance sets base to the first block of the next chunk.
func (p *philox) advance(name string) {
	a := p.a
	base := p.args.load("draws.base")
	a.ADDQ(p.field("stride"), base)
	a.DECQ(p.field("left"))
	a.JNE(a.at(name + "sameplane"))
	a.ADDQ(p.field("jump"), base)
	next := p.args.load("draws.perPlane")
	a.MOVQ(next, p.field("left"))
	a.label(name + "sameplane")
	a.MOVQ(base, p.field("base"))
}
