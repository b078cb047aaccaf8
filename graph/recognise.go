package graph

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniser turns the primitives that end in n into one named op. It returns nil if n is not its pattern.
type recogniser func(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error)

// recognisers are tried in this order; a pattern comes before the patterns that it contains.
func recognisers() []recogniser {
	return []recogniser{
		recogniseOwnBatchNorm,
		recogniseOwn,
		recogniseConv,
		recogniseBatchNorm,
		recogniseReLU,
		recogniseSoftmaxLoss,
		recogniseGlobalPool,
		recogniseAveragePool,
		recogniseDropout,
		recogniseMean,
		recogniseBiasAdd,
		recogniseDense,
		recogniseReduce,
		recogniseConstantFactor,
		recogniseBinary,
		recogniseUnary,
		recogniseMoved,
	}
}

// recognition rebuilds a model's graph with the named ops in place of Gorgonia's primitives.
type recognition struct {
	graph   *gorgonia.ExprGraph
	made    map[*gorgonia.Node]*gorgonia.Node // from the model's nodes
	groups  []opGroup
	grouped map[*gorgonia.Node]bool
	norms   []*batchNorm
	paths   map[*gorgonia.Node]string
	inputs  map[string]*gorgonia.Node // the model's, by name
	// parameters are the model's nodes that train.
	parameters map[*gorgonia.Node]bool
}

// opGroup is one recognised op: the nodes that it became, and the model's node that it came from. Where several patterns
// make one op, kind is its word and points are the nodes' names in it.
type opGroup struct {
	from   *gorgonia.Node
	nodes  gorgonia.Nodes
	kind   string
	points map[*gorgonia.Node]string
}

// batchNorm remembers the running statistics of one batch norm of the model.
type batchNorm struct {
	node    *gorgonia.Node // the output in the rebuilt graph
	running *qops.Running
}

// recognise rebuilds what the roots need. It refuses an op that is not supported by name and layer.
func recognise(roots, parameters gorgonia.Nodes) (*recognition, error) {
	r := &recognition{
		graph:      gorgonia.NewGraph(),
		made:       map[*gorgonia.Node]*gorgonia.Node{},
		grouped:    map[*gorgonia.Node]bool{},
		paths:      layerPaths(roots[0].Graph()),
		inputs:     map[string]*gorgonia.Node{},
		parameters: map[*gorgonia.Node]bool{},
	}
	for _, n := range parameters {
		r.parameters[n] = true
	}
	for _, root := range roots {
		if _, err := r.node(root); err != nil {
			return nil, err
		}
	}
	r.groupLSTMs()
	sort.SliceStable(r.groups, func(i, j int) bool { return r.groups[i].from.ID() < r.groups[j].from.ID() })
	return r, nil
}

// refusal is an error that names the node that it is about.
type refusal struct{ message string }

func (r refusal) Error() string { return r.message }

func refusef(format string, values ...any) error { return refusal{fmt.Sprintf(format, values...)} }

// node returns the rebuilt form of n, making it if need be.
func (r *recognition) node(n *gorgonia.Node) (*gorgonia.Node, error) {
	if made, ok := r.made[n]; ok {
		return made, nil
	}
	if differentiated(n) {
		return nil, refusef("graph: %s is already differentiated; compile the model before calling gorgonia.Grad on it, Halftone differentiates itself", describe(n, r.paths))
	}
	if n.Op() == nil {
		return r.input(n)
	}
	for _, recognise := range recognisers() {
		before := len(r.graph.AllNodes())
		made, err := recognise(r, n)
		if err != nil {
			if refused := (refusal{}); errors.As(err, &refused) {
				return nil, err // of an operand, and described there
			}
			return nil, refusef("graph: %s: %v", describe(n, r.paths), err)
		}
		if made == nil {
			continue
		}
		r.made[n] = made
		r.group(n, before)
		return made, nil
	}
	return nil, refusef("graph: %s: the op %s is not supported; supported are convolution, matrix product, batch norm, ReLU, "+
		"sigmoid, tanh, exp, log, square, sums and means, average pools, +, -, elementwise products, factors, softmax cross-entropy, dropout, reshape, transpose, slice and concat",
		describe(n, r.paths), unsupportedName(n))
}

// input takes over an input, whose name must tell it apart.
func (r *recognition) input(n *gorgonia.Node) (*gorgonia.Node, error) {
	if strings.HasPrefix(n.Name(), "%!") {
		return nil, refusef("graph: an input of shape %v has no name; give it one with gorgonia.WithName (Gorgonia merges inputs of one shape without a name)", n.Shape())
	}
	if other, taken := r.inputs[n.Name()]; taken {
		return nil, refusef("graph: two inputs are named %q, of shapes %v and %v; names are the keys of formats, random bits and checkpoints", n.Name(), other.Shape(), n.Shape())
	}
	r.inputs[n.Name()] = n
	made := cloneInput(r.graph, n, n.Name())
	r.made[n] = made
	return made, nil
}

// differentiated reports that gorgonia.Grad was called on the model. Parameters of a model that was compiled before have
// their gradients in other graphs.
func differentiated(n *gorgonia.Node) bool {
	if d := n.Deriv(); d != nil && d.Graph() == n.Graph() {
		return true
	}
	for _, of := range n.DerivOf() {
		if of.Graph() == n.Graph() {
			return true
		}
	}
	return false
}

func unsupportedName(n *gorgonia.Node) string {
	if sign := operator(n); sign != "" {
		return fmt.Sprintf("%s (%s)", sign, primitive(n))
	}
	return fmt.Sprintf("%s (%s)", n.Op(), primitive(n))
}

// group collects the nodes that were made for n and belong to no group yet.
func (r *recognition) group(n *gorgonia.Node, before int) {
	g := opGroup{from: n}
	for _, made := range r.graph.AllNodes()[before:] {
		if made.Op() != nil && !r.grouped[made] {
			r.grouped[made] = true
			g.nodes = append(g.nodes, made)
		}
	}
	r.groups = append(r.groups, g)
}

// nodes rebuilds several operands.
func (r *recognition) nodes(of ...*gorgonia.Node) (gorgonia.Nodes, error) {
	out := make(gorgonia.Nodes, len(of))
	for i, n := range of {
		var err error
		if out[i], err = r.node(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cloneInput adds an input of the same type, shape and value to another graph.
func cloneInput(g *gorgonia.ExprGraph, n *gorgonia.Node, name string) *gorgonia.Node {
	opts := []gorgonia.NodeConsOpt{gorgonia.In(g), gorgonia.WithType(n.Type()), gorgonia.WithName(name)}
	if !n.IsScalar() {
		opts = append(opts, gorgonia.WithShape(n.Shape()...))
	}
	if v := n.Value(); v != nil {
		opts = append(opts, gorgonia.WithValue(v))
	}
	return gorgonia.NewUniqueNode(opts...)
}

// describe names a node of the model for messages: its layer path and its name.
func describe(n *gorgonia.Node, paths map[*gorgonia.Node]string) string {
	name := n.Name()
	if i := strings.IndexByte(name, '('); i > 0 && n.Op() != nil {
		name = name[:i]
	}
	if path := paths[n]; path != "" {
		return fmt.Sprintf("layer %q: %s of shape %v", path, name, n.Shape())
	}
	return fmt.Sprintf("%s of shape %v (in no layer)", name, n.Shape())
}
