package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// handshake is the control of a pipeline with n registers between two valid/ready interfaces. A value moves when valid
// and ready hold together. A stage takes a value when it is empty or its own value moves on, so gaps close up while the
// output waits, and nothing is lost or doubled. With n = 0 the interfaces are wired through.
func handshake(n int) *circuit.Module {
	m := circuit.NewModule("Handshake", fmt.Sprintf(
		"Valid and ready of a pipeline with %d stages: step_i is the enable of the registers of stage i.", n))
	valid := m.Input("in_valid", circuit.Bit, "")
	outReady := m.Input("out_ready", circuit.Bit, "")
	stages := make([]*circuit.Expr, n)
	for i := range stages {
		stages[i] = m.ResetRegister(fmt.Sprintf("valid_%d", i+1), circuit.Bit, 0, fmt.Sprintf("stage %d holds a value", i+1))
	}
	ready := outReady
	steps := make([]*circuit.Expr, n)
	for i := n - 1; i >= 0; i-- {
		steps[i] = m.Wire(fmt.Sprintf("moves_%d", i+1), circuit.Or(circuit.Not(stages[i]), ready))
		ready = steps[i]
	}
	for i := range stages {
		m.Drive(stages[i], valid, steps[i])
		m.Output(fmt.Sprintf("step_%d", i+1), steps[i], "")
		valid = stages[i]
	}
	m.Output("in_ready", ready, "")
	m.Output("out_valid", valid, "")
	m.Output("busy", circuit.Any(stages...), "a stage holds a value")
	return m
}
