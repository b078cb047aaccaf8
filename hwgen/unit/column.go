package unit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// column is a column of processing elements: one output channel.
//
// The partial sum that leaves at the bottom enters again at the top with the beat RingLength later, so the registers
// behind the adders are the accumulator: they hold RingLength outputs at a time. A beat with first starts from the bias
// instead. So a sum starts at the bias and takes the products one after the other, k ascending, as the target defines.
func (p *Parameters) column(element *circuit.Module) *circuit.Module {
	m := circuit.NewModule("ArrayColumn",
		"One output channel of the weight-stationary array. Partial sums run in a ring: what leaves at the bottom enters at "+
			"the top again with the next tile, or is replaced by the bias when the beat is the first of its sum.")
	advance := m.Input("advance", circuit.Bit, "the array moves by one beat")
	activations := p.activationInputs(m, p.Array.Rows)
	first := m.Input("first", circuit.Bit, "the beat starts a sum")
	bias := m.Input("bias", p.Accumulator, "where the sum starts")
	passed := map[string]*circuit.Expr{
		"swap": m.Input("swap", circuit.Bit, "take the loaded weights into use"),
		"load": m.Input("load", circuit.Bit, "weight is for row load_row"),
	}
	if row := p.loadRowInput(m); row != nil {
		passed["load_row"] = row
	}
	down := maps.Clone(passed)
	down["weight"] = m.Input("weight", p.Weight, "")

	bottom := m.ForwardWire("bottom", p.Accumulator)
	// The partial sum meets the product of the topmost element, which comes out of the multiplier's registers.
	start := m.Pipe("start", first, p.Pipeline.Multiply, advance)
	partialSum := m.Wire("top", circuit.Mux(start, bias, bottom))
	for r, activation := range activations {
		in := maps.Clone(down)
		in["advance"], in["activation"], in["partial_sum"] = advance, activation, partialSum
		element := m.Instance(fmt.Sprintf("element_%d", r), element, in)
		partialSum = element.Output("partial_sum_out")
		for name := range down {
			down[name] = element.Output(name + "_out")
		}
		m.Output(fmt.Sprintf("activation_%d_out", r), element.Output("activation_out"), "to the column on the right")
	}
	m.Drive(bottom, partialSum, nil)
	m.Output("total", bottom, "")
	for _, name := range slices.Sorted(maps.Keys(passed)) {
		m.Output(name+"_out", m.Pipe(name+"_held", passed[name], 1, advance), "to the column on the right")
	}
	m.Output("first_out", m.Pipe("first_held", first, 1, advance), "")
	return m
}

func (p *Parameters) activationInputs(m *circuit.Module, n int) []*circuit.Expr {
	activations := make([]*circuit.Expr, n)
	for i := range activations {
		activations[i] = m.Input(fmt.Sprintf("activation_%d", i), p.Activation, "")
	}
	return activations
}
