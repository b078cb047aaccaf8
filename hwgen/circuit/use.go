package circuit

import "math/bits"

// BitRange is a run of bits of a signal.
type BitRange struct {
	Signal    *Signal
	High, Low int
}

// Unread lists the bits of inputs, wires, registers and instance outputs that nothing in the module reads.
func (m *Module) Unread() []BitRange {
	read := map[*Signal]uint64{}
	var visit func(*Expr)
	visit = func(e *Expr) {
		switch {
		case e == nil:
		case e.Op == OpSignal:
			read[e.Signal] |= e.Type.mask()
		case e.Op == OpSlice:
			read[e.Args[0].Signal] |= e.Type.mask() << e.Low
		default:
			for _, a := range e.Args {
				visit(a)
			}
		}
	}
	for _, list := range [][]*Signal{m.Outputs, m.Wires, m.Registers} {
		for _, s := range list {
			visit(s.Value)
			visit(s.Next)
			visit(s.Enable)
		}
	}
	for _, in := range m.Instances {
		for _, e := range in.Inputs {
			visit(e)
		}
	}
	var unread []BitRange
	add := func(list []*Signal) {
		for _, s := range list {
			unread = append(unread, runs(s, s.Type.mask()&^read[s])...)
		}
	}
	add(m.Inputs)
	for _, in := range m.Instances {
		add(in.Outputs)
	}
	add(m.Registers)
	add(m.Wires)
	return unread
}

// runs splits a set of bits into runs, lowest first.
func runs(s *Signal, set uint64) []BitRange {
	var list []BitRange
	for set != 0 {
		low := bits.TrailingZeros64(set)
		length := bits.TrailingZeros64(^(set >> low))
		list = append(list, BitRange{s, low + length - 1, low})
		if low+length >= MaxWidth {
			break
		}
		set = set >> (low + length) << (low + length)
	}
	return list
}
