package optimizers

import (
	"context"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// SWALP is stochastic weight averaging in low precision (Yang et al., arXiv 1904.11943): LP-SGD whose result is the mean of
// weights on its way. With n updates done, whenever n >= Start and n - Start is a multiple of Every,
//
//	average <- Q_average(average + (w - average) / (models + 1))
//
// in the arithmetic of the problem: difference, quotient, sum, then the grid. The first model is the average itself.
type SWALP struct {
	Descent
	// Start is the number of updates after which the first model is taken, one epoch by default.
	Start Span
	// Every is the number of updates from model to model, one epoch by default.
	Every Span
	// AverageRate is the learning rate of the updates after Start; 0 leaves the rate alone.
	AverageRate float64
}

// Name returns "swalp".
func (c *SWALP) Name() string { return "swalp" }

// Roles returns gradient, momentum, master and average.
func (c *SWALP) Roles() []Role { return c.roles(RoleGradient, RoleMomentum, RoleMaster, RoleAverage) }

func (c *SWALP) bind(b *binder) {
	c.Descent.bind(b)
	b.span(&c.Start, "swa-start", "updates before the first model is averaged, as 200 or 2epochs")
	b.span(&c.Every, "swa-every", "updates from one averaged model to the next")
	b.number(&c.AverageRate, "swa-lr", notNegative, "learning rate after swa-start, 0 to leave it alone")
}

// New returns the optimizer at step 0.
func (c *SWALP) New(run Run) (Optimizer, error) {
	single, err := run.single()
	switch {
	case err != nil:
		return nil, err
	case single:
		return newAveraging[float32](c, run)
	default:
		return newAveraging[float64](c, run)
	}
}

func (c *SWALP) check() error {
	if err := c.Start.check("swa-start"); err != nil {
		return err
	}
	if err := c.Every.check("swa-every"); err != nil {
		return err
	}
	return notNegative.check("swa-lr", c.AverageRate)
}

// averaging is LP-SGD with a running mean of its weights.
type averaging[T element] struct {
	*descent[T]
	options SWALP
	average [][]T
	models  int
}

func newAveraging[T element](c *SWALP, run Run) (*averaging[T], error) {
	if err := c.check(); err != nil {
		return nil, errors.Wrap(err, c.Name())
	}
	d, err := newDescent[T](c, run)
	if err != nil {
		return nil, err
	}
	return &averaging[T]{descent: d, options: *c, average: makeLike(d.gradient)}, nil
}

// Step makes one update of LP-SGD and takes the model into the average where it is due.
func (a *averaging[T]) Step(ctx context.Context) (StepResult, error) {
	if err := a.enter(ctx); err != nil {
		return StepResult{}, err
	}
	start, every := a.options.Start.Steps(a.batches), a.options.Every.Steps(a.batches)
	rate := a.settings.LearningRate
	if a.options.AverageRate > 0 && a.steps >= start {
		a.settings.LearningRate = a.options.AverageRate
	}
	result, err := a.step()
	a.settings.LearningRate = rate
	if err != nil {
		return StepResult{}, err
	}
	if a.steps >= start && (a.steps-start)%every == 0 {
		if err := a.take(); err != nil {
			return StepResult{}, err
		}
	}
	return result, nil
}

// take adds the current weights to the average.
func (a *averaging[T]) take() error {
	models := T(a.models + 1)
	err := a.each(func(i int) error {
		w, average := slice[T](a.parameters[i].Value), a.average[i]
		for j := range average {
			if a.models == 0 {
				average[j] = w[j]
			} else {
				average[j] += (w[j] - average[j]) / models
			}
		}
		return a.round(a.rounders[RoleAverage][i], average, uint32(a.steps-1), number.Training)
	})
	if err == nil {
		a.models++
	}
	return err
}

// Averages returns the averages, nil before the first model.
func (a *averaging[T]) Averages() (averages []Vector, models int) {
	if a.models == 0 {
		return nil, 0
	}
	for _, average := range a.average {
		averages = append(averages, vectorOf(average))
	}
	return averages, a.models
}

// State returns the state of LP-SGD and the average.
func (a *averaging[T]) State() State {
	s := a.descent.State()
	s.count("models", a.models)
	store(&s, a.parameters, string(RoleAverage), a.average)
	return s
}

// Restore continues from a state.
func (a *averaging[T]) Restore(s State) error {
	models, err := s.counter("models")
	if err != nil {
		return err
	}
	average, err := load[T](s, a.parameters, string(RoleAverage))
	if err != nil {
		return err
	}
	if err := a.descent.Restore(s); err != nil {
		return err
	}
	a.models, a.average = models, average
	return nil
}
