package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stochasticKernel writes the kernel that draws as it rounds. AVX2 has too few registers for both: what one needs is
// loaded again after the other.
func (l *linear) stochasticKernel() {
	a := l.a
	n := l.args.load("n")
	draws := newPhilox(a, l.s, l.args)
	l.s.clear(l.a, l.clipped)
	l.s.clear(l.a, l.underflowed)
	if l.s.wide {
		l.constants()
	} else {
		l.counts = a.AllocLocal(2 * l.s.size())
		l.saveCounts()
	}
	restore := func() {}
	if l.roundsDown() {
		restore = a.roundDown()
	}
	var whole func()
	if l.s.wide && !l.each {
		whole = func() { l.wholeChunks(draws, n) }
	}
	draws.each(n, whole, func(random, count reg.GPVirtual) {
		l.random, l.count = random, count
		if l.s.wide {
			l.loops()
			return
		}
		l.constants()
		a.VMOVDQU(l.counts, l.clipped)
		a.VMOVDQU(l.counts.Offset(l.s.size()), l.underflowed)
		l.loops()
		l.saveCounts()
	})
	restore()
	l.end()
}

// wholeChunks writes, for the results that there are most of, loops that draw while they round. Chunks with NaN or
// infinities are left to the others.
func (l *linear) wholeChunks(draws *philox, n reg.GPVirtual) {
	a := l.a
	const end = "drawn"
	l.random = draws.buffer
	for _, r := range l.results() {
		if r.size == 2 || r.name == "doublewords" {
			continue
		}
		name := "whole" + r.name
		a.CMPQ(l.args.field("result"), operand.Imm(uint64(r.number)))
		a.JNE(a.at(name + "none"))
		vectors := chunkDraws / l.s.lanes
		check := func() {
			for v := 0; v < vectors; v += 2 {
				for j, class := range []reg.OpmaskPhysical{reg.K2, reg.K3} {
					a.VFPCLASSPSZ(operand.Imm(classNaN|classInfinity), operand.Mem{Base: l.src, Disp: (v + j) * l.s.size()}, class)
				}
				a.KORTESTW(reg.K2, reg.K3)
				a.JNE(a.at(end))
			}
		}
		var parts []func()
		for v := range vectors {
			parts = append(parts, func() {
				a.VMOVUPS(operand.Mem{Base: l.src, Disp: v * l.s.size()}, l.x[0])
				l.vector(r, l.x[0], v, false)
				if v == vectors-1 {
					a.ADDQ(operand.U32(4*chunkDraws), l.src)
					a.ADDQ(operand.U32(uint32(r.size*chunkDraws)), l.dst)
				}
			})
		}
		draws.wholeChunks(name, n, end, check, parts)
		a.JMP(a.at(end))
		a.label(name + "none")
	}
}

func (l *linear) saveCounts() {
	l.a.VMOVDQU(l.clipped, l.counts)
	l.a.VMOVDQU(l.underflowed, l.counts.Offset(l.s.size()))
}

// roundsDown reports whether the kernel runs with rounding towards minus infinity, as AVX2 cannot choose it for one
// instruction. Nothing but the sums with draws is inexact in such a kernel.
func (l *linear) roundsDown() bool { return !l.s.wide && !l.double && l.stochastic }

// roundDown sets the processor to rounding towards minus infinity, and returns what sets it back. Nobody else runs with
// it: the operating system gives signal handlers and other threads a mode of their own.
func (a *assembly) roundDown() (restore func()) {
	const field, down = 0x6000, 0x2000
	before, during := a.AllocLocal(8), a.AllocLocal(8)
	mode := a.GP32()
	a.VSTMXCSR(before)
	a.MOVL(before, mode)
	a.ANDL(operand.I32(^field), mode)
	a.ORL(operand.U32(down), mode)
	a.MOVL(mode, during)
	a.VLDMXCSR(during)
	return func() { a.VLDMXCSR(before) }
}
