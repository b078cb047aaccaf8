package nets

import (
	"strings"

	"github.com/halftone-go/halftone/internal/spelling"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Net is a network with its loss, for one batch size.
type Net struct {
	Name  string
	Graph *G.ExprGraph
	// Loss is the mean loss per sample: for classification the cross-entropy in nats per image, or per character.
	Loss *G.Node
	// Output is what the loss judges: the logits in (batch, classes), or predictions in (batch, 1). The lstm has
	// logits for each step, of which this is the last one's.
	Output *G.Node
	// Inputs and Targets take the data, see the function that made the net for their shapes. Their values are there,
	// all zero, and may be written to before each run.
	Inputs, Targets G.Nodes
	// States are the initial states, zero, of a recurrent net.
	States G.Nodes
	// Parameters are what training changes, in the order of their making.
	Parameters G.Nodes
	Batch      int
}

// Options says how to build a net. Fields that a net has no use for are ignored.
type Options struct {
	Dtype tensor.Dtype // tensor.Float32 or tensor.Float64
	Batch int          // samples in a batch
	Seed  uint64       // of the initial parameters
	// Features is the number of values of a sample: mlp, logistic, linear.
	Features int
	// Classes is the number of classes: mlp, logistic.
	Classes int
	// Hidden are the widths of the hidden layers: mlp.
	Hidden []int
	// Steps is the number of characters in a window, Vocabulary that of different characters: lstm.
	Steps, Vocabulary int
}

// builders lists the nets by name.
var builders = []struct {
	name  string
	build func(Options) (*Net, error)
}{
	{"resnet14", func(o Options) (*Net, error) { return ResNet14(o.Dtype, o.Batch, o.Seed) }},
	{"lstm", func(o Options) (*Net, error) { return LSTM(o.Dtype, o.Batch, o.Steps, o.Vocabulary, o.Seed) }},
	{"mlp", func(o Options) (*Net, error) { return MLP(o.Dtype, o.Batch, o.Features, o.Hidden, o.Classes, o.Seed) }},
	{"logistic", func(o Options) (*Net, error) { return Logistic(o.Dtype, o.Batch, o.Features, o.Classes) }},
	{"linear", func(o Options) (*Net, error) { return Linear(o.Dtype, o.Batch, o.Features) }},
}

// Names lists the nets that Build knows.
func Names() []string {
	var names []string
	for _, b := range builders {
		names = append(names, b.name)
	}
	return names
}

// Build builds the net called name.
func Build(name string, o Options) (*Net, error) {
	for _, b := range builders {
		if b.name == name {
			return b.build(o)
		}
	}
	return nil, errors.Errorf("unknown model %q, did you mean %s? The models are %s",
		name, spelling.Nearest(name, Names(), 1)[0], strings.Join(Names(), ", "))
}

// Count returns the number of trainable values.
func (n *Net) Count() int {
	count := 0
	for _, p := range n.Parameters {
		count += p.Shape().TotalSize()
	}
	return count
}
