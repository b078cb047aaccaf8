package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// processingElement is one multiplier of a weight-stationary array.
//
// Activations pass to the right, everything else down, one wave per beat. A beat may bring a weight for the row that
// load_row counts down to, and it may swap: from this beat on, the weight loaded last is the one multiplied with. As
// loads and swaps travel with the beats, each element sees them in the order in which the beats entered.
func (p *Parameters) processingElement() *circuit.Module {
	m := circuit.NewModule("ProcessingElement",
		"One multiplier of the weight-stationary array: partial_sum_out = partial_sum + activation * weight. "+
			"A beat with swap multiplies with the weight that was loaded before it, and so do all later ones.")
	advance := m.Input("advance", circuit.Bit, "the array moves by one beat")
	activation := m.Input("activation", p.Activation, "from the left")
	partialSum := m.Input("partial_sum", p.Accumulator, "from above")
	swap := m.Input("swap", circuit.Bit, "take the loaded weight into use")
	load := m.Input("load", circuit.Bit, "weight is for the row that load_row counts down to")
	loadRow := p.loadRowInput(m)
	weight := m.Input("weight", p.Weight, "from above")

	active := m.Register("weight_active", p.Weight, "the weight in use")
	shadow := m.Register("weight_shadow", p.Weight, "the weight of the next tile")
	chosen := m.Wire("weight_chosen", circuit.Mux(swap, shadow, active))
	m.Drive(active, chosen, advance)
	here := load
	if loadRow != nil {
		here = circuit.And(load, circuit.Equal(loadRow, circuit.Constant(loadRow.Type, 0)))
	}
	m.Drive(shadow, weight, circuit.And(advance, here))

	product := m.Named("product", p.product(m, "product", activation, chosen, advance))
	sum := p.accumulate(m, "sum_next", partialSum, product)
	stages := p.Pipeline.Add
	m.Output("partial_sum_out", m.Pipe("sum", sum, stages, advance), "to the element below")
	m.Output("activation_out", m.Pipe("activation_held", activation, 1, advance), "to the right")
	m.Output("swap_out", m.Pipe("swap_held", swap, stages, advance), "")
	m.Output("load_out", m.Pipe("load_held", load, stages, advance), "")
	if loadRow != nil {
		next := circuit.Sub(loadRow, circuit.Constant(loadRow.Type, 1))
		m.Output("load_row_out", m.Pipe("load_row_held", next, stages, advance), "")
	}
	m.Output("weight_out", m.Pipe("weight_held", weight, stages, advance), "")
	return m
}

// loadRowInput is the input that tells the rows apart; nil if there is one row.
func (p *Parameters) loadRowInput(m *circuit.Module) *circuit.Expr {
	bits := circuit.IndexBits(p.Array.Rows)
	if bits == 0 {
		return nil
	}
	return m.Input("load_row", circuit.Unsigned(bits), "rows still to pass")
}
