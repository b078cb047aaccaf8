package optimizers

// LPSGD is SGD in low precision: gradient, momentum and weights are on their grids,
//
//	g <- Q_gradient(g)
//	v <- Q_momentum(m*v + g)
//	w <- Q_master(w - lr*v)
//
// as in SWALP (arXiv 1904.11943), without the averaging. The weights are on their grid from the first update on.
type LPSGD struct{ Descent }

// Name returns "lp-sgd".
func (c *LPSGD) Name() string { return "lp-sgd" }

// Roles returns gradient, momentum and master.
func (c *LPSGD) Roles() []Role { return c.roles(RoleGradient, RoleMomentum, RoleMaster) }

// New returns the optimizer at step 0.
func (c *LPSGD) New(run Run) (Optimizer, error) { return newSGD(c, run) }
