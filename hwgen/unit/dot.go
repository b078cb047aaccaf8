package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// dotArray multiplies lane by lane, adds the products in a binary tree that loses nothing, and adds that sum to the
// accumulator: with the first beat of an output to the bias, otherwise to what is there.
func (p *Parameters) dotArray() *circuit.Module {
	m := circuit.NewModule("DotArray", fmt.Sprintf(
		"%d products a beat, added in a tree and then to the accumulator. The total of a beat is there %d beats later.",
		p.Array.Lanes, p.arrayLatency()))
	advance := m.Input("advance", circuit.Bit, "the pipeline moves by one beat")
	compute := m.Input("compute", circuit.Bit, "the beat brings operands")
	first := m.Input("first", circuit.Bit, "the beat starts a sum at the bias")
	bias := m.Input("bias_0", p.Accumulator, "")
	activations := p.activationInputs(m, p.Array.Lanes)
	level := make([]*circuit.Expr, p.Array.Lanes)
	for i := range level {
		weight := m.Input(fmt.Sprintf("weight_%d", i), p.Weight, "")
		level[i] = m.Named(fmt.Sprintf("product_%d_held", i), p.product(m, fmt.Sprintf("product_%d", i), activations[i], weight, advance))
	}
	delay := p.Pipeline.Multiply
	for depth := 1; len(level) > 1; depth++ {
		next := make([]*circuit.Expr, (len(level)+1)/2)
		for i := range next {
			// An odd one out waits for its level: its sum with nothing.
			sum := circuit.Extend(level[2*i], level[2*i].Type.Width+1)
			if 2*i+1 < len(level) {
				sum = circuit.Add(sum, circuit.Extend(level[2*i+1], level[2*i+1].Type.Width+1))
			}
			name := fmt.Sprintf("sum_%d_%d", depth, i)
			next[i] = m.Named(name+"_held", m.Pipe(name, sum, p.Pipeline.Add, advance))
		}
		level = next
		delay += p.Pipeline.Add
	}
	accumulator := m.Register("accumulator", p.Accumulator, "")
	present := m.Pipe("compute_held", compute, delay, advance)
	start := m.Pipe("first_held", first, delay, advance)
	previous := m.Wire("previous", circuit.Mux(start, bias, accumulator))
	m.Drive(accumulator, p.accumulate(m, "total", previous, level[0]), circuit.And(advance, present))
	m.Output("total_0", accumulator, "")
	return m
}
