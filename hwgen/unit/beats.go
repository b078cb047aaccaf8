package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// beats follows the beats through an array of the given latency.
//
// While a sum is open, the array of a weight-stationary target may move only with a beat, or the partial sum that comes
// round would miss its products: window is the ring's length. It is 0 for a dot unit, whose accumulator waits.
func beats(latency, window int) *circuit.Module {
	m := circuit.NewModule("Beats", fmt.Sprintf("Which of the %d beats inside the array compute, and which end their sums.", latency))
	advance := m.Input("advance", circuit.Bit, "one beat")
	compute := m.Input("compute", circuit.Bit, "")
	last := m.Input("last", circuit.Bit, "")
	var inside, open []*circuit.Expr
	for i := 1; i <= latency; i++ {
		present := m.ResetRegister(fmt.Sprintf("compute_%d", i), circuit.Bit, 0, "")
		ends := m.Register(fmt.Sprintf("last_%d", i), circuit.Bit, "")
		m.Drive(present, compute, advance)
		m.Drive(ends, last, advance)
		compute, last = present, ends
		inside = append(inside, present)
		if i <= window {
			open = append(open, circuit.And(present, circuit.Not(ends)))
		}
	}
	m.Output("result", circuit.And(compute, last), "the totals that leave the array are complete")
	m.Output("busy", circuit.Any(inside...), "the array holds beats that compute")
	if window > 0 {
		m.Output("open", circuit.Any(open...), "a partial sum waits for its next beat")
	}
	return m
}
