package optimizers

import (
	"context"
	"time"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// ErrNotFinite is the cause of the error that Step returns when a loss or a gradient has become infinite or not a number. The
// step has then not been made: a caller that scales errors dynamically lowers the scale and calls Step again.
var ErrNotFinite = errors.New("loss or gradient is not finite: lower the learning rate, or the error scale if one is used")

// Optimizer minimises a Problem by small steps.
type Optimizer interface {
	// Name returns the name under which the registry knows the algorithm.
	Name() string
	// Step makes one update of the parameters. An optimizer with outer loops first makes the full-gradient pass where one is
	// due. An error leaves parameters and position as they were before the step; a full-gradient pass that was completed is
	// kept.
	Step(ctx context.Context) (StepResult, error)
	// SetLearningRate changes the learning rate from the next step on. The rate is not part of the state: a schedule is a
	// function of the step.
	SetLearningRate(rate float64)
	// SetErrorScale changes the number that gradients are divided by from the next step on. It is not part of the state. An
	// optimizer with outer loops keeps the full gradient it has: in low precision, the control variate cancels exactly only
	// while the scale stays the same.
	SetErrorScale(scale float64)
	// State returns a copy of all that the next steps depend on besides the parameters' values, the options and the rates.
	State() State
	// Restore continues from a state of the same algorithm on the same problem. The caller restores the parameters' values.
	// After an error the optimizer must not be used.
	Restore(s State) error
}

// Averager is implemented by optimizers whose result is an average of the weights and not the last ones.
type Averager interface {
	// Averages returns the averages, in the order of Problem.Parameters and shared with the optimizer, and how many models
	// they are the mean of; with 0 models there is no average yet.
	Averages() (averages []Vector, models int)
}

// Observed is implemented by optimizers that tell what their roundings take, as all of the registry's do.
type Observed interface {
	// ObserveRoundings calls observe behind every rounding from now on, one call at a time, with the role and the number of
	// elements of the tensor, and what it took of all of its threads; nil ends that.
	ObserveRoundings(observe func(role Role, elements int, took time.Duration))
}

// Run is what an optimizer works on, whatever its algorithm and options.
type Run struct {
	Problem Problem
	// Seed is the key of all random choices: batches of inner steps and stochastic rounding.
	Seed uint64
	// ErrorScale is the factor S that the problem has multiplied its loss by before differentiating, to keep small errors
	// above the grid's step; gradients are divided by it. 0 stands for 1.
	ErrorScale float64
	// Threads is how many goroutines a rounding may use; results do not depend on it. 0 stands for 1.
	Threads int
	// Progress, when set, is called after every batch of a full-gradient pass.
	Progress func(done, total int)
}

// StepResult says what one step did.
type StepResult struct {
	// Step counts the updates, this one included.
	Step int
	// Outer is the outer loop (for SGD: the epoch) and Inner the step within it, both from 0.
	Outer, Inner int
	// Batch is the batch that the step used.
	Batch int
	// Loss is f_batch at the weights before the update, without weight decay.
	Loss float64
	// GradientNorm is the 2-norm over all parameters of the direction of the step before momentum.
	GradientNorm float64
	// FullGradientNorm is the 2-norm of the full gradient of the current outer loop; 0 for optimizers without one.
	FullGradientNorm float64
	// FullGradient is set when the step began with a full-gradient pass.
	FullGradient bool
	// Evaluations is the number of gradients of single batches that were computed.
	Evaluations int
	// Rounded counts, by role, what the optimizer's own roundings did; roles that were not rounded are missing.
	Rounded map[Role]number.Stats
}

// Role is the role of a tensor that an optimizer keeps, in the words of policies.
type Role string

// The roles of an optimizer's tensors.
const (
	RoleGradient Role = "gradient"
	RoleMomentum Role = "momentum"
	RoleMaster   Role = "master"
	RoleOffset   Role = "offset"
	RoleAverage  Role = "average"
)

// format returns the format that f gives to a role.
func (f Formats) format(r Role) number.Format {
	switch r {
	case RoleGradient:
		return f.Gradient
	case RoleMomentum:
		return f.Momentum
	case RoleMaster:
		return f.Master
	case RoleOffset:
		return f.Offset
	default:
		return f.Average
	}
}

// Tensor describes a tensor that an optimizer adds to a model.
type Tensor struct {
	Name   string
	Role   Role
	Shape  []int
	Format number.Format
}

// Tensors lists the rounded tensors that an optimizer of configuration c keeps for the parameters. The gradient is listed
// only where the optimizer, and not the problem, rounds it.
func Tensors(c Config, parameters []*Parameter) []Tensor {
	var list []Tensor
	for _, p := range parameters {
		for _, role := range c.Roles() {
			format := p.Formats.format(role)
			if role == RoleGradient && format.IsFloat32() {
				continue
			}
			list = append(list, Tensor{Name: tensorName(p, string(role)), Role: role, Shape: p.Shape, Format: format})
		}
	}
	return list
}

func tensorName(p *Parameter, kind string) string { return p.Name + "." + kind }
