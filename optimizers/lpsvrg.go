package optimizers

// LPSVRG is SVRG in low precision: gradients of batches, momentum and weights are on their grids, as in LP-SGD,
//
//	w <- Q_master(w - lr*v)
//
// while the full gradient g~ and the difference of gradients are kept in the arithmetic of the problem. On a fixed grid it
// stops at a distance from the optimum that the grid's step gives; HALP does not.
type LPSVRG struct {
	Descent
	Reduction
}

// Name returns "lp-svrg".
func (c *LPSVRG) Name() string { return "lp-svrg" }

// Roles returns gradient, momentum and master.
func (c *LPSVRG) Roles() []Role { return c.roles(RoleGradient, RoleMomentum, RoleMaster) }

func (c *LPSVRG) bind(b *binder) {
	c.Descent.bind(b)
	c.Reduction.bind(b)
}

// New returns the optimizer at step 0.
func (c *LPSVRG) New(run Run) (Optimizer, error) { return newSVRG(c, run, c.Reduction) }
