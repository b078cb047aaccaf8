package optimizers

import "github.com/halftone-go/halftone/qops/number"

// Vector holds a tensor's elements in row-major order, in the arithmetic that the problem runs in: exactly one of the two
// slices is set, and all parameters of a problem use the same one.
type Vector struct {
	F32 []float32
	F64 []float64
}

// Len returns the number of elements.
func (v Vector) Len() int { return len(v.F32) + len(v.F64) }

// Clone returns a copy that shares no memory with v.
func (v Vector) Clone() Vector {
	return Vector{F32: append([]float32(nil), v.F32...), F64: append([]float64(nil), v.F64...)}
}

// Formats are the formats of the tensors that an optimizer keeps for one parameter. The zero value rounds nothing.
// Which of them an optimizer uses, Config.Roles tells.
type Formats struct {
	// Gradient rounds the gradient that the problem returns. A problem whose gradients are already on their grid (a compiled
	// graph rounds them under the role gradient) leaves it float32: block formats may not be applied twice.
	Gradient number.Format
	// Momentum is the grid of v.
	Momentum number.Format
	// Master is the grid of w, the copy that updates accumulate into.
	Master number.Format
	// Offset is the grid of HALP's z; with scale=run the optimizer sets its scale at every outer loop.
	Offset number.Format
	// Average is the grid of SWALP's running mean.
	Average number.Format
}

// Parameter is one tensor that an optimizer moves.
type Parameter struct {
	// Name is the canonical name of the tensor; the optimizer's own tensors are called NAME.momentum, NAME.master and so on,
	// and take their random bits under these names.
	Name string
	// Shape says with ChannelAxis, the axis of the output channels, and SumAxis, that of the sums in the op that uses the
	// tensor, which elements share a block.
	Shape                []int
	ChannelAxis, SumAxis int
	// Value is w, read by the problem and written by the optimizer.
	Value Vector
	// Gradient is written by the problem and read by the optimizer.
	Gradient Vector
	Formats  Formats
}

// Pass says which evaluation of the problem is wanted: its random bits and whether it moves running statistics.
type Pass struct {
	Domain    number.Domain
	Execution uint32
	// UpdateStatistics is set only in evaluations at the current weights, so that batch norm's running statistics see each
	// batch once.
	UpdateStatistics bool
}

// Problem is a function to be minimised, seen batch by batch:
//
//	f(w) = 1/B * sum over b = 0..B-1 of f_b(w)
//
// The batches and their augmentation are fixed within an outer loop. Everything is a function of the outer loop, the batch,
// the pass and the current values, so that a run can be taken up again at any step.
type Problem interface {
	// Parameters returns the same parameters in the same order at every call.
	Parameters() []*Parameter
	// Batches returns B, the number of whole batches of the current outer loop.
	Batches() int
	// NextOuter fixes the batches and the augmentation of an outer loop, counted from 0. It may be called for any outer loop
	// at any time, as after a resume.
	NextOuter(outer int) error
	// Gradient evaluates f_b at the parameters' current values. It leaves the gradient in each Parameter.Gradient, multiplied
	// by the error scale if the problem uses one, and returns the loss, which is not multiplied by it.
	Gradient(batch int, p Pass) (loss float64, err error)
}

// Preparer is implemented by problems that can prepare a batch while they compute another one.
type Preparer interface {
	// Prepare says which batch, of which outer loop, will be wanted behind that of the next call of Gradient. Nothing but
	// time depends on it.
	Prepare(outer, batch int)
}

// Tracer is implemented by problems that can say where a loss or gradient that is not finite comes from.
type Tracer interface {
	// Trace is called right behind the call of Gradient with the same arguments whose loss or gradient was not finite, at the
	// same values. It describes what was met, "" if it does not know.
	Trace(batch int, p Pass) string
}
