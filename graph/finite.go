package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// NotFinite is a tensor that holds a NaN or an infinity.
type NotFinite struct {
	Point policy.Point
	// Computed is false for an input and a parameter, which had that value before the pass.
	Computed bool
	// Format is that of the quantize node that made it so, float32 if the op itself did.
	Format number.Format
	// Count of Size elements are not finite, the first of which, in row-major order, is element First with Value.
	Count, Size, First int
	Value              float64
}

// String describes the tensor in words.
func (n *NotFinite) String() string {
	p := n.Point
	where := fmt.Sprintf("layer %s, op %s, role %s", p.Layer, p.Op, p.Role)
	switch {
	case !n.Computed && p.Role == policy.Input:
		where = "an input: look at the data"
	case !n.Computed:
		where = fmt.Sprintf("a parameter of layer %s: an earlier update has made it so", p.Layer)
	default:
		where += ", " + string(p.Use)
	}
	if !n.Format.IsFloat32() {
		where += ", rounded to " + n.Format.String()
	}
	return fmt.Sprintf("%s (%s): %d of %d elements are NaN or infinite, the first is element %d, %v", p.Name, where, n.Count, n.Size, n.First, n.Value)
}

// FirstNotFinite makes a pass again, with the values that inputs and parameters have, and returns the first tensor, in the
// order of the graph and inputs first, that holds a NaN or an infinity; nil if none does. Nothing that the program knows
// changes, running statistics and counts included: the graph is compiled once more, so that every tensor can be looked at.
// A deployed program is not looked into.
func (p *Program) FirstNotFinite(pass Pass) (*NotFinite, error) {
	if p.lossStep == nil {
		return nil, nil
	}
	var parameters gorgonia.Nodes
	gradients := gorgonia.Nodes{}
	for _, q := range p.parameters {
		parameters, gradients = append(parameters, q.Node), append(gradients, q.Node.Deriv())
	}
	defer func() { // the model's gradients stay those that it had
		for i, n := range parameters {
			gorgonia.SetDerivOf(gradients[i], n)
		}
	}()
	var first *NotFinite
	again, err := Compile(p.loss, parameters, p.Policy, func(o *options) {
		*o = p.options
		o.paranoid, o.memory = false, nil
		o.observe = func(x Tensor) {
			if first == nil {
				first = notFinite(x.Array)
				if first != nil {
					first.Point, first.Format, first.Computed = x.Point, x.Format, true
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	again.copySeed(p)
	pass.UpdateStatistics = false // of which the tensors of a training pass do not depend
	if pass.Evaluation {
		again.restoreRunning(copyRunning(p))
	}
	if err := again.machine.bindInputs(); err != nil {
		return nil, err
	}
	for _, n := range again.placed.nodes {
		if n.Op() != nil {
			continue
		}
		if f := notFinite(again.machine.arrays[n]); f != nil {
			f.Point = again.placed.info[n].point
			return f, nil
		}
	}
	err = again.Run(pass) // sets first
	return first, err
}

// copySeed gives p the error scale of another program of the same model.
func (p *Program) copySeed(from *Program) {
	if seed := from.machine.arrays[from.seed]; seed != nil {
		of := p.machine.arrays[p.seed]
		copy(of.F32, seed.F32)
		copy(of.F64, seed.F64)
	}
}

// notFinite describes what of an array is not finite, nil if all is.
func notFinite(a *qops.Array) *NotFinite {
	if a.F64 != nil {
		return firstNotFinite(a.F64)
	}
	return firstNotFinite(a.F32)
}

func firstNotFinite[T qops.Float](data []T) *NotFinite {
	var f *NotFinite
	for i, v := range data {
		if x := float64(v); !math.IsNaN(x) && !math.IsInf(x, 0) {
			continue
		}
		if f == nil {
			f = &NotFinite{Size: len(data), First: i, Value: float64(v)}
		}
		f.Count++
	}
	return f
}
