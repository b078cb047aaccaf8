package optimizers

import (
	"context"

	"github.com/halftone-go/halftone/qops/number"
)

// SGD is stochastic gradient descent in full precision: the batches of an epoch in order, and at each
//
//	v <- m*v + g
//	w <- w - lr*v
//
// in the arithmetic of the problem. Formats of the parameters are ignored; formats inside the problem are not.
type SGD struct{ Descent }

// Name returns "sgd".
func (c *SGD) Name() string { return "sgd" }

// Roles returns none.
func (c *SGD) Roles() []Role { return nil }

// New returns the optimizer at step 0.
func (c *SGD) New(run Run) (Optimizer, error) { return newSGD(c, run) }

// newSGD builds the optimizer of any configuration that differs only in name and roles.
func newSGD(c Config, run Run) (Optimizer, error) {
	single, err := run.single()
	switch {
	case err != nil:
		return nil, err
	case single:
		return newDescent[float32](c, run)
	default:
		return newDescent[float64](c, run)
	}
}

// descent is SGD, LP-SGD and the inner part of SWALP: an outer loop is an epoch.
type descent[T element] struct {
	*base[T]
	momentum *momentum[T]
}

func newDescent[T element](c Config, run Run) (*descent[T], error) {
	b, err := newBase[T](c.Name(), run, c.Settings(), c.Roles())
	if err != nil {
		return nil, err
	}
	d := &descent[T]{base: b, momentum: newMomentum(b)}
	if lp, ok := c.(*LPSGD); ok && d.momentum != nil {
		d.momentum.late = lp.RoundMomentum == AfterUpdate
	}
	return d, nil
}

// Step makes one update with the next batch of the epoch.
func (d *descent[T]) Step(ctx context.Context) (StepResult, error) {
	if err := d.enter(ctx); err != nil {
		return StepResult{}, err
	}
	return d.step()
}

// step is Step after enter.
func (d *descent[T]) step() (StepResult, error) {
	batch := d.inner
	pass := Pass{Domain: number.Training, Execution: uint32(d.steps), UpdateStatistics: true}
	if batch+1 < d.batches {
		d.prepare(d.outer, batch+1)
	} else {
		d.prepare(d.outer+1, 0)
	}
	loss, err := d.evaluate(d.gradient, batch, pass)
	if err != nil {
		return StepResult{}, err
	}
	v, err := d.momentum.direction(d.base)
	if err != nil {
		return StepResult{}, err
	}
	if err := d.each(func(i int) error { return d.descend(i, slice[T](d.parameters[i].Value), v[i]) }); err != nil {
		return StepResult{}, err
	}
	if err := d.momentum.roundLate(d.base); err != nil {
		return StepResult{}, err
	}
	result := d.result(batch, loss)
	result.Evaluations = 1
	d.leave(d.batches)
	return result, nil
}

// State returns the position and the momentum.
func (d *descent[T]) State() State {
	s := d.state()
	d.momentum.store(d.base, &s)
	return s
}

// Restore continues from a state.
func (d *descent[T]) Restore(s State) error {
	p, err := d.position(s)
	if err != nil {
		return err
	}
	m, err := d.momentum.load(d.base, s)
	if err != nil {
		return err
	}
	d.momentum = m
	d.moveTo(p)
	return nil
}
