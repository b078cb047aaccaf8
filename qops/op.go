package qops

import (
	"fmt"
	"hash"
	"sync/atomic"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/nodeindex"
	"github.com/halftone-go/halftone/qops/number"
)

// Op is a Gorgonia op that Halftone's machine runs.
type Op interface {
	gorgonia.SDOp
	// Kind is the op's word in policies: conv dense batchnorm relu avgpool add mul sigmoid tanh softmaxloss ...
	Kind() string
	// Point names which of the op's outputs this is: "out", or one of a compound op's interior points.
	Point() string
	// Moves reports that the op only moves values: it inherits the format of its operand and gets no quantize node.
	Moves() bool
	// Run computes c.Out from c.In.
	Run(c *Call) error
	// OutShape is the shape of the output.
	OutShape() []int
	// OperandNames names the operands in order, as policies and canonical names call them.
	OperandNames() []string
}

// Statistic is implemented by ops whose output is a statistic (role `statistic`).
type Statistic interface{ IsStatistic() bool }

// Call is one execution of an op.
type Call struct {
	Out     *Array
	In      []*Array
	Threads int
	// FloatSum takes sums of products in the tensor's type, in ascending order, even where exact ones could be had.
	FloatSum bool
	// Codes says that sums of products on blocks are exact, over codes of 8 bits as far as a run's exponents let them be.
	Codes bool
	// Interior is how sums of products are taken, where that is to be neither exact nor in the tensor's type.
	Interior *Interior
	// Evaluation selects running instead of batch statistics.
	Evaluation bool
	// UpdateStatistics lets batch norm move its running statistics.
	UpdateStatistics bool
	// Execution and Domain, with a quantize node's own stream, name its random bits.
	Execution uint32
	Domain    number.Domain

	found *callRoom
}

var lastID atomic.Uint64

// base is what all ops share: a unique identity, so that Gorgonia never merges two nodes, and the types of one use.
type base struct {
	id     uint64
	kind   string
	point  string
	inDims []int
	shape  []int
	names  []string // of the operands
}

func newBase(kind, point string, shape []int, in ...*gorgonia.Node) base {
	b := base{id: lastID.Add(1), kind: kind, point: point, shape: append([]int(nil), shape...)}
	for _, n := range in {
		b.inDims = append(b.inDims, n.Dims())
	}
	return b
}

// of names the operands.
func (b base) of(names ...string) base {
	b.names = names
	return b
}

// OperandNames are the names that the op gave, else "input" for one operand, "a" and "b" for two and "input1", ... for more.
func (b *base) OperandNames() []string {
	switch {
	case b.names != nil:
		return b.names
	case len(b.inDims) == 1:
		return []string{"input"}
	case len(b.inDims) == 2:
		return []string{"a", "b"}
	}
	names := make([]string, len(b.inDims))
	for i := range names {
		names[i] = fmt.Sprintf("input%d", i+1)
	}
	return names
}

func (b *base) Kind() string    { return b.kind }
func (b *base) Point() string   { return b.point }
func (b *base) Moves() bool     { return false }
func (b *base) OutShape() []int { return b.shape }
func (b *base) Arity() int      { return len(b.inDims) }

// Type is fresh at every call: Gorgonia returns it to a pool after inference.
func (b *base) Type() hm.Type {
	types := make([]hm.Type, 0, len(b.inDims)+1)
	for _, d := range append(append([]int(nil), b.inDims...), len(b.shape)) {
		if d == 0 {
			types = append(types, hm.TypeVariable('a'))
		} else {
			types = append(types, gorgonia.TensorType{Dims: d, Of: hm.TypeVariable('a')})
		}
	}
	return hm.NewFnType(types...)
}

func (b *base) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return tensor.Shape(append([]int(nil), b.shape...)), nil
}
func (b *base) ReturnsPtr() bool     { return true }
func (b *base) CallsExtern() bool    { return false }
func (b *base) OverwritesInput() int { return -1 }

// WriteHash and Hashcode make every op unlike every other: two ops are never merged.
func (b *base) WriteHash(h hash.Hash) { fmt.Fprintf(h, "halftone-%d", b.id) }

// Hashcode is the op's number itself, not a hash of it, so that no two ops of a process share one.
func (b *base) Hashcode() uint32 { return uint32(b.id) }

func (b *base) String() string {
	if b.point == "" || b.point == "out" {
		return b.kind
	}
	return b.kind + "." + b.point
}

// DiffWRT says that no operand is differentiable; ops with gradients override it.
func (b *base) DiffWRT(int) []bool { return make([]bool, len(b.inDims)) }

// SymDiff refuses a second derivative.
func (b *base) SymDiff(gorgonia.Nodes, *gorgonia.Node, *gorgonia.Node) (gorgonia.Nodes, error) {
	return nil, errors.Errorf("qops: %s has no derivative", b)
}

// Apply adds op to the graph of its operands, whose shapes must be those that op was made for. It serves passes that
// rebuild a graph.
func Apply(op Op, in ...*gorgonia.Node) *gorgonia.Node { return apply(op, in...) }

// apply adds op to the graph of its operands. Unlike gorgonia.ApplyOp it does no type inference, and so is linear.
func apply(op Op, in ...*gorgonia.Node) *gorgonia.Node {
	dtype := in[0].Dtype()
	opts := []gorgonia.NodeConsOpt{gorgonia.In(in[0].Graph()), gorgonia.WithOp(op), gorgonia.WithChildren(in)}
	if shape := op.OutShape(); len(shape) == 0 {
		opts = append(opts, gorgonia.WithType(dtype))
	} else {
		opts = append(opts, gorgonia.WithType(gorgonia.TensorType{Dims: len(shape), Of: dtype}), gorgonia.WithShape(shape...))
	}
	nodeindex.Expect(in[0].Graph())
	return gorgonia.NewUniqueNode(opts...)
}

// do runs op on fresh memory, single-threaded: what Gorgonia's own machines call.
func do(op Op, values []gorgonia.Value) (gorgonia.Value, error) {
	c := &Call{Threads: 1}
	for _, v := range values {
		a, err := FromValue(v)
		if err != nil {
			return nil, err
		}
		c.In = append(c.In, a)
	}
	if len(c.In) == 0 {
		return nil, errors.Errorf("qops: %s needs operands", op)
	}
	dtype := tensor.Float32
	if c.In[0].F64 != nil {
		dtype = tensor.Float64
	}
	c.Out = NewArray(dtype, op.OutShape())
	if err := op.Run(c); err != nil {
		return nil, err
	}
	return c.Out.Value(), nil
}

// byType runs the float32 or the float64 body, whichever the output is of.
func byType(c *Call, f32, f64 func(*Call)) error {
	if c.Out.F64 != nil {
		f64(c)
	} else {
		f32(c)
	}
	return nil
}
