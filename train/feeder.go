package train

import (
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// feeder writes batches into a net's inputs and targets. A batch that was announced is assembled while the one before it is
// computed, and only copied when it is wanted.
type feeder struct {
	loader
	inputs, targets [][]float32

	// holds is what the inputs hold, where fed is set.
	holds   batchKey
	fed     bool
	samples int
}

// newFeeder checks that the net takes what the data set gives.
func newFeeder(net *nets.Net, set datasets.Set, window int) (*feeder, error) {
	f := &feeder{loader: loader{rows: net.Batch}}
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
	if f.targets, err = memory(net, set, "targets", net.Targets, places, classes); err != nil {
		return nil, err
	}
	for i, list := range [2][][]float32{f.inputs, f.targets} {
		for _, data := range list {
			f.sizes[i] = append(f.sizes[i], len(data))
		}
	}
	return f, nil
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

// feed makes a batch the net's inputs and targets and returns how many of its samples are no copies.
func (f *feeder) feed(key batchKey) (samples int, err error) {
	if f.fed && f.holds == key {
		return f.samples, nil
	}
	f.fed = false
	if ready := f.take(key); ready != nil {
		samples, err = ready.samples, ready.err
		for i, data := range ready.inputs {
			copy(f.inputs[i], data)
		}
		for i, data := range ready.targets {
			copy(f.targets[i], data)
		}
	} else {
		samples, err = f.fill(key, f.inputs, f.targets)
	}
	if err != nil {
		return 0, err
	}
	f.holds, f.fed, f.samples = key, true, samples
	return samples, nil
}
