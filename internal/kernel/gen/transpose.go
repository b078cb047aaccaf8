package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposes write kernels that turn 8 rows into columns: dst[j·dstPitch + i] = src[i·srcPitch + j].
func transposes(a *assembly) {
	first := a.table64("firstPairs", [8]uint64{0, 1, 8, 9, 2, 3, 10, 11})
	second := a.table64("secondPairs", [8]uint64{4, 5, 12, 13, 6, 7, 14, 15})
	float32Columns(a, "transposeF32AVX512", first, second, func(v, half reg.VecPhysical, low, high operand.Mem) {
		a.VMOVUPS(half, low)
		a.VEXTRACTF64X4(operand.Imm(1), v, high)
	})
	float32Columns(a, "transposeF32F64AVX512", first, second, func(v, half reg.VecPhysical, low, high operand.Mem) {
		a.VCVTPS2PD(half, zmm[30])
		a.VMOVUPD(zmm[30], low)
		a.VEXTRACTF64X4(operand.Imm(1), v, half)
		a.VCVTPS2PD(half, v)
		a.VMOVUPD(v, high)
	})
	float64Columns(a)
}

// transposition is the frame of a kernel: a loop over blocks of columns.
type transposition struct {
	rows    [2]reg.Register // of the source: 0 and 4
	pitch   reg.Register
	pitch3  reg.Register
	columns []reg.Register // of the destination: 0, 4, 8, ...
	step    reg.Register   // bytes between columns
	step3   reg.Register
}

func (t *transposition) source(row int) operand.Mem {
	return places(t.rows[row/4], t.pitch, t.pitch3, row%4)
}

func (t *transposition) column(j int) operand.Mem {
	return places(t.columns[j/4], t.step, t.step3, j%4)
}

// places is base + i·pitch for i < 4.
func places(base, pitch, pitch3 reg.Register, i int) operand.Mem {
	switch i {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: pitch3, Scale: 1}
	}
	return operand.Mem{Base: base, Index: pitch, Scale: uint8(i)}
}

func transposeLoop(a *assembly, name string, columns, element int, start func(), body func(t *transposition)) {
	a.function(name)
	args := a.arguments()
	t := &transposition{pitch: args.load("srcPitch"), step: args.load("dstPitch")}
	triple := func(r reg.Register) reg.Register {
		three := a.GP64()
		a.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, three)
		return three
	}
	t.pitch3, t.step3 = triple(t.pitch), triple(t.step)
	src := args.load("src")
	fourth := a.GP64()
	a.LEAQ(operand.Mem{Base: src, Index: t.pitch, Scale: 4}, fourth)
	t.rows = [2]reg.Register{src, fourth}
	t.columns = append(t.columns, args.load("dst"))
	for j := 4; j < columns; j += 4 {
		next := a.GP64()
		a.LEAQ(operand.Mem{Base: t.columns[len(t.columns)-1], Index: t.step, Scale: 4}, next)
		t.columns = append(t.columns, next)
	}
	count, advance := args.load("vectors"), a.GP64()
	a.IMUL3Q(operand.U32(uint32(columns)), t.step, advance)
	start()
	a.label("next")
	body(t)
	for _, r := range t.rows {
		a.ADDQ(operand.U32(uint32(columns*element)), r)
	}
	for _, r := range t.columns {
		a.ADDQ(advance, r)
	}
	a.DECQ(count)
	a.JNE(a.at("next"))
	a.VZEROUPPER()
	a.RET()
}

// float32Columns writes the kernel for blocks of 16 columns of float32.
func float32Columns(a *assembly, name string, first, second operand.Mem, store func(v, half reg.VecPhysical, low, high operand.Mem)) {
	pairs := [2]reg.VecPhysical{zmm[28], zmm[29]}
	load := func() {
		a.VMOVUPS(first, pairs[0])
		a.VMOVUPS(second, pairs[1])
	}
	transposeLoop(a, name, 16, 4, load, func(t *transposition) {
		for i := range 8 {
			a.VMOVUPS(t.source(i), zmm[i])
		}
		// In each 128 bits: neighbouring rows side by side, then four rows of a column.
		for i := 0; i < 8; i += 2 {
			a.VUNPCKLPS(zmm[i+1], zmm[i], zmm[8+i])
			a.VUNPCKHPS(zmm[i+1], zmm[i], zmm[9+i])
		}
		for q := range 2 { // rows 0 to 3 into 0 to 3, rows 4 to 7 into 4 to 7
			low01, high01, low23, high23 := zmm[8+4*q], zmm[9+4*q], zmm[10+4*q], zmm[11+4*q]
			a.VUNPCKLPD(low23, low01, zmm[4*q])
			a.VUNPCKHPD(low23, low01, zmm[4*q+1])
			a.VUNPCKLPD(high23, high01, zmm[4*q+2])
			a.VUNPCKHPD(high23, high01, zmm[4*q+3])
		}
		// The 128 bits number L of vector c hold column 4L+c.
		for c := range 4 {
			top, bottom, other := zmm[c], zmm[4+c], zmm[8+c]
			a.VMOVAPS(top, other)
			a.VPERMT2PD(bottom, pairs[0], top)
			a.VPERMT2PD(bottom, pairs[1], other)
			store(top, ymm[c], t.column(c), t.column(4+c))
			store(other, ymm[8+c], t.column(8+c), t.column(12+c))
		}
	})
}

// float64Columns writes the kernel for blocks of 8 columns of float64.
func float64Columns(a *assembly) {
	transposeLoop(a, "transposeF64AVX512", 8, 8, func() {}, func(t *transposition) {
		for i := range 8 {
			a.VMOVUPD(t.source(i), zmm[i])
		}
		for i := 0; i < 8; i += 2 { // two rows of the even columns, and of the odd ones
			a.VUNPCKLPD(zmm[i+1], zmm[i], zmm[8+i])
			a.VUNPCKHPD(zmm[i+1], zmm[i], zmm[9+i])
		}
		for parity := range 2 {
			rows := func(i int) reg.VecPhysical { return zmm[8+2*i+parity] }
			for _, c := range []struct {
				order   uint64
				columns [2]int
			}{{0x88, [2]int{0, 4}}, {0xdd, [2]int{2, 6}}} {
				upper, lower, out := zmm[0], zmm[1], zmm[2]
				a.VSHUFF64X2(operand.Imm(c.order), rows(1), rows(0), upper)
				a.VSHUFF64X2(operand.Imm(c.order), rows(3), rows(2), lower)
				a.VSHUFF64X2(operand.Imm(0x88), lower, upper, out)
				a.VMOVUPD(out, t.column(c.columns[0]+parity))
				a.VSHUFF64X2(operand.Imm(0xdd), lower, upper, out)
				a.VMOVUPD(out, t.column(c.columns[1]+parity))
			}
		}
	})
}
