package graph

// WithoutBlocks leaves every tensor in planes.
func WithoutBlocks() Option { return func(o *options) { o.blocks = blocksNowhere } }

// WithBlocks puts every tensor in blocks that can be, whether it pays or not.
func WithBlocks() Option { return func(o *options) { o.blocks = blocksEverywhere } }

// Layouts counts the plan's tensors in blocks, and the steps that move a tensor from one layout to the other.
func (p *Program) Layouts() (blocked, moved int) {
	for i := range p.machine.steps {
		s := &p.machine.steps[i]
		switch {
		case s.relays():
			moved++
		case s.call.Out.Blocked:
			blocked++
		}
	}
	return blocked, moved
}

// CodesAlone counts the plan's tensors of which only the codes outlive the step that makes them.
func (p *Program) CodesAlone() int {
	n := 0
	for i := range p.machine.steps {
		if p.machine.steps[i].call.Out.Fleeting {
			n++
		}
	}
	return n
}
