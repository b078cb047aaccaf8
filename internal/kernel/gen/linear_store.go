package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// result is a kind of result: number is that of linearArgs.result, size the number of bytes of an element; store turns
// the codes of vector i of a group, plus the origin, into results and writes them.
type result struct {
	number int
	name   string
	size   int
	store  func(l *linear, i int, kept reg.VecPhysical, to operand.Mem, masked bool)
}

var (
	toValues      = result{0, "values", 4, (*linear).storeValues}
	toBytes       = result{1, "bytes", 1, (*linear).storeBytes}
	toWords       = result{2, "words", 2, (*linear).storeWords}
	toDoubleWords = result{3, "doublewords", 4, (*linear).storeDoubleWords}
	toProducts    = result{4, "products", 4, (*linear).storeProducts}
)

// results are the kinds that the kernel makes.
func (l *linear) results() []result {
	switch {
	case l.each:
		return []result{toValues, toDoubleWords}
	case l.double:
		return []result{toValues, toBytes, toWords, toDoubleWords, toProducts}
	default:
		return []result{toValues, toBytes, toWords, toDoubleWords}
	}
}

// storeValues stores values of a step that is a float32 number.
func (l *linear) storeValues(i int, kept reg.VecPhysical, to operand.Mem, masked bool) {
	a := l.a
	step := l.step
	switch {
	case l.each:
		a.VMOVUPS(operand.Mem{Base: l.steps, Disp: i * l.s.size()}, step)
		if l.roundsDown() {
			l.negate(step, l.t[2])
		}
	case l.double:
		step = l.t[2]
		a.VBROADCASTSS(l.args.field("step"), step)
	}
	switch {
	case l.roundsDown(): // a difference that is zero is -0 then, and its product with the step's opposite 0
		a.VSUBPS(kept, l.one, kept)
		a.VMULPS(step, kept, kept)
	case l.stochastic:
		a.VFMSUB213PS(step, step, kept)
	default:
		a.VFMADD213PS(l.zero, step, kept) // + 0: no negative zero
	}
	l.storeLanes(kept, to, masked)
}

// negate changes the sign of all lanes.
func (l *linear) negate(v, spare reg.VecPhysical) {
	l.a.VBROADCASTSS(l.a.word(floatSign), spare)
	l.a.VXORPS(spare, v, v)
}

// storeProducts stores values of any step: products of float64, rounded to odd, round to float32 as exact ones do.
func (l *linear) storeProducts(_ int, kept reg.VecPhysical, to operand.Mem, masked bool) {
	a := l.a
	wide, product := l.t[2], l.t[3]
	parts := []reg.VecPhysical{l.t[4], l.t[5]}
	for h, part := range parts {
		l.widen(kept, h, wide)
		if l.stochastic {
			l.broadcast64(1, product)
			a.VSUBPD(product, wide, wide)
		}
		if l.s.wide {
			a.VMULPD_RZ_SAE(l.step, wide, product)
		} else {
			a.VMULPD(l.step, wide, product)
		}
		a.VFMSUB213PD(product, l.step, wide) // what the product lacks
		l.toOdd(product, wide)
		l.narrow(product, part)
	}
	l.join(parts, kept)
	a.VADDPS(l.cleared(2), kept, kept) // no negative zero
	l.storeLanes(kept, to, masked)
}

// integers turns codes into integers.
func (l *linear) integers(kept reg.VecPhysical) {
	l.a.VCVTPS2DQ(kept, kept)
	if l.s.wide {
		l.a.VPADDD_BCST(l.args.field("zero"), kept, kept)
		return
	}
	l.a.VPBROADCASTD(l.args.field("zero"), l.t[3])
	l.a.VPADDD(l.t[3], kept, kept)
}

func (l *linear) storeDoubleWords(_ int, kept reg.VecPhysical, to operand.Mem, masked bool) {
	l.integers(kept)
	l.storeLanes(kept, to, masked)
}

// storeLanes stores 32 bits for each lane.
func (l *linear) storeLanes(kept reg.VecPhysical, to operand.Mem, masked bool) {
	a := l.a
	switch {
	case !masked:
		a.VMOVUPS(kept, to)
	case l.s.wide:
		a.VMOVUPS(kept, l.lanes, to)
	default:
		a.VMOVDQU(operand.Mem{Base: l.mask}, l.t[0])
		a.VMASKMOVPS(kept, l.t[0], to)
	}
}

func (l *linear) storeWords(_ int, kept reg.VecPhysical, to operand.Mem, masked bool) {
	a := l.a
	l.integers(kept)
	if l.s.wide {
		if masked {
			a.VPMOVDW(kept, l.lanes, to)
		} else {
			a.VPMOVDW(kept, to)
		}
		return
	}
	a.VPBLENDW(operand.Imm(0xaa), l.cleared(3), kept, kept)
	a.VPACKUSDW(kept, kept, kept)
	a.VPERMQ(operand.Imm(0x08), kept, kept) // the first quarter, and the third
	packed := l.s.half(kept)
	if !masked {
		a.VMOVDQU(packed, to)
		return
	}
	l.pieces("words", func() {
		a.VMOVDQU(packed, to)
	}, func(elements int, to operand.Mem) {
		switch elements {
		case 4:
			a.VMOVQ(packed, to)
			a.VPSRLDQ(operand.Imm(8), packed, packed)
		case 2:
			a.VMOVD(packed, to)
			a.VPSRLDQ(operand.Imm(4), packed, packed)
		case 1:
			a.VPEXTRW(operand.Imm(0), packed, to)
		}
	}, to, 2)
}

func (l *linear) storeBytes(_ int, kept reg.VecPhysical, to operand.Mem, masked bool) {
	a := l.a
	l.integers(kept)
	if l.s.wide {
		if masked {
			a.VPMOVDB(kept, l.lanes, to)
		} else {
			a.VPMOVDB(kept, to)
		}
		return
	}
	a.VPSHUFB(a.bytes("lowestBytes", func(i int) byte {
		if i < 4 {
			return byte(4 * i)
		}
		return 0x80 // a zero
	}), kept, kept)
	upper := l.t[3]
	a.VEXTRACTI128(operand.Imm(1), kept, l.s.half(upper))
	packed := l.s.half(kept)
	a.VPUNPCKLDQ(l.s.half(upper), packed, packed)
	if !masked {
		a.VMOVQ(packed, to)
		return
	}
	l.pieces("bytes", func() {
		a.VMOVQ(packed, to)
	}, func(elements int, to operand.Mem) {
		switch elements {
		case 4:
			a.VMOVD(packed, to)
			a.VPSRLDQ(operand.Imm(4), packed, packed)
		case 2:
			a.VPEXTRW(operand.Imm(0), packed, to)
			a.VPSRLDQ(operand.Imm(2), packed, packed)
		case 1:
			a.VPEXTRB(operand.Imm(0), packed, to)
		}
	}, to, 1)
}

// pieces stores, without a mask, the elements that are taken: all 8, or 4, 2 and 1.
func (l *linear) pieces(name string, all func(), some func(elements int, to operand.Mem), to operand.Mem, size int) {
	a := l.a
	place := a.GP64()
	a.LEAQ(to, place)
	a.TESTQ(operand.U32(8), l.taken)
	a.JEQ(a.at(name + "pieces"))
	all()
	a.label(name + "pieces")
	for _, elements := range []int{4, 2, 1} {
		skip := labelOf(name+"without", elements)
		a.TESTQ(operand.U32(uint32(elements)), l.taken)
		a.JEQ(a.at(skip))
		some(elements, operand.Mem{Base: place})
		a.ADDQ(operand.U32(uint32(elements*size)), place)
		a.label(skip)
	}
}

// cleared returns a temporary with zeros.
func (l *linear) cleared(i int) reg.VecPhysical {
	l.s.clear(l.a, l.t[i])
	return l.t[i]
}
