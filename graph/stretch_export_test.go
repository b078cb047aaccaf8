package graph

// Cuts returns where the stretches of a program's steps begin and end that are meant to run by samples together, and where
// its segments of several steps do.
func (p *Program) Cuts() (stretches, segments [][2]int) {
	forward := p.machine.forward // of the steps on the way forward, that many are nodes
	for i := range p.machine.steps[:p.machine.forward] {
		if p.machine.steps[i].relays() {
			forward--
		}
	}
	nodes := 0
	for forward > 0 {
		if p.placed.nodes[nodes].Op() != nil {
			forward--
		}
		nodes++
	}
	m := p.newSteps(nodes)
	m.recompute()
	m.layOut(p.kept())
	for _, s := range schedule(m.steps, m.forward) {
		if s.end-s.first > 1 {
			stretches = append(stretches, [2]int{s.first, s.end})
		}
	}
	for _, s := range p.machine.segments {
		if len(s.runners) > 1 {
			segments = append(segments, [2]int{s.first, s.end})
		}
	}
	return stretches, segments
}
