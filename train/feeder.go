package train

import (
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// feeder writes batches into a net's inputs and targets. It does so when they are wanted and not ahead of time: for 128
// images of 32x32 it takes less than a millisecond, while the gradient takes hundreds.
type feeder struct {
	inputs, targets [][]float32
	rows            int // of a batch

	// What the inputs hold.
	from    datasets.Batches[float32]
	batch   int
	samples int
}

// newFeeder checks that the net takes what the data set gives.
func newFeeder(net *nets.Net, set datasets.Set, window int) (*feeder, error) {
	f := &feeder{rows: net.Batch}
	places, features, classes := 1, 0, 0
	switch s := set.(type) {
	case *datasets.Images:
		features, classes = s.Channels*s.Height*s.Width, len(s.Classes)
		if len(net.Inputs) == 1 && net.Inputs[0].Dims() == 4 {
			shape := net.Inputs[0].Shape()[1:]
			if shape[0] != s.Channels || shape[1] != s.Height || shape[2] != s.Width {
				return nil, errors.Errorf("model %s takes images of %v, data set %s has %dx%dx%d", net.Name, shape, s.Info().Name, s.Channels, s.Height, s.Width)
			}
		}
	case *datasets.Text:
		places, features, classes = window, len(s.Vocabulary), len(s.Vocabulary)
	}
	var err error
	if f.inputs, err = memory(net, set, "inputs", net.Inputs, places, features); err != nil {
		return nil, err
	}
	f.targets, err = memory(net, set, "targets", net.Targets, places, classes)
	return f, err
}

// memory returns the elements of nodes that hold values of the given number per sample.
func memory(net *nets.Net, set datasets.Set, what string, nodes gorgonia.Nodes, places, perSample int) ([][]float32, error) {
	if len(nodes) != places {
		return nil, errors.Errorf("model %s has %d %s, data set %s needs %d; choose a model for this kind of data", net.Name, len(nodes), what, set.Info().Name, places)
	}
	var list [][]float32
	for _, n := range nodes {
		if n.Value() == nil {
			return nil, errors.Errorf("model %s: %s has no value; give it one when it is made", net.Name, n.Name())
		}
		data, ok := n.Value().Data().([]float32)
		if !ok {
			return nil, errors.Errorf("model %s: %s holds %T; training runs in float32", net.Name, n.Name(), n.Value().Data())
		}
		if len(data) != net.Batch*perSample {
			return nil, errors.Errorf("model %s has %s of shape %v, data set %s needs %d values per sample", net.Name, what, n.Shape(), set.Info().Name, perSample)
		}
		list = append(list, data)
	}
	return list, nil
}

// feed makes batch b the net's inputs and targets and returns how many of its samples are no copies. The targets of copies
// are zero: a cross-entropy does not see them.
func (f *feeder) feed(from datasets.Batches[float32], b int) (samples int, err error) {
	if f.from == from && f.batch == b {
		return f.samples, nil
	}
	f.from = nil
	if samples, err = from.Fill(b, f.inputs, f.targets); err != nil {
		return 0, err
	}
	for _, t := range f.targets {
		clear(t[samples*(len(t)/f.rows):])
	}
	f.from, f.batch, f.samples = from, b, samples
	return samples, nil
}
