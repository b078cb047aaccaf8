package optimizers

import (
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// HALP is high-accuracy low-precision training (De Sa et al., arXiv 1803.03383): SVRG around a weight w~ in full precision,
// whose inner loop moves only an offset z, on a grid that shrinks with the full gradient (bit centering).
//
//	outer loop:  w~ <- w~ + z,  z <- 0,  g~ <- mean over all batches b of g_b(w~)
//	             s <- |g~| / (Mu * (2^(bits-1) - 1))
//	T times:     b uniform,  g <- (g_b(w~ + z) - g_b(w~)) + g~,  v <- Q_momentum(m*v + g)
//	             z <- Q_offset(z - lr*v)      with step s
//
// If f is Mu-strongly convex, |w~ - w*| <= |g~|/Mu, so the optimum lies in the box of z; otherwise Mu is a hyper-parameter,
// and a smaller one gives a larger box and a coarser grid. The problem is evaluated at w~ + z, with z decoded and the sum
// rounded to the problem's arithmetic; rounding that sum to a grid again would undo the centring, so no master format is
// used. Weight decay acts on w~ + z, the weight, and is part of g_b and g~.
//
// The step s is rounded to the problem's arithmetic. Where |g~| is zero the box is the point w~ itself, and z stays zero until
// the next outer loop. Only offset formats with scale=run get their step here; others (float32 for no rounding) are used
// as they are.
type HALP struct {
	Descent
	Reduction
	// Mu is the strong convexity that the box is made for.
	Mu float64
	// Scale says over what the norm of g~ is taken.
	Scale Scale
}

// Scale is what the norm behind the offsets' step is taken over.
type Scale string

// The scales.
const (
	// PerTensor gives every parameter a step from its own part of g~, which networks need; also the zero value's meaning.
	PerTensor Scale = "tensor"
	// Global gives all parameters one step from the whole g~, as in the theory.
	Global Scale = "global"
)

var scales = []Scale{PerTensor, Global}

// Name returns "halp".
func (c *HALP) Name() string { return "halp" }

// Roles returns gradient, momentum and offset.
func (c *HALP) Roles() []Role { return c.roles(RoleGradient, RoleMomentum, RoleOffset) }

func (c *HALP) bind(b *binder) {
	c.Descent.bind(b)
	c.Reduction.bind(b)
	b.number(&c.Mu, "mu", positive, "strong convexity: the offset's box reaches |g~|/mu")
	choice(b, &c.Scale, "scale", scales, "norm of g~ taken over one parameter or all")
}

func (c *HALP) check() error {
	if err := positive.check("mu", c.Mu); err != nil {
		return err
	}
	if c.Scale != "" && c.Scale != PerTensor && c.Scale != Global {
		return errors.Errorf("option scale is %q, want one of: %s", c.Scale, join(scales))
	}
	return nil
}

// New returns the optimizer at step 0.
func (c *HALP) New(run Run) (Optimizer, error) {
	if err := c.check(); err != nil {
		return nil, errors.Wrap(err, c.Name())
	}
	single, err := run.single()
	switch {
	case err != nil:
		return nil, err
	case single:
		return newCentred[float32](c, run)
	default:
		return newCentred[float64](c, run)
	}
}

func newCentred[T element](c *HALP, run Run) (*reduced[T], error) {
	r, err := newReduced[T](c, run, c.Reduction)
	if err != nil {
		return nil, err
	}
	r.mover = &centred[T]{
		base: r.base, mu: c.Mu, global: c.Scale == Global,
		offset: makeLike(r.gradient), frozen: make([]bool, len(r.gradient)),
	}
	return r, nil
}

// centred moves an offset from the anchor.
type centred[T element] struct {
	base   *base[T]
	mu     float64
	global bool
	anchor [][]T
	offset [][]T
	frozen []bool // parameters whose box is a point
}

// begin sets the steps of an outer loop from its full gradient, and the offsets to zero.
func (c *centred[T]) begin(anchor, full [][]T) error {
	c.anchor = anchor
	for i, rounder := range c.base.rounders[RoleOffset] {
		clear(c.offset[i])
		c.frozen[i] = false
		if rounder.scales == nil {
			continue
		}
		length := norm(full[i])
		if c.global {
			length = norm(full...)
		}
		_, highest := rounder.format.CodeRange()
		step := float64(T(length / float64(c.mu*float64(highest))))
		if !finite(step) {
			return errors.Wrapf(ErrNotFinite, "scale of %s: |g~| is %v", rounder.name, length)
		}
		if c.frozen[i] = step == 0; !c.frozen[i] {
			rounder.setScale(step)
		}
	}
	return nil
}

// move makes z <- Q_offset(z - lr*v) and w = w~ + z, in T's arithmetic: the product is rounded, then the difference, then to
// the grid.
func (c *centred[T]) move(i int, w, v []T) error {
	if c.frozen[i] {
		return nil
	}
	z, anchor := c.offset[i], c.anchor[i]
	rate := T(c.base.settings.LearningRate)
	for j := range z {
		z[j] -= T(rate * v[j])
	}
	if err := c.base.round(c.base.rounders[RoleOffset][i], z, uint32(c.base.steps), number.Training); err != nil {
		return err
	}
	for j := range w {
		w[j] = anchor[j] + z[j]
	}
	return nil
}

func (c *centred[T]) store(s *State) {
	store(s, c.base.parameters, string(RoleOffset), c.offset)
}

func (c *centred[T]) load(s State) error {
	offset, err := load[T](s, c.base.parameters, string(RoleOffset))
	if err != nil {
		return err
	}
	c.offset = offset
	return nil
}
