package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
)

// weightStationaryArray puts columns side by side. A beat enters whole; inside, row r runs r*Add beats later than row 0
// and column c runs c beats later than column 0. The totals come out whole again, arrayLatency beats after their beat.
func (p *Parameters) weightStationaryArray() *circuit.Module {
	m := circuit.NewModule("WeightStationaryArray", fmt.Sprintf(
		"%d rows (terms of a sum) by %d columns (output channels). Operands of a beat enter together and are skewed inside; "+
			"its totals leave together %d beats later.", p.Array.Rows, p.Array.Columns, p.arrayLatency()))
	line := delays{}
	column := p.column(p.processingElement())
	advance := m.Input("advance", circuit.Bit, "the array moves by one beat")
	activations := p.activationInputs(m, p.Array.Rows)
	first := m.Input("first", circuit.Bit, "the beat starts its sums at the biases")
	passed := map[string]*circuit.Expr{
		"swap":  m.Input("swap", circuit.Bit, "take the loaded weights into use"),
		"load":  m.Input("load", circuit.Bit, "the weights are for row load_row"),
		"first": first,
	}
	if row := p.loadRowInput(m); row != nil {
		passed["load_row"] = row
	}
	for r := range activations {
		activations[r] = line.of(m, fmt.Sprintf("skew_activation_%d", r), activations[r], r*p.Pipeline.Add, advance)
	}
	for c := range p.Array.Columns {
		weight := m.Input(fmt.Sprintf("weight_%d", c), p.Weight, "")
		bias := m.Input(fmt.Sprintf("bias_%d", c), p.Accumulator, "")
		in := map[string]*circuit.Expr{
			"advance": advance,
			"bias":    bias,
			"weight":  line.of(m, fmt.Sprintf("skew_weight_%d", c), weight, c, advance),
		}
		for name, value := range passed {
			in[name] = value
		}
		for r, value := range activations {
			in[fmt.Sprintf("activation_%d", r)] = value
		}
		col := m.Instance(fmt.Sprintf("column_%d", c), column, in)
		for name := range passed {
			passed[name] = col.Output(name + "_out")
		}
		for r := range activations {
			activations[r] = col.Output(fmt.Sprintf("activation_%d_out", r))
		}
		total := line.of(m, fmt.Sprintf("align_total_%d", c), col.Output("total"), p.Array.Columns-1-c, advance)
		m.Output(fmt.Sprintf("total_%d", c), total, "")
	}
	return m
}

// arrayLatency is how many beats after its beat a total leaves the array.
func (p *Parameters) arrayLatency() int {
	if p.Array.Kind == target.Dot {
		return p.Pipeline.Multiply + p.Pipeline.Add*circuit.IndexBits(p.Array.Lanes) + 1
	}
	return p.Pipeline.Multiply + p.RingLength() + p.Array.Columns - 1
}
