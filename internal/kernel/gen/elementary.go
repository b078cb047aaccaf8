package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementaries write exp, sigmoid and tanh over slices, in float64 and operation by operation as their Go forms.
func elementaries(a *assembly) {
	e := &elementary{assembly: a, places: map[float64]operand.Mem{}}
	for _, f := range []struct {
		name string
		body func(x, out reg.VecPhysical)
	}{{"exp", e.exp}, {"sigmoid", e.sigmoid}, {"tanh", e.tanh}} {
		e.write(f.name+"F32AVX512", true, f.body)
		e.write(f.name+"F64AVX512", false, f.body)
	}
}

// Constants of exp.go and tanh.go of package elementary.
const (
	ln2High      = 0x1.62e42feep-1
	ln2Low       = 0x1.a39ef35793c76p-33
	log2e        = 0x1.71547652b82fep0
	expOverflow  = 0x1.62e42fefa39efp9
	expUnderflow = -0x1.74910d52d3052p9
	tanhSmall    = 0.75
)

var (
	// expSeries are 1/13!, ..., 1/2!.
	expSeries = []float64{
		1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2,
	}
	tanhNumerator   = []float64{44, 12870, 810810, 11486475}
	tanhDenominator = []float64{45, 13860, 945945, 16216200, 34459425}
)

// Predicates of VCMPPD, false for NaN.
const (
	less    = 17
	greater = 30
)

// elementary is the file under construction, with the places of its constants.
type elementary struct {
	*assembly
	places  map[float64]operand.Mem
	choices int // labels of tanh so far
}

// constant is the place of a number in the file.
func (e *elementary) constant(v float64) operand.Mem {
	place, known := e.places[v]
	if !known {
		place = e.StaticGlobal(fmt.Sprintf("elementary%d", len(e.places)))
		e.DataAttributes(attr.RODATA | attr.NOPTR)
		e.AppendDatum(operand.U64(math.Float64bits(v)))
		e.places[v] = place
	}
	return place
}

// polynomial is Horner's scheme in x, from the coefficient of the highest power on.
func (e *elementary) polynomial(x, out reg.VecPhysical, coefficients []float64) {
	e.VBROADCASTSD(e.constant(coefficients[0]), out)
	for _, c := range coefficients[1:] {
		e.VMULPD(x, out, out)
		e.VADDPD_BCST(e.constant(c), out, out)
	}
}

// exp is Exp; it uses the registers from 16 on.
func (e *elementary) exp(x, out reg.VecPhysical) {
	k, high, low, r, lost, p, t := zmm[16], zmm[17], zmm[18], zmm[19], zmm[20], zmm[21], zmm[22]
	one := zmm[23]
	e.VBROADCASTSD(e.constant(1), one)
	e.VMULPD_BCST(e.constant(log2e), x, k)
	e.VADDPD_BCST(e.constant(0.5), k, k)
	e.VRNDSCALEPD(operand.Imm(toFloor), k, k)
	e.VMULPD_BCST(e.constant(ln2High), k, high)
	e.VSUBPD(high, x, high)
	e.VMULPD_BCST(e.constant(ln2Low), k, low)
	e.VSUBPD(low, high, r)
	e.VSUBPD(r, high, lost)
	e.VSUBPD(low, lost, lost)
	e.polynomial(r, p, expSeries)
	e.VMULPD(r, r, t)
	e.VMULPD(t, p, p)
	e.VADDPD(lost, p, p)
	e.VADDPD(r, one, t) // s
	e.VSUBPD(t, one, high)
	e.VADDPD(r, high, high) // rest
	e.VADDPD(p, high, high)
	e.VADDPD(high, t, t)
	e.VSCALEFPD(k, t, t) // one rounding, where the Go form multiplies exactly but for the last time
	e.VCMPPD_BCST(operand.Imm(greater), e.constant(expOverflow), x, reg.K2)
	e.VCMPPD_BCST(operand.Imm(less), e.constant(expUnderflow), x, reg.K3)
	e.KNOTW(reg.K3, reg.K3)
	e.VBROADCASTSD(e.constant(math.Inf(1)), reg.K2, t)
	e.VMOVAPD_Z(t, reg.K3, out)
}

// sigmoid is Sigmoid.
func (e *elementary) sigmoid(x, out reg.VecPhysical) {
	a, exponential, numerator := zmm[2], zmm[3], zmm[4]
	e.VPORQ_BCST(e.constant(math.Copysign(0, -1)), x, a) // -|x|
	e.exp(a, exponential)
	e.VPXORQ(numerator, numerator, numerator)
	e.VCMPPD(operand.Imm(less), numerator, x, reg.K2)
	e.VBROADCASTSD(e.constant(1), numerator)
	e.VADDPD(exponential, numerator, out)
	e.VMOVAPD(exponential, reg.K2, numerator)
	e.VDIVPD(out, numerator, out)
}

// tanh is Tanh: the form for small numbers, and where not all are small the other one, and a choice.
func (e *elementary) tanh(x, out reg.VecPhysical) {
	a, z, p, q, one, large := zmm[2], zmm[3], zmm[4], zmm[5], zmm[6], zmm[7]
	e.VPANDQ_BCST(e.constant(math.Float64frombits(1<<63-1)), x, a)
	e.VCMPPD_BCST(operand.Imm(greater), e.constant(tanhSmall), a, reg.K2)

	e.VMULPD(x, x, z)
	e.polynomial(z, p, tanhNumerator)
	e.polynomial(z, q, tanhDenominator)
	e.VMULPD(z, x, z)
	e.VMULPD(p, z, z)
	e.VDIVPD(q, z, z)
	e.VSUBPD(z, x, z)

	e.choices++
	small := labelOf("small", e.choices)
	e.KORTESTW(reg.K2, reg.K2)
	e.JEQ(e.at(small))
	e.VADDPD(a, a, large) // 2a
	e.VMOVAPD(z, q)       // exp uses K2 and registers from 16 on
	e.exp(large, large)
	e.VBROADCASTSD(e.constant(1), one)
	e.VADDPD(one, large, large)
	e.VADDPD(one, one, z)
	e.VDIVPD(large, z, large)
	e.VSUBPD(large, one, large)
	e.VCMPPD_BCST(operand.Imm(greater), e.constant(tanhSmall), a, reg.K2)
	e.VMOVAPD(q, z)
	e.VMOVAPD(large, reg.K2, z)
	e.label(small)
	// The sign of x, also that of -0.
	e.VPANDQ_BCST(e.constant(math.Copysign(0, -1)), x, a)
	e.VPORQ(a, z, out)
}

// write writes the loop over a slice, of float32 if it is narrow.
func (e *elementary) write(name string, narrow bool, body func(x, out reg.VecPhysical)) {
	a := e.assembly
	x, out := zmm[0], zmm[1]
	a.function(name)
	args := a.arguments()
	dst, src, n := args.load("dst"), args.load("x"), args.load("n")
	step := 64
	if narrow {
		step = 32
	}
	a.SUBQ(operand.Imm(8), n)
	a.JLT(a.at("tail"))
	a.label("next")
	if narrow {
		a.VCVTPS2PD(operand.Mem{Base: src}, x)
	} else {
		a.VMOVUPD(operand.Mem{Base: src}, x)
	}
	body(x, out)
	if narrow {
		a.VCVTPD2PS(out, ymm[1])
		a.VMOVUPS(ymm[1], operand.Mem{Base: dst})
	} else {
		a.VMOVUPD(out, operand.Mem{Base: dst})
	}
	a.ADDQ(operand.U32(uint32(step)), src)
	a.ADDQ(operand.U32(uint32(step)), dst)
	a.SUBQ(operand.Imm(8), n)
	a.JGE(a.at("next"))
	a.label("tail")
	a.ADDQ(operand.Imm(8), n)
	a.JEQ(a.at("end"))
	a.maskOf(n, reg.K1)
	if narrow {
		a.VCVTPS2PD_Z(operand.Mem{Base: src}, reg.K1, x)
	} else {
		a.VMOVUPD_Z(operand.Mem{Base: src}, reg.K1, x)
	}
	body(x, out)
	if narrow {
		a.VCVTPD2PS(out, ymm[1])
		a.VMOVUPS(ymm[1], reg.K1, operand.Mem{Base: dst})
	} else {
		a.VMOVUPD(out, reg.K1, operand.Mem{Base: dst})
	}
	a.label("end")
	a.VZEROUPPER()
	a.RET()
}
