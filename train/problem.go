package train

import (
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// problem is a network on its training data as optimizers see it: f_b is the loss of batch b of the outer loop. An outer loop
// has an order of samples and an augmentation of its own, which are functions of the seed and its number. Recurrent
// nets begin every window from the state zero.
type problem struct {
	*network
	parameters []*optimizers.Parameter
	outer      int
	batches    datasets.Batches[float32] // of the outer loop
	ahead      *batchKey                 // what is wanted behind the next batch
	loss       float64                   // of the last batch
	samples    int                       // whose gradients were computed
	// scaled reports whether the step will be made again with another error scale, so that no cause need be known.
	scaled func() bool
}

var (
	_ optimizers.Problem  = (*problem)(nil)
	_ optimizers.Preparer = (*problem)(nil)
	_ optimizers.Tracer   = (*problem)(nil)
)

// newProblem makes the problem of outer loop 0.
func newProblem(n *network) (*problem, error) {
	p := &problem{network: n}
	for _, q := range n.program.Parameters() {
		p.parameters = append(p.parameters, &optimizers.Parameter{
			Name: q.Name, Shape: q.Node.Shape(), ChannelAxis: q.ChannelAxis, SumAxis: q.SumAxis,
			Value:    optimizers.Vector{F32: q.Value.F32},
			Gradient: optimizers.Vector{F32: q.Gradient.F32},
			// The graph has rounded the gradient; a second time could move it.
			Formats: optimizers.Formats{
				Momentum: q.Formats[policy.Momentum],
				Master:   q.Formats[policy.Master],
				Offset:   q.Formats[policy.Offset],
				Average:  q.Formats[policy.Average],
			},
		})
	}
	return p, p.NextOuter(0)
}

// Parameters implements optimizers.Problem.
func (p *problem) Parameters() []*optimizers.Parameter { return p.parameters }

// Batches implements optimizers.Problem. A last batch that is not full is left out.
func (p *problem) Batches() int { return p.batches.Count() }

// NextOuter implements optimizers.Problem.
func (p *problem) NextOuter(outer int) (err error) {
	p.outer = outer
	p.batches, err = p.feeder.batches(datasets.Train, outer)
	return err
}

// Prepare implements optimizers.Preparer.
func (p *problem) Prepare(outer, batch int) {
	p.ahead = &batchKey{part: datasets.Train, outer: outer, batch: batch}
}

// Gradient implements optimizers.Problem.
func (p *problem) Gradient(batch int, pass optimizers.Pass) (loss float64, err error) {
	if _, err := p.feeder.feed(batchKey{datasets.Train, p.outer, batch}); err != nil {
		return 0, err
	}
	if p.ahead != nil {
		p.feeder.prepare(*p.ahead)
		p.ahead = nil
	}
	err = p.program.Run(graph.Pass{
		Domain: pass.Domain, Execution: pass.Execution, Backward: true, UpdateStatistics: pass.UpdateStatistics,
	})
	if err != nil {
		return 0, err
	}
	p.loss = p.program.Loss()
	p.samples += p.config.Batch
	return p.loss, nil
}

// Trace implements optimizers.Tracer.
func (p *problem) Trace(_ int, pass optimizers.Pass) string {
	if p.scaled != nil && p.scaled() {
		return ""
	}
	first, err := p.program.FirstNotFinite(graph.Pass{Domain: pass.Domain, Execution: pass.Execution, Backward: true})
	switch {
	case err != nil:
		return "where it began is unknown: " + err.Error()
	case first == nil:
		return ""
	}
	return "the first tensor that is not finite is " + first.String()
}

// checkCentred refuses to run HALP on a policy that rounds weights: the model runs at w~ + z, and rounding that sum to a
// grid of its own would undo the centring.
func checkCentred(p *graph.Program) error {
	for _, e := range p.Explain() {
		isWeight := e.Role == policy.Weight || e.Role == policy.Bias
		if isWeight && (e.Op == "parameter" || e.Op == "edge") && e.Format != "float32" {
			return errors.Errorf("halp moves the offset z alone on a grid, but the policy's key %q rounds %s to %s, and with it the sum w~ + z: give %s the format float32 there, as policy halp8 does, or use lp-svrg",
				e.Role, e.Name, e.Format, e.Role)
		}
	}
	return nil
}
