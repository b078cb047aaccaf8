package linear

import (
	"context"

	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// Options say how a model is fitted, besides the optimizer's own options.
type Options struct {
	// Batch is the number of rows of a batch.
	Batch int
	// Epochs is the length of the fit; an epoch has as many steps as there are batches, whatever the optimizer's T.
	Epochs int
	// Seed is the key of all random choices.
	Seed uint64
	// Formats of the weight.
	Formats optimizers.Formats
	// Observe, when set, is called with every point of the trace.
	Observe func(Point)
}

// Point is the objective after an epoch: the mean loss over all rows plus the penalty of the optimizer's weight decay, and
// the 2-norm of its gradient. For an optimizer that averages it is taken at the average, once there is one.
type Point struct {
	Epoch        int
	Loss         float64
	GradientNorm float64
}

// Fit is a fitted model and the way there.
type Fit struct {
	// Name tells fits apart in a comparison; Run sets it to the optimizer's name.
	Name string
	// Trace has a point for every epoch, the first one, epoch 0, at w = 0.
	Trace []Point
	// Weights are the model.
	Weights []float64
	// Steps counts updates, Evaluations the gradients of batches they took.
	Steps, Evaluations int
}

// Last returns the last point of the trace.
func (f *Fit) Last() Point { return f.Trace[len(f.Trace)-1] }

// Run fits a linear model, starting at w = 0.
func Run(ctx context.Context, data *Dataset, loss Loss, config optimizers.Config, o Options) (*Fit, error) {
	if o.Epochs < 1 {
		return nil, errors.Errorf("%d epochs, want at least 1", o.Epochs)
	}
	problem, err := NewProblem(data, loss, o.Batch, o.Seed, o.Formats)
	if err != nil {
		return nil, err
	}
	optimizer, err := config.New(optimizers.Run{Problem: problem, Seed: o.Seed})
	if err != nil {
		return nil, err
	}
	fit := &Fit{Name: config.Name()}
	fit.measure(problem, optimizer, config, o)
	for epoch := 1; epoch <= o.Epochs; epoch++ {
		for range problem.Batches() {
			result, err := optimizer.Step(ctx)
			if err != nil {
				return nil, errors.Wrapf(err, "epoch %d", epoch)
			}
			fit.Steps = result.Step
			fit.Evaluations += result.Evaluations
		}
		fit.measure(problem, optimizer, config, o)
	}
	return fit, nil
}

// measure adds a point to the trace.
func (f *Fit) measure(problem *Problem, optimizer optimizers.Optimizer, config optimizers.Config, o Options) {
	f.Weights = problem.weight.Value.Clone().F64
	if averager, ok := optimizer.(optimizers.Averager); ok {
		if averages, models := averager.Averages(); models > 0 {
			f.Weights = averages[0].Clone().F64
		}
	}
	point := Point{Epoch: len(f.Trace)}
	point.Loss, point.GradientNorm = problem.Objective(f.Weights, config.Settings().Decay)
	f.Trace = append(f.Trace, point)
	if o.Observe != nil {
		o.Observe(point)
	}
}
