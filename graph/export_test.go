package graph

import (
	"math"
	"time"

	"github.com/halftone-go/halftone/qops"
)

// Corrupt lets every run of a program that compares itself compute one element of a tensor wrongly, in its last bit: of
// the tensor's quantized form, where it has one. Only the last call counts.
func (p *Program) Corrupt(name string, element int) {
	c := corrupter{comparison: p.comparison, element: element}
	for _, s := range p.comparison.steps {
		if p.placed.info[s.got.node].point.Name == name {
			c.step = s.got // a quantize node follows what it quantizes
		}
	}
	p.machine.watchers = []watcher{c, p.comparison}
}

type corrupter struct {
	comparison *comparison
	step       *step
	element    int
}

func (c corrupter) ran(s *step, lo, hi int, _ time.Duration) {
	out := s.call.Out
	if s != c.step {
		return
	}
	if !qops.Reduces(s.op) && len(out.Shape) > 1 && out.Shape[0] > 1 { // else it is there behind the last sample
		if sample := c.element / (out.Size() / out.Shape[0]); sample < lo || sample >= hi {
			return
		}
	}
	right := c.comparison.of[s.node].want.call.Out.F32[c.element]
	at := 0
	for out.PlainIndex(at) != c.element {
		at++
	}
	out.F32[at] = math.Float32frombits(math.Float32bits(right) ^ 1)
}

// RanIn names, by tensor, the arithmetic that sums of products took in the last run. Interiors that are simulated are left
// out.
func (p *Program) RanIn() map[string]string {
	ran := map[string]string{}
	for _, n := range p.placed.nodes {
		op, ok := n.Op().(qops.Summing)
		info := p.placed.info[n]
		if !ok || info == nil || info.interior != nil {
			continue
		}
		ran[info.point.Name] = op.(qops.Multiplying).RanIn().String()
		if op.(qops.Multiplying).RanIn() == qops.OfTensor {
			ran[info.point.Name] = elementName(n)
		}
	}
	return ran
}
