package deploy

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Model is a trained model: its graph with the parameters' values, and the running statistics of its batch norms.
type Model struct {
	Output     *gorgonia.Node // the logits
	Parameters gorgonia.Nodes
	Running    map[string]*qops.Running // by PATH/batchnormN
}

// Network is a deployed model.
type Network struct {
	Policy *policy.Policy
	Target *target.Target
	// Scales of inputs, activations and weights, by canonical name.
	Scales map[string]number.Scales
}

// Compile builds the simulated integer graph of a model.
func (n *Network) Compile(m Model, opts ...graph.Option) (*graph.Program, error) {
	return graph.CompileDeployed(gorgonia.Nodes{m.Output}, m.Parameters, n.Policy, graph.Deployment{
		Running: m.Running, Target: n.Target, Scales: n.Scales,
	}, opts...)
}
