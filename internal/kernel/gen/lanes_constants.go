package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// held is a field of the arguments in all lanes, in a register.
func (l *lanes) held(field string) reg.VecPhysical {
	r := l.register()
	l.a.VPBROADCASTD(l.field(field), r)
	return r
}

// constant is a field of the arguments in all lanes, where there are few registers in memory. spare is a register that
// it may change.
func (l *lanes) constant(field string, spare reg.VecPhysical) operand.Op {
	if l.wide {
		return l.held(field)
	}
	l.a.VPBROADCASTD(l.field(field), spare)
	return l.remember(spare)
}

// remember puts a vector into memory on the stack.
func (l *lanes) remember(v reg.VecPhysical) operand.Op {
	place := l.a.AllocLocal(l.size())
	l.a.VMOVDQU(v, place)
	return place
}

// all is a number in all lanes of a register.
func (l *lanes) all(value uint32) reg.VecPhysical {
	r := l.register()
	l.a.VPBROADCASTD(l.a.word(value), r)
	return r
}

// number is a number in all lanes, where there are few registers in memory. spare is a register that it may change.
func (l *lanes) number(value uint32, spare reg.VecPhysical) operand.Op {
	if l.wide {
		return l.all(value)
	}
	l.a.VPBROADCASTD(l.a.word(value), spare)
	return l.remember(spare)
}

// rare is a field of the arguments in all lanes that is not worth a register: AVX-512 broadcasts it from memory, AVX2 has
// it as a constant.
type rare struct {
	field operand.Mem
	all   operand.Op // AVX2
}

func (l *lanes) rare(field string, spare reg.VecPhysical) rare {
	r := rare{field: l.field(field)}
	if !l.wide {
		r.all = l.constant(field, spare)
	}
	return r
}

func (l *lanes) addRare(x rare, to reg.Register) {
	if l.wide {
		l.a.VPADDD_BCST(x.field, to, to)
	} else {
		l.a.VPADDD(x.all, to, to)
	}
}

func (l *lanes) subtractRare(x rare, y, to reg.Register) {
	if l.wide {
		l.a.VPSUBD_BCST(x.field, y, to)
	} else {
		l.a.VPSUBD(x.all, y, to)
	}
}

func (l *lanes) andRare(x rare, to reg.Register) {
	if l.wide {
		l.a.VPANDD_BCST(x.field, to, to)
	} else {
		l.a.VPAND(x.all, to, to)
	}
}

func (l *lanes) atLeast(x rare, to reg.Register) {
	if l.wide {
		l.a.VPMAXSD_BCST(x.field, to, to)
	} else {
		l.a.VPMAXSD(x.all, to, to)
	}
}

func (l *lanes) atMost(x rare, to reg.Register) {
	if l.wide {
		l.a.VPMINSD_BCST(x.field, to, to)
	} else {
		l.a.VPMINSD(x.all, to, to)
	}
}

// putRare sets to = x where m says so.
func (l *lanes) putRare(x rare, m mask, to reg.Register) {
	if l.wide {
		l.a.VPBROADCASTD(x.field, m.k, to)
	} else {
		l.put(x.all, m, to)
	}
}

// shift is a field of the arguments as a number of bits to shift by.
func (l *lanes) shift(field string) reg.Register {
	r := l.register().AsX()
	l.a.VMOVQ(l.field(field), r)
	return r
}
