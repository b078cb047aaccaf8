package optimizers

import "github.com/halftone-go/halftone/qops/number"

// Descent are the options that every optimizer has.
type Descent struct {
	// LearningRate is lr.
	LearningRate float64
	// Momentum is m in v <- m*v + g; with 0 there is no v, and nothing of it is rounded.
	Momentum float64
	// Decay is the factor of the penalty decay/2 * |w|² that is added to the problem's loss, all parameters included.
	Decay float64
	// Clip bounds the norm of every gradient of a batch, taken over all parameters before decay; 0 does not.
	Clip float64
}

var defaultDescent = Descent{LearningRate: 0.1}

// Settings returns the options themselves.
func (d Descent) Settings() Descent { return d }

func (d *Descent) bind(b *binder) {
	b.number(&d.LearningRate, "lr", positive, "learning rate")
	b.number(&d.Momentum, "momentum", belowOne, "m in v <- m*v + g")
	b.number(&d.Decay, "decay", notNegative, "weight decay: factor of 1/2*|w|^2 in the objective")
	b.number(&d.Clip, "clip", notNegative, "bound on the norm of a batch's gradient, 0 for none")
}

func (d Descent) check() error {
	if err := positive.check("lr", d.LearningRate); err != nil {
		return err
	}
	if err := belowOne.check("momentum", d.Momentum); err != nil {
		return err
	}
	if err := notNegative.check("decay", d.Decay); err != nil {
		return err
	}
	return notNegative.check("clip", d.Clip)
}

// roles lists the roles, leaving momentum out where there is none.
func (d Descent) roles(roles ...Role) []Role {
	var used []Role
	for _, r := range roles {
		if r != RoleMomentum || d.Momentum > 0 {
			used = append(used, r)
		}
	}
	return used
}

// momentum keeps v, one tensor per parameter.
type momentum[T element] struct {
	v    [][]T
	late bool // rounded by roundLate instead of direction
}

func newMomentum[T element](b *base[T]) *momentum[T] {
	if b.settings.Momentum == 0 {
		return nil
	}
	return &momentum[T]{v: makeLike(b.gradient)}
}

// direction returns v after v <- Q_momentum(m*v + g), in T's arithmetic: the product is rounded, then the sum, then to the
// grid. Without momentum it returns g itself.
func (m *momentum[T]) direction(b *base[T]) ([][]T, error) {
	if m == nil {
		return b.gradient, nil
	}
	factor := T(b.settings.Momentum)
	return m.v, b.each(func(i int) error {
		v := m.v[i]
		for j, g := range b.gradient[i] {
			v[j] = T(factor*v[j]) + g
		}
		if m.late {
			return nil
		}
		return m.round(b, i)
	})
}

// roundLate makes v <- Q_momentum(v) after an update, where direction has not.
func (m *momentum[T]) roundLate(b *base[T]) error {
	if m == nil || !m.late {
		return nil
	}
	return b.each(func(i int) error { return m.round(b, i) })
}

// round rounds the momentum of a parameter, if momentum is rounded.
func (m *momentum[T]) round(b *base[T], i int) error {
	rounders := b.rounders[RoleMomentum]
	if rounders == nil {
		return nil
	}
	return b.round(rounders[i], m.v[i], uint32(b.steps), number.Training)
}

func (m *momentum[T]) store(b *base[T], s *State) {
	if m != nil {
		store(s, b.parameters, string(RoleMomentum), m.v)
	}
}

// load returns the momentum of a state without changing m.
func (m *momentum[T]) load(b *base[T], s State) (*momentum[T], error) {
	if m == nil {
		return nil, nil
	}
	v, err := load[T](s, b.parameters, string(RoleMomentum))
	return &momentum[T]{v: v, late: m.late}, err
}

// descend makes w <- Q_master(w - lr*v), in T's arithmetic: the product is rounded, then the difference, then to the grid.
func (b *base[T]) descend(i int, w, v []T) error {
	rate := T(b.settings.LearningRate)
	for j := range w {
		w[j] -= T(rate * v[j])
	}
	rounders := b.rounders[RoleMaster]
	if rounders == nil {
		return nil
	}
	return b.round(rounders[i], w, uint32(b.steps), number.Training)
}
