package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// planStages is planMemory for steps that run in stages. Where threads run different steps of a stage at the same time,
// memory is reused in a stage only by those that cannot meet: in a stage of rows, where every thread reads and writes its
// own rows alone; in a stage of chains, within a chain. What others may read, and what the stage was given (it may have to
// run again), dies with the stage.
func planStages(steps []step, stages []*stage, keep map[*gorgonia.Node]bool, free *pool) {
	last := lastReaders(steps)
	maker := map[*qops.Array]int{}
	for i := range steps {
		maker[steps[i].call.Out] = i
	}
	for _, st := range stages {
		st.prolong(steps, last, maker)
	}
	dying := map[int][]*qops.Array{}
	for _, st := range stages {
		parts := st.parts()
		var separate []*pool
		for _, part := range parts {
			memory := free
			if len(parts) > 1 {
				memory = &pool{}
				separate = append(separate, memory)
			}
			for i := part.from; i < part.to; i++ {
				s := &steps[i]
				out := s.call.Out
				if x := overwritable(s, i, last, keep); x != nil {
					out.F32, out.F64 = x.F32, x.F64
					last[x] = -1 // the memory now lives as long as the output
				} else if !memory.reuse(out) {
					free.give(out, s.node.Dtype())
				}
				if end, read := last[out]; read && !keep[s.node] {
					dying[end] = append(dying[end], out)
				}
				for _, a := range dying[i] {
					if last[a] == i {
						memory.take(a)
					}
				}
			}
		}
		for _, memory := range separate {
			free.join(memory)
		}
	}
}

// parts are the ranges of steps whose memory is planned on its own.
func (st *stage) parts() []chain {
	if st.rows > 0 {
		return []chain{{from: st.from, to: st.to}}
	}
	return st.chains
}

// prolong lets arrays outlive the stage that other threads may read at any time of it.
func (st *stage) prolong(steps []step, last, maker map[*qops.Array]int) {
	for _, c := range st.parts() {
		for i := c.from; i < c.to; i++ {
			byRow := []bool(nil)
			if st.rows > 0 {
				byRow = rowOperands(&steps[i])
			}
			for j, in := range steps[i].call.In {
				made, ok := maker[in]
				own := ok && made >= c.from && made < c.to
				if st.rows > 0 {
					own = own && byRow[j]
				}
				if !own {
					last[in] = max(last[in], st.to)
				}
			}
		}
	}
}

// reuse gives an array memory of the pool, if that has some.
func (p *pool) reuse(a *qops.Array) bool {
	n := elements(a.Shape)
	list := p.f32[n]
	if len(list) == 0 {
		return false
	}
	a.F32, p.f32[n] = list[len(list)-1], list[:len(list)-1]
	return true
}

// join takes over another pool's memory.
func (p *pool) join(other *pool) {
	for n, list := range other.f32 {
		if p.f32 == nil {
			p.f32, p.f64 = map[int][][]float32{}, map[int][][]float64{}
		}
		p.f32[n] = append(p.f32[n], list...)
	}
	for n, list := range other.f64 {
		p.f64[n] = append(p.f64[n], list...)
	}
}
