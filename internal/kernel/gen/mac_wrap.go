package main

import (
	"github.com/mmcloughlin/avo/operand"
)

// wraps writes the kernels for sums that wrap: whole numbers of steps, to integers and, wrapped, back.
func wraps(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, add := range []bool{false, true} {
			a.function(map[bool]string{false: "wrapSums", true: "addSums"}[add] + s.name)
			l := newLanes(a, s, a.arguments(), "")
			inverse, x := l.held("inverse"), l.register()
			place, count := l.args.load("sums"), l.args.load("n")
			totals := a.GP64()
			step, shift := x, x.AsX()
			if add {
				a.MOVQ(l.field("totals"), totals)
			} else {
				step, shift = l.held("step"), l.register().AsX()
				a.VMOVQ(l.field("shift"), shift)
			}
			a.label("next")
			a.VMULPS(operand.Mem{Base: place}, inverse, x)
			a.VCVTPS2DQ(x, x)
			if add {
				a.VPADDD(operand.Mem{Base: totals}, x, x)
				l.store(x, operand.Mem{Base: totals})
				a.ADDQ(operand.Imm(uint64(s.size())), totals)
			} else {
				a.VPSLLD(shift, x, x)
				a.VPSRAD(shift, x, x)
				a.VCVTDQ2PS(x, x)
				a.VMULPS(step, x, x)
				l.store(x, operand.Mem{Base: place})
			}
			a.ADDQ(operand.Imm(uint64(s.size())), place)
			a.SUBQ(operand.Imm(uint64(s.lanes)), count)
			a.JNE(a.at("next"))
			a.VZEROUPPER()
			a.RET()
		}
	}
}
