package optimizers

import (
	"context"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Reduction are the options of optimizers that reduce the gradient's variance by a full gradient.
type Reduction struct {
	// Length is T, the number of inner steps of an outer loop, one epoch by default.
	Length Span
	// Iterate chooses what the next outer loop starts from.
	Iterate Iterate
}

// Iterate is the inner iterate that an outer loop ends with.
type Iterate string

// The iterates of Johnson and Zhang (2013).
const (
	// Last is option I, the last one; also the zero value's meaning.
	Last Iterate = "last"
	// Random is option II: the weights before a step chosen uniformly from the T.
	Random Iterate = "random"
)

var iterates = []Iterate{Last, Random}

func (r *Reduction) bind(b *binder) {
	b.span(&r.Length, "T", "inner steps of an outer loop, as 200 or 2epochs")
	choice(b, &r.Iterate, "iterate", iterates, "inner iterate that the next outer loop starts from")
}

func (r Reduction) check() error {
	if err := r.Length.check("T"); err != nil {
		return err
	}
	if r.Iterate != "" && r.Iterate != Last && r.Iterate != Random {
		return errors.Errorf("option iterate is %q, want one of: %s", r.Iterate, join(iterates))
	}
	return nil
}

// mover is where algorithms with variance reduction differ: what an inner step writes.
type mover[T element] interface {
	// begin starts an outer loop at the anchor, whose full gradient is known. On a resume it is called before load.
	begin(anchor, full [][]T) error
	// move makes one inner step of parameter i along v and writes its value.
	move(i int, w, v []T) error
	store(s *State)
	load(s State) error
}

// reduced is stochastic gradient descent with variance reduction:
//
//	outer loop:  w~ <- w,  g~ <- mean over all batches b of g_b(w~)
//	T times:     b uniform,  g <- (g_b(w) - g_b(w~)) + g~,  v <- m*v + g,  w moves along -lr*v
//
// where g_b is what base.evaluate returns, weight decay included. The mean is summed in float64 in the order of the batches
// and then rounded to T.
//
// The evaluations of batch b in the full-gradient pass, at w~ and at w have the same domain and execution number,
// outer*batches + b, and so the same random bits: the mean of the g_b(w~) is g~ exactly as it was computed, and at w = w~
// the difference is zero.
type reduced[T element] struct {
	*base[T]
	options  Reduction
	momentum *momentum[T]
	mover    mover[T]
	choices  struct{ batch, iterate number.Stream }

	anchored bool // anchor and full belong to the current outer loop
	anchor   [][]T
	full     [][]T
	fullNorm float64
	chosen   [][]T // option II: the chosen iterate, once it has been met

	atAnchor [][]T
	current  [][]T
	sum      [][]float64
}

func newReduced[T element](c Config, run Run, options Reduction) (*reduced[T], error) {
	if err := options.check(); err != nil {
		return nil, errors.Wrap(err, c.Name())
	}
	b, err := newBase[T](c.Name(), run, c.Settings(), c.Roles())
	if err != nil {
		return nil, err
	}
	r := &reduced[T]{
		base: b, options: options, momentum: newMomentum(b),
		anchor: makeLike(b.gradient), full: makeLike(b.gradient),
		atAnchor: makeLike(b.gradient), current: makeLike(b.gradient),
	}
	r.choices.batch = number.NewStream(run.Seed, "optimizer/batch")
	r.choices.iterate = number.NewStream(run.Seed, "optimizer/iterate")
	if options.Iterate == Random {
		r.chosen = makeLike(b.gradient)
	}
	for _, g := range b.gradient {
		r.sum = append(r.sum, make([]float64, len(g)))
	}
	return r, nil
}

// Step makes one inner step, before it the full-gradient pass where an outer loop begins.
func (r *reduced[T]) Step(ctx context.Context) (StepResult, error) {
	if err := r.enter(ctx); err != nil {
		return StepResult{}, err
	}
	evaluations := 2
	fresh := !r.anchored
	if fresh {
		if err := r.takeAnchor(ctx); err != nil {
			return StepResult{}, err
		}
		evaluations += r.batches
	}
	length := r.options.Length.Steps(r.batches)
	if r.chosen != nil && r.inner == Choose(r.draw(r.choices.iterate), 0, length) {
		copyAll(r.chosen, r.values())
	}
	batch := r.choose(r.inner)
	if r.inner+1 < length {
		r.prepare(r.outer, r.choose(r.inner+1))
	} else {
		r.prepare(r.outer+1, 0)
	}
	loss, err := r.correct(batch)
	if err != nil {
		return StepResult{}, err
	}
	v, err := r.momentum.direction(r.base)
	if err != nil {
		return StepResult{}, err
	}
	if err := r.each(func(i int) error { return r.mover.move(i, slice[T](r.parameters[i].Value), v[i]) }); err != nil {
		return StepResult{}, err
	}
	result := r.result(batch, loss)
	result.FullGradientNorm, result.FullGradient, result.Evaluations = r.fullNorm, fresh, evaluations
	if r.inner+1 >= length {
		r.anchored = false
		if r.chosen != nil {
			copyAll(r.values(), r.chosen)
		}
	}
	r.leave(length)
	return result, nil
}

// choose returns the batch of an inner step of the current outer loop.
func (r *reduced[T]) choose(inner int) int {
	return Choose(r.draw(r.choices.batch), uint64(inner), r.batches)
}

// draw returns the draw of the current outer loop from a stream of choices.
func (r *reduced[T]) draw(stream number.Stream) number.Draw {
	return number.Draw{Stream: stream, Execution: uint32(r.outer), Domain: number.Data}
}

// pass is the evaluation of a batch, the same in the full-gradient pass and in both inner evaluations.
func (r *reduced[T]) pass(batch int) Pass {
	return Pass{Domain: number.FullGradient, Execution: uint32(r.outer*r.batches + batch)}
}

// takeAnchor makes the full-gradient pass at the current values and begins the outer loop there.
func (r *reduced[T]) takeAnchor(ctx context.Context) error {
	if uint64(r.outer+1)*uint64(r.batches) > 1<<32 {
		return errors.Errorf("%s: after 2^32 evaluations of batches the random bits would repeat", r.name)
	}
	for _, sum := range r.sum {
		clear(sum)
	}
	for batch := range r.batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		if batch+1 < r.batches {
			r.prepare(r.outer, batch+1)
		} else {
			r.prepare(r.outer, r.choose(0))
		}
		if _, err := r.evaluate(r.gradient, batch, r.pass(batch)); err != nil {
			return errors.Wrap(err, "full gradient")
		}
		for i, g := range r.gradient {
			for j, x := range g {
				r.sum[i][j] += float64(x)
			}
		}
		if r.progress != nil {
			r.progress(batch+1, r.batches)
		}
	}
	for i, sum := range r.sum {
		for j, x := range sum {
			r.full[i][j] = T(x / float64(r.batches))
		}
	}
	copyAll(r.anchor, r.values())
	return r.begin()
}

// begin starts the inner loop at the anchor.
func (r *reduced[T]) begin() error {
	r.fullNorm = norm(r.full...)
	if err := r.mover.begin(r.anchor, r.full); err != nil {
		return err
	}
	r.anchored = true
	return nil
}

// correct leaves g_batch(w) - g_batch(w~) + g~ in the gradient.
func (r *reduced[T]) correct(batch int) (loss float64, err error) {
	pass := r.pass(batch)
	values := r.values()
	copyAll(r.current, values)
	copyAll(values, r.anchor)
	_, err = r.evaluate(r.atAnchor, batch, pass)
	copyAll(values, r.current)
	if err != nil {
		return 0, err
	}
	pass.UpdateStatistics = true
	if loss, err = r.evaluate(r.gradient, batch, pass); err != nil {
		return 0, err
	}
	for i, g := range r.gradient {
		for j := range g {
			g[j] = (g[j] - r.atAnchor[i][j]) + r.full[i][j]
		}
	}
	return loss, nil
}

// State returns the position, the momentum and, within an outer loop, the anchor with its full gradient and what the mover
// keeps.
func (r *reduced[T]) State() State {
	s := r.state()
	r.momentum.store(r.base, &s)
	if !r.anchored {
		s.count("anchored", 0)
		return s
	}
	s.count("anchored", 1)
	store(&s, r.parameters, "anchor", r.anchor)
	store(&s, r.parameters, "full-gradient", r.full)
	if r.chosen != nil {
		store(&s, r.parameters, "iterate", r.chosen)
	}
	r.mover.store(&s)
	return s
}

// Restore continues from a state.
func (r *reduced[T]) Restore(s State) error {
	p, err := r.position(s)
	if err != nil {
		return err
	}
	m, err := r.momentum.load(r.base, s)
	if err != nil {
		return err
	}
	anchored, err := s.counter("anchored")
	if err != nil {
		return err
	}
	if anchored == 0 {
		r.momentum, r.anchored = m, false
		r.moveTo(p)
		return nil
	}
	anchor, err := load[T](s, r.parameters, "anchor")
	if err != nil {
		return err
	}
	full, err := load[T](s, r.parameters, "full-gradient")
	if err != nil {
		return err
	}
	chosen := r.chosen
	if chosen != nil {
		if chosen, err = load[T](s, r.parameters, "iterate"); err != nil {
			return err
		}
	}
	r.momentum, r.anchor, r.full, r.chosen = m, anchor, full, chosen
	r.moveTo(p)
	if err := r.begin(); err != nil {
		return err
	}
	return r.mover.load(s)
}
