package optimizers

// LPSGD is SGD in low precision: gradient, momentum and weights are on their grids,
//
//	g <- Q_gradient(g)
//	v <- Q_momentum(m*v + g)
//	w <- Q_master(w - lr*v)
//
// as in SWALP (arXiv 1904.11943), without the averaging. The weights are on their grid from the first update on.
//
// QPyTorch's OptimLP rounds v only after it was used. With RoundMomentum after,
//
//	v <- m*v + g,   w <- Q_master(w - lr*v),   v <- Q_momentum(v).
type LPSGD struct {
	Descent
	RoundMomentum MomentumRounding
}

// MomentumRounding says when momentum is rounded: BeforeUpdate (or nothing) or AfterUpdate of the weights.
type MomentumRounding string

// When momentum is rounded.
const (
	BeforeUpdate MomentumRounding = "before"
	AfterUpdate  MomentumRounding = "after"
)

func (c *LPSGD) bind(b *binder) {
	c.Descent.bind(b)
	choice(b, &c.RoundMomentum, "round-momentum", []MomentumRounding{BeforeUpdate, AfterUpdate},
		"when v is rounded, before the weights' update or, as QPyTorch does, after it")
}

// Name returns "lp-sgd".
func (c *LPSGD) Name() string { return "lp-sgd" }

// Roles returns gradient, momentum and master.
func (c *LPSGD) Roles() []Role { return c.roles(RoleGradient, RoleMomentum, RoleMaster) }

// New returns the optimizer at step 0.
func (c *LPSGD) New(run Run) (Optimizer, error) { return newSGD(c, run) }
