package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The shape of MAC tiles, as mac_run.go of the package has it.
const (
	macRows      = 8
	macLanes     = 16
	macLeaves    = 16
	macLine      = 4 * macLanes       // bytes of a row of sums
	macSlot      = macRows * macLine  // bytes of an entry of a tree's queue
	macMask      = floatInfinity      // exponent of a float32
	macMagnitude = 1<<31 - 1          // all bits of a float32 but its sign
	macTerm      = 4                  // bytes from a factor to the next
	macVector    = macTerm * macLanes // bytes from a vector of factors to the next
)

func macs(a *assembly) {
	wraps(a)
	for _, s := range []simd{avx512, avx2} {
		for _, k := range []macKind{{"Limit", false, false}, {"Product", true, false}, {"Sum", false, true}, {"Both", true, true}} {
			for _, tree := range []bool{false, true} {
				newMAC(a, s, k).write(tree)
			}
		}
	}
}

// macKind says what a kernel rounds.
type macKind struct {
	name         string
	product, sum bool
}

// mac writes a kernel of sums of products whose interior is rounded.
type mac struct {
	*lanes
	kind         macKind
	rows, passes int // rows at a time; parts of a tile that are computed one after the other
	sums         []reg.VecPhysical
	vector       reg.VecPhysical
	value, magic reg.VecPhysical
	mask         reg.VecPhysical
	product, sum macRounder
	factors      []reg.Register
	// Of sums that are limited only: all bits but the sign, and the magnitude up to which they are free for a while.
	magnitude, calm reg.VecPhysical
	wild            mask
}

// macRounder holds the constants of a format.
type macRounder struct{ least, shift, low, high reg.VecPhysical }

func newMAC(a *assembly, s simd, k macKind) *mac {
	m := &mac{kind: k, rows: macRows, passes: 1}
	if !s.wide {
		m.rows, m.passes = macRows/2, 4
	}
	m.lanes = newLanes(a, s, arguments{}, "")
	return m
}

func (m *mac) write(tree bool) {
	a := m.a
	name := "macChain"
	if tree {
		name = "macTree"
	}
	m.free = m.registers
	a.function(name + m.kind.name + m.name)
	m.args = a.arguments()
	m.vector, m.value, m.magic = m.register(), m.register(), m.register()
	m.sums = nil
	if !tree {
		for range m.rows {
			m.sums = append(m.sums, m.register())
		}
	}
	if m.kind.product || m.kind.sum {
		m.mask = m.all(macMask)
	}
	if m.kind.product {
		m.product = m.rounder("product", true)
	}
	if m.kind.sum || m.kind.name == "Limit" {
		m.sum = m.rounder("sum", m.kind.sum)
	}
	if m.kind.name == "Limit" && !tree {
		m.magnitude, m.calm, m.wild = m.all(macMagnitude), m.held("calm"), m.lanes.mask()
	}
	for pass := range m.passes {
		row, lane := 0, 0
		if m.passes > 1 {
			row, lane = pass/2*m.rows, pass%2*m.lanes.lanes
		}
		if tree {
			m.tree(pass, row, 4*lane)
		} else {
			m.chain(pass, row, 4*lane)
		}
	}
	a.VZEROUPPER()
	a.RET()
}

func (m *mac) rounder(field string, rounds bool) (r macRounder) {
	if rounds {
		r.least, r.shift = m.held(field+".least"), m.held(field+".shift")
	}
	r.low, r.high = m.held(field+".low"), m.held(field+".high")
	return r
}

// round limits a vector and rounds it. NaN stays what it is: the minimum and the maximum of it and another number are
// the second operand, which stands first here.
func (m *mac) round(x reg.VecPhysical, r macRounder, rounds bool) {
	a := m.a
	a.VMINPS(x, r.high, x)
	a.VMAXPS(x, r.low, x)
	if !rounds {
		return
	}
	m.and(m.mask, x, m.magic)
	a.VPMAXSD(r.least, m.magic, m.magic)
	a.VPADDD(r.shift, m.magic, m.magic)
	a.VADDPS(m.magic, x, x)
	a.VSUBPS(m.magic, x, x)
}

// add adds a vector to a sum, and rounds that.
func (m *mac) add(x operand.Op, sum reg.VecPhysical) {
	m.a.VADDPS(x, sum, sum)
	if m.kind.sum || m.kind.name == "Limit" {
		m.round(sum, m.sum, m.kind.sum)
	}
}

// term sets m.value to the products of a row's factor and the vector.
func (m *mac) term(row int, position reg.Register) {
	a := m.a
	place := operand.Mem{Base: m.factors[row], Index: position, Scale: macTerm}
	if m.wide {
		a.VMULPS_BCST(place, m.vector, m.value)
	} else {
		a.VBROADCASTSS(place, m.value)
		a.VMULPS(m.vector, m.value, m.value)
	}
	if m.kind.product {
		m.round(m.value, m.product, true)
	}
}

// exact adds the products of a row's factor and the vector to a sum that is limited only: all is exact, so that
// multiply-adds give the same.
func (m *mac) exact(row int, position reg.Register, sum reg.VecPhysical) {
	a := m.a
	place := operand.Mem{Base: m.factors[row], Index: position, Scale: macTerm}
	if m.wide {
		a.VFMADD231PS_BCST(place, m.vector, sum)
	} else {
		a.VBROADCASTSS(place, m.value)
		a.VFMADD231PS(m.value, m.vector, sum)
	}
}

// limitedTerms adds so many terms to sums that are limited only, in pieces of a length. Before each piece it looks whether
// no sum can reach a limit in it, and then adds it without.
func (m *mac) limitedTerms(vectors, position, count reg.Register, label func(string) string) {
	a := m.a
	left := a.GP64()
	a.label(label("piece"))
	a.MOVQ(m.args.field("piece"), left)
	a.CMPQ(left, count)
	a.JGT(a.at(label("rest")))
	a.SUBQ(left, count)
	largest := m.magic
	m.and(m.magnitude, m.sums[0], largest)
	for _, s := range m.sums[1:] {
		m.and(m.magnitude, s, m.value)
		a.VPMAXUD(m.value, largest, largest) // NaN is beyond every number
	}
	m.greater(m.calm, largest, m.wild)
	m.jumpIfAny(m.wild, a.at(label("limited")))
	each := func(name string, add func(i int, s reg.VecPhysical)) {
		a.label(label(name))
		m.load(operand.Mem{Base: vectors}, m.vector)
		for i, s := range m.sums {
			add(i, s)
		}
		a.ADDQ(operand.Imm(macVector), vectors)
		a.INCQ(position)
		a.DECQ(left)
		a.JNE(a.at(label(name)))
	}
	each("free", func(i int, s reg.VecPhysical) { m.exact(i, position, s) })
	a.TESTQ(count, count)
	a.JNE(a.at(label("piece")))
	a.JMP(a.at(label("end")))
	a.label(label("rest"))
	a.MOVQ(count, left)
	a.XORQ(count, count)
	each("limited", func(i int, s reg.VecPhysical) {
		m.exact(i, position, s)
		m.round(s, m.sum, false)
	})
	a.TESTQ(count, count)
	a.JNE(a.at(label("piece")))
	a.label(label("end"))
}

// start loads the pointers of a part of a tile: to the vectors and to the rows' factors.
func (m *mac) start(row, lane int) (vectors, position, blocks reg.Register) {
	a := m.a
	m.factors = nil
	for i := range m.rows {
		m.factors = append(m.factors, m.args.load("rows", row+i))
	}
	vectors, blocks = m.args.load("vectors"), m.args.load("blocks")
	if lane > 0 {
		a.ADDQ(operand.U32(lane), vectors)
	}
	position = a.GP64()
	a.XORQ(position, position)
	return vectors, position, blocks
}

// chain adds terms in sequence: to the totals, or to sums of blocks that are added to the totals.
func (m *mac) chain(pass, row, lane int) {
	a := m.a
	label := func(name string) string { return labelOf(name, pass) }
	vectors, position, blocks := m.start(row, lane)
	total := func(place reg.Register, i int) operand.Mem {
		return operand.Mem{Base: place, Disp: (row+i)*macLine + lane}
	}
	a.label(label("block"))
	a.CMPQ(m.args.field("direct"), operand.Imm(0))
	a.JNE(a.at(label("direct")))
	for _, s := range m.sums {
		m.clear(a, s)
	}
	a.JMP(a.at(label("started")))
	a.label(label("direct"))
	place := m.args.load("sums")
	for i, s := range m.sums {
		m.load(total(place, i), s)
	}
	a.label(label("started"))
	count := m.args.load("terms")
	if m.kind.name == "Limit" {
		m.limitedTerms(vectors, position, count, label)
	} else {
		m.terms(vectors, position, count, label)
	}

	place = m.args.load("sums")
	a.CMPQ(m.args.field("direct"), operand.Imm(0))
	a.JNE(a.at(label("store")))
	for i, s := range m.sums {
		m.add(total(place, i), s)
	}
	a.label(label("store"))
	for i, s := range m.sums {
		m.store(s, total(place, i))
	}
	a.DECQ(blocks)
	a.JNE(a.at(label("block")))
}

// terms adds so many terms to the sums.
func (m *mac) terms(vectors, position, count reg.Register, label func(string) string) {
	a := m.a
	a.label(label("term"))
	m.load(operand.Mem{Base: vectors}, m.vector)
	for i, s := range m.sums {
		m.term(i, position)
		m.add(m.value, s)
	}
	a.ADDQ(operand.Imm(macVector), vectors)
	a.INCQ(position)
	a.DECQ(count)
	a.JNE(a.at(label("term")))
}

// tree adds blocks of terms as binary trees, whose leaves and nodes stand in a queue: of entry i the children are entries
// 2i-32 and 2i-31.
func (m *mac) tree(pass, row, lane int) {
	a := m.a
	label := func(name string) string { return labelOf(name, pass) }
	vectors, position, blocks := m.start(row, lane)
	entry := func(queue reg.Register, i int) operand.Mem {
		return operand.Mem{Base: queue, Disp: (row+i)*macLine + lane}
	}
	a.label(label("block"))
	next := m.args.load("queue")
	count := a.GP64()
	a.MOVQ(operand.U32(macLeaves), count)
	a.label(label("leaf"))
	m.load(operand.Mem{Base: vectors}, m.vector)
	for i := range m.rows {
		m.term(i, position)
		m.store(m.value, entry(next, i))
	}
	a.ADDQ(operand.Imm(macVector), vectors)
	a.INCQ(position)
	a.ADDQ(operand.U32(macSlot), next)
	a.DECQ(count)
	a.JNE(a.at(label("leaf")))

	first := m.args.load("queue")
	a.MOVQ(operand.U32(macLeaves-1), count)
	a.label(label("node"))
	for i := range m.rows {
		m.load(entry(first, i), m.value)
		second := entry(first, i)
		second.Disp += macSlot
		m.add(second, m.value)
		m.store(m.value, entry(next, i))
	}
	a.ADDQ(operand.U32(2*macSlot), first)
	a.ADDQ(operand.U32(macSlot), next)
	a.DECQ(count)
	a.JNE(a.at(label("node")))

	place := m.args.load("sums")
	for i := range m.rows {
		root := entry(first, i) // the queue's last entry
		m.load(root, m.value)
		m.add(entry(place, i), m.value)
		m.store(m.value, entry(place, i))
	}
	a.DECQ(blocks)
	a.JNE(a.at(label("block")))
}
