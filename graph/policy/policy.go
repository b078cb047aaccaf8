// Package policy says which number format each tensor of a training graph gets.
//
// A policy is a YAML file. It has a format for every role a tensor can have, and rules that change the format by layer
// path, op, use or name; later rules win:
//
//	halftone: policy/1
//	default: {input: float32, weight: "bfp:w8e8,block=channel,sr,sat", ..., sum: exact}
//	backward: every-op
//	clipped: pass
//	rules:
//	  - {match: "stem/**", activation: float32}
//	  - {match: "stage3/**", op: conv, weight: "fixed:w4f3,sr,sat"}
//	  - {match: "**", op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"}
//	  - {match: "fc", target: mac8}
//
// Parse and Load read it, Bind checks it against the tensors of a compiled graph, and the Binding answers which format
// a tensor has. The package knows nothing of Gorgonia.
package policy

import "github.com/halftone-go/halftone/qops/number"

// The values of the keys that choose from a list.
const (
	EveryOp      = "every-op"      // backward: the output of every op on the way back passes through a quantize node
	AtQuantizers = "at-quantizers" // backward: only the gradient of a tensor that forward has one does, and parameters' gradients

	Pass = "pass" // clipped: the gradient passes where the forward clipped
	Zero = "zero" // clipped: no gradient where the forward clipped

	Fold = "fold" // batchnorm: folded into the weights before the graph is placed; what deploy writes

	NoTarget = "none" // target: float arithmetic here, whatever the policy's own target or an earlier rule says
)

// Uses of a tensor by an op.
const (
	Forward        = "forward"
	BackwardData   = "backward-data"
	BackwardWeight = "backward-weight"
)

// Policy says which format each tensor gets.
type Policy struct {
	Name      string // a shipped policy's name, or the file's without folder and extension
	File      string // what Parse was told, for messages
	Default   map[Role]number.Format
	Backward  string // EveryOp or AtQuantizers
	Clipped   string // Pass or Zero
	BatchNorm string // Fold, or empty: batch norm stays
	Target    string // hardware target of every op that has one, or empty
	Rules     []Rule // later ones win
}

// Rule changes formats where all of its selectors that are not empty match.
//
// A rule is about tensors or about edges. On tensors it sets Formats by role, or Format for whatever the tensor's role
// is (which needs Tensor). On edges, single uses of a tensor by an op, it sets Format: such a rule has an Operand, or a
// Tensor glob with a ">".
type Rule struct {
	Line int // in the file, 0 for a rule made by a program

	Match   string // glob over the layer path
	Op      string // kind of the op: conv, dense, ...
	Use     string // Forward, BackwardData or BackwardWeight
	Operand string // operand of the op, for an edge
	Takes   string // the name of an operand that the op has: tells the sum of two tensors from one with a bias
	Tensor  string // glob over the canonical name; for an edge NAME, or NAME>USE with a glob on either side

	Optional bool // the rule may match nothing, as in a policy for many models

	Formats map[Role]number.Format
	Format  *number.Format
	Target  string // hardware target of the op, or NoTarget
}

// Point is a place where a graph can quantize: a tensor, or a single use of a tensor (an edge).
type Point struct {
	Name    string // canonical: PATH/OPn.POINT, a parameter's or input's node name, or NAME>USE.OPERAND for an edge
	Layer   string // layer path of the op
	Op      string // kind of the op that computes the tensor; for a parameter the op that uses it; empty for inputs
	Role    Role
	Use     string   // which use of the op computes the tensor; for an edge, which use reads it
	Operand string   // set for edges: which operand of the op the tensor is
	Takes   []string // the operands of what computes the tensor; of edges, of what reads it; for a parameter and its gradient, of what uses it; empty for inputs
}

// IsEdge reports whether the point is a single use of a tensor.
func (pt Point) IsEdge() bool { return pt.Operand != "" }
