package optimizers

// SVRG is stochastic variance-reduced gradient descent in full precision (Johnson and Zhang, 2013): SGD whose gradient is
//
//	g = (g_b(w) - g_b(w~)) + g~
//
// with a full gradient g~ at w~ for every T inner steps; b is chosen uniformly. Formats of the parameters are ignored.
type SVRG struct {
	Descent
	Reduction
}

// Name returns "svrg".
func (c *SVRG) Name() string { return "svrg" }

// Roles returns none.
func (c *SVRG) Roles() []Role { return nil }

func (c *SVRG) bind(b *binder) {
	c.Descent.bind(b)
	c.Reduction.bind(b)
}

// New returns the optimizer at step 0.
func (c *SVRG) New(run Run) (Optimizer, error) { return newSVRG(c, run, c.Reduction) }

// newSVRG builds the optimizer of any configuration that differs only in name and roles.
func newSVRG(c Config, run Run, options Reduction) (Optimizer, error) {
	single, err := run.single()
	switch {
	case err != nil:
		return nil, err
	case single:
		return newPlain[float32](c, run, options)
	default:
		return newPlain[float64](c, run, options)
	}
}

func newPlain[T element](c Config, run Run, options Reduction) (*reduced[T], error) {
	r, err := newReduced[T](c, run, options)
	if err != nil {
		return nil, err
	}
	r.mover = plain[T]{r.base}
	return r, nil
}

// plain moves the weights themselves: w <- w - lr*v, on the master's grid if there is one.
type plain[T element] struct{ base *base[T] }

func (plain[T]) begin(_, _ [][]T) error       { return nil }
func (p plain[T]) move(i int, w, v []T) error { return p.base.descend(i, w, v) }
func (plain[T]) store(*State)                 {}
func (plain[T]) load(State) error             { return nil }
