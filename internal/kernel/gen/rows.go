package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowKernels move rows of elements; rows.go of the package says what each one does.
func rowKernels(a *assembly) {
	rowKernel{"moveF32AVX512", 64, 64, false, false, nil, func(r *rowBody) {
		r.load(r.src, 0, 0, zmm[0])
		r.store(zmm[0], r.dst, 0, 2)
	}}.write(a)
	rowKernel{"moveF32F64AVX512", 32, 64, false, false, nil, func(r *rowBody) {
		r.widen(r.src, 0, zmm[0])
		r.storeWide(zmm[0], r.dst, 2)
	}}.write(a)
	rowKernel{"moveF64F32AVX512", 64, 32, false, false, nil, func(r *rowBody) {
		r.narrow(r.src, 0, ymm[0])
		r.store(ymm[0], r.dst, 0, 2)
	}}.write(a)

	// Even columns first, odd ones second.
	even := a.table32("evenF32", func(i int) int { return 2 * i })
	odd := a.table32("oddF32", func(i int) int { return 2*i + 1 })
	evenOdd := a.table32("evenOddF32", func(i int) int { return i%8*2 + i/8 })
	rowKernel{"splitF32AVX512", 128, 64, false, true, []operand.Mem{even, odd}, func(r *rowBody) {
		r.load(r.src, 0, 0, zmm[0])
		r.load(r.src, 64, 1, zmm[1])
		r.pick(zmm[0], zmm[1], zmm[2], order0, order1)
		r.store(zmm[2], r.dst, 0, 2)
		r.store(zmm[0], r.dst2, 0, 3)
	}}.write(a)
	rowKernel{"splitF32F64AVX512", 64, 64, false, true, []operand.Mem{evenOdd}, func(r *rowBody) {
		r.load(r.src, 0, 0, zmm[0])
		a.VPERMPS(zmm[0], order0, zmm[1])
		a.VCVTPS2PD(ymm[1], zmm[2])
		a.VEXTRACTF64X4(operand.Imm(1), zmm[1], ymm[1])
		a.VCVTPS2PD(ymm[1], zmm[3])
		r.storeWide(zmm[2], r.dst, 2)
		r.storeWide(zmm[3], r.dst2, 3)
	}}.write(a)

	lower := a.table32("lowerF32", func(i int) int { return i/2 + i%2*16 })
	upper := a.table32("upperF32", func(i int) int { return 8 + i/2 + i%2*16 })
	turns := a.table32("turnsF32", func(i int) int { return i/2 + i%2*8 })
	rowKernel{"joinF32AVX512", 64, 128, true, false, []operand.Mem{lower, upper}, func(r *rowBody) {
		r.load(r.src, 0, 0, zmm[0])
		r.load(r.src2, 0, 1, zmm[1])
		r.pick(zmm[0], zmm[1], zmm[2], order0, order1)
		r.store(zmm[2], r.dst, 0, 2)
		r.store(zmm[0], r.dst, 64, 3)
	}}.write(a)
	rowKernel{"joinF64F32AVX512", 64, 64, true, false, []operand.Mem{turns}, func(r *rowBody) {
		r.narrow(r.src, 0, ymm[0])
		r.narrow(r.src2, 1, ymm[1])
		a.VINSERTF64X4(operand.Imm(1), ymm[1], zmm[0], zmm[0])
		a.VPERMPS(zmm[0], order0, zmm[2])
		r.store(zmm[2], r.dst, 0, 2)
	}}.write(a)
}

// rowKernel is a loop over rows of whole vectors and a masked rest, which takes so many bytes at a step.
type rowKernel struct {
	name             string
	srcStep, dstStep int
	twoSrc, twoDst   bool
	tables           []operand.Mem // orders, which go to registers
	body             func(*rowBody)
}

// The registers of the orders.
var order0, order1 = zmm[30], zmm[31]

// rowBody is the work at a step, with masks in the rest of a row.
type rowBody struct {
	a                    *assembly
	src, src2, dst, dst2 reg.Register
	masked               bool
}

var rowMasks = []reg.OpmaskPhysical{reg.K1, reg.K2, reg.K3, reg.K4}

func (k rowKernel) write(a *assembly) {
	a.function(k.name)
	args := a.arguments()
	places := map[string]reg.GPVirtual{"src": args.load("src"), "dst": args.load("dst")}
	steps := map[string]int{"src": k.srcStep, "dst": k.dstStep}
	pitches := map[string]string{"src": "srcPitch", "dst": "dstPitch"}
	names := []string{"src", "dst"}
	if k.twoSrc {
		places["src2"], steps["src2"], pitches["src2"] = args.load("src2"), k.srcStep, "srcPitch"
		names = append(names, "src2")
	}
	if k.twoDst {
		places["dst2"], steps["dst2"], pitches["dst2"] = args.load("dst2"), k.dstStep, "dstPitch"
		names = append(names, "dst2")
	}
	for i, mask := range rowMasks {
		a.KMOVQ(args.field("masks", i), mask)
	}
	for i, table := range k.tables {
		a.VMOVUPS(table, []reg.VecPhysical{order0, order1}[i])
	}
	rows := args.load("rows")
	at := map[string]reg.GPVirtual{}
	for _, name := range names {
		at[name] = a.GP64()
	}
	body := &rowBody{a: a, src: at["src"], dst: at["dst"], src2: at["src2"], dst2: at["dst2"]}

	a.label("row")
	for _, name := range names {
		a.MOVQ(places[name], at[name])
	}
	count := args.load("vectors")
	a.TESTQ(count, count)
	a.JE(a.at("rest"))
	a.label("next")
	k.body(body)
	for _, name := range names {
		a.ADDQ(operand.U32(uint32(steps[name])), at[name])
	}
	a.DECQ(count)
	a.JNE(a.at("next"))
	a.label("rest")
	a.CMPQ(args.field("rest"), operand.Imm(0))
	a.JE(a.at("end"))
	body.masked = true
	k.body(body)
	a.label("end")
	for _, name := range names {
		a.ADDQ(args.field(pitches[name]), places[name])
	}
	a.DECQ(rows)
	a.JNE(a.at("row"))
	a.VZEROUPPER()
	a.RET()
}

// load reads a vector, or what a mask names of it.
func (r *rowBody) load(from reg.Register, at, mask int, to reg.VecPhysical) {
	m := operand.Mem{Base: from, Disp: at}
	if r.masked {
		r.a.VMOVUPS_Z(m, rowMasks[mask], to)
		return
	}
	r.a.VMOVUPS(m, to)
}

func (r *rowBody) store(v reg.VecPhysical, to reg.Register, at, mask int) {
	m := operand.Mem{Base: to, Disp: at}
	if r.masked {
		r.a.VMOVUPS(v, rowMasks[mask], m)
		return
	}
	r.a.VMOVUPS(v, m)
}

// widen reads 8 float32 as float64.
func (r *rowBody) widen(from reg.Register, mask int, to reg.VecPhysical) {
	if r.masked {
		r.a.VCVTPS2PD_Z(operand.Mem{Base: from}, rowMasks[mask], to)
		return
	}
	r.a.VCVTPS2PD(operand.Mem{Base: from}, to)
}

// narrow reads 8 float64 as float32.
func (r *rowBody) narrow(from reg.Register, mask int, to reg.VecPhysical) {
	if r.masked {
		r.a.VCVTPD2PS_Z(operand.Mem{Base: from}, rowMasks[mask], to)
		return
	}
	r.a.VCVTPD2PS(operand.Mem{Base: from}, to)
}

// storeWide writes 8 float64.
func (r *rowBody) storeWide(v reg.VecPhysical, to reg.Register, mask int) {
	if r.masked {
		r.a.VMOVUPD(v, rowMasks[mask], operand.Mem{Base: to})
		return
	}
	r.a.VMOVUPD(v, operand.Mem{Base: to})
}

// pick sets third to what the first order picks from first and second, and first to what the second order picks.
func (r *rowBody) pick(first, second, third reg.VecPhysical, one, two reg.VecPhysical) {
	r.a.VMOVAPS(first, third)
	r.a.VPERMT2PS(second, one, third)
	r.a.VPERMT2PS(second, two, first)
}
