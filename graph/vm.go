package graph

import "gorgonia.org/gorgonia"

// VM runs a program as a gorgonia.VM: every RunAll is one training evaluation with a backward pass, so that a model
// trains with Gorgonia's own solvers:
//
//	vm := program.VM()
//	for range steps {
//		gorgonia.Let(x, batch)
//		vm.RunAll()
//		solver.Step(gorgonia.NodesToValueGrads(parameters))
//	}
type VM struct {
	program   *Program
	execution uint32
}

var _ gorgonia.VM = (*VM)(nil)

// VM returns a machine that counts its own executions from 0.
func (p *Program) VM() *VM { return &VM{program: p} }

// RunAll runs the forward and the backward pass once, in training.
func (v *VM) RunAll() error {
	err := v.program.Run(Pass{Execution: v.execution, Backward: true, UpdateStatistics: true})
	v.execution++
	return err
}

// Reset does nothing: a machine keeps no position.
func (v *VM) Reset() {}

// Close does nothing: a machine holds no resource but memory.
func (v *VM) Close() error { return nil }
