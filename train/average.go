package train

import (
	"context"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// statisticsBatches bounds the training batches that the averaged network's running statistics are taken from.
const statisticsBatches = 100

// averagedPolicy is p with weights and biases in the format that the policy gives their average, since a mean of weights is
// finer than the grid that each of them was on.
func averagedPolicy(p *policy.Policy, parameters []*graph.Parameter) *policy.Policy {
	averaged := *p
	averaged.Name = p.Name + " for the average"
	averaged.Rules = append([]policy.Rule(nil), p.Rules...)
	for _, q := range parameters {
		averaged.Rules = append(averaged.Rules, policy.Rule{
			Tensor: q.Name, Formats: map[policy.Role]number.Format{q.Role: q.Formats[policy.Average]},
		})
	}
	return &averaged
}

// newAveraged builds the network that evaluates the averages of n's weights.
func newAveraged(n *network) (*network, error) {
	return newNetwork(n.config, averagedPolicy(n.program.Policy, n.program.Parameters()), nil)
}

// setWeights copies values into the network's parameters.
func (n *network) setWeights(values []optimizers.Vector) {
	for i, q := range n.program.Parameters() {
		copy(q.Value.F32, values[i].F32)
	}
}

// estimateStatistics sets the running statistics to the mean of those of up to statisticsBatches training batches, those of
// epoch 0, at the network's weights: statistics that were collected on the way belong to other weights.
func (n *network) estimateStatistics(ctx context.Context, done func(done, total int)) error {
	norms := n.program.BatchNorms()
	if len(norms) == 0 {
		return nil
	}
	batches, err := n.feeder.batches(datasets.Train, 0)
	if err != nil {
		return err
	}
	count := min(batches.Count(), statisticsBatches)
	for _, norm := range norms {
		defer func(momentum float64) { norm.Running.Momentum = momentum }(norm.Running.Momentum)
	}
	for b := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := n.estimateBatch(b, count); err != nil {
			return errors.Wrapf(err, "running statistics, batch %d", b)
		}
		done(b+1, count)
	}
	return nil
}

// estimateBatch takes batch b of count into the statistics' mean. Execution numbers are apart from those of evaluation.
func (n *network) estimateBatch(b, count int) error {
	for _, norm := range n.program.BatchNorms() {
		norm.Running.Momentum = 1 / float64(b+1)
	}
	if _, err := n.feeder.feed(batchKey{part: datasets.Train, batch: b}); err != nil {
		return err
	}
	ahead := batchKey{part: datasets.Train, batch: b + 1}
	if b+1 == count {
		ahead = batchKey{part: datasets.Test} // an evaluation follows
	}
	n.feeder.prepare(ahead)
	return n.program.Run(graph.Pass{Domain: number.Evaluation, Execution: 1<<31 + uint32(b), UpdateStatistics: true})
}

// averaged is the network of the averages' weights, and what its running statistics are after a step.
type averaged struct {
	network    *network
	step       int
	statistics statistics // nil if they are not known
}

// result is the network that a run would end with now: of an optimizer that averages, that of the averages.
func (s *session) result(ctx context.Context) (*network, error) {
	averager, ok := s.optimizer.(optimizers.Averager)
	if !ok {
		return s.network, nil
	}
	averages, models := averager.Averages()
	if models == 0 {
		return s.network, nil
	}
	a := &s.averaged
	if a.network == nil {
		var err error
		if a.network, err = newAveraged(s.network); err != nil {
			return nil, err
		}
	}
	a.network.setWeights(averages)
	if a.statistics == nil || a.step != s.step {
		err := a.network.estimateStatistics(ctx, func(done, total int) {
			s.report(Progress{Phase: Statistics, Done: done, Total: total})
		})
		if err != nil {
			return nil, err
		}
		a.step, a.statistics = s.step, copyStatistics(a.network.program)
	}
	a.statistics.restore(a.network.program)
	return a.network, nil
}
