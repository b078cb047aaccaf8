// Package deployment carries a trained run to integer hardware and measures it there: it calibrates and deploys the
// network, compiles the simulated integer graph, lowers that to the emulator, compares the two layer by layer and
// evaluates the integers on the test part.
package deployment

import (
	"context"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/lower"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/deploy"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/halftone-go/halftone/train"
)

// DefaultCalibration is the number of training images that scales are calibrated on.
const DefaultCalibration = 1000

// Deployment is a trained network on a target.
type Deployment struct {
	Trained *train.Trained
	Network *deploy.Network
	// Simulated is the model compiled under the deployed policy; Program is that program lowered for the emulator.
	Simulated   *graph.Program
	Program     *emulate.Program
	Interpreter *emulate.Interpreter

	model  deploy.Model
	images *datasets.Images
}

// New deploys a trained network: it calibrates on the first images of the training part.
func New(ctx context.Context, t *train.Trained, tgt *target.Target, calibrate int) (*Deployment, error) {
	d, err := begin(t)
	if err != nil {
		return nil, err
	}
	if calibrate < 1 {
		return nil, errors.Errorf("calibration on %d images; at least 1 is needed", calibrate)
	}
	feed, err := d.feed(datasets.Train, calibrate)
	if err != nil {
		return nil, err
	}
	if d.Network, err = deploy.Calibrate(ctx, d.model, tgt, feed.next, options(t)...); err != nil {
		return nil, err
	}
	return d, d.compile()
}

func begin(t *train.Trained) (*Deployment, error) {
	images, ok := t.Config.Set.(*datasets.Images)
	if !ok || len(t.Net.Inputs) != 1 {
		return nil, errors.Errorf("model %q on %q: only networks on images can be deployed in this version", t.Config.Model, t.Config.Set.Info().Name)
	}
	d := &Deployment{Trained: t, images: images, model: deploy.Model{Output: t.Net.Output, Parameters: t.Net.Parameters, Running: map[string]*qops.Running{}}}
	for _, n := range t.Program.BatchNorms() {
		d.model.Running[n.Name] = n.Running
	}
	return d, nil
}

func threads(t *train.Trained) int { return max(1, t.Config.Threads) }

// options are those of the programs that are made of a trained network.
func options(t *train.Trained) []graph.Option {
	list := []graph.Option{graph.WithThreads(threads(t))}
	if t.Config.Paranoid {
		list = append(list, graph.WithParanoid())
	}
	return list
}

// compile builds the simulated graph, runs it once so that weights have codes, and lowers it.
func (d *Deployment) compile() error {
	var err error
	if d.Simulated, err = d.Network.Compile(d.model, options(d.Trained)...); err != nil {
		return err
	}
	feed, err := d.feed(datasets.Test, d.Trained.Net.Batch)
	if err != nil {
		return err
	}
	if _, err := feed.next(0); err != nil {
		return err
	}
	if err := d.Simulated.Run(graph.Pass{Evaluation: true, Domain: number.Evaluation}); err != nil {
		return err
	}
	if d.Program, err = lower.Lower(d.Simulated, d.Network.Target); err != nil {
		return err
	}
	d.Interpreter, err = emulate.NewInterpreter(d.Program)
	return err
}

// Save writes the deployed network's folder: policy, weights, scales and target, the emulator's program, and the record
// of the run that it came from.
func (d *Deployment) Save(dir string) error {
	if err := d.Network.Write(dir, d.model); err != nil {
		return err
	}
	if err := d.Program.Save(dir); err != nil {
		return err
	}
	return d.Trained.WriteRecord(dir)
}

// feed gives batches of one part, without augmentation, to the model's inputs.
type feed struct {
	batches         datasets.Batches[float32]
	inputs, targets []float32
	samples         int // of the last batch, copies that fill it up not counted
	total           int
}

func (d *Deployment) feed(part datasets.Part, limit int) (*feed, error) {
	batches, err := datasets.NewBatches[float32](d.images, datasets.Order{Part: part, Limit: limit, Batch: d.Trained.Net.Batch})
	if err != nil {
		return nil, err
	}
	return &feed{
		batches: batches, total: batches.Count(),
		inputs:  d.Trained.Net.Inputs[0].Value().Data().([]float32),
		targets: d.Trained.Net.Targets[0].Value().Data().([]float32),
	}, nil
}

func (f *feed) next(batch int) (bool, error) {
	if batch >= f.total {
		return false, nil
	}
	var err error
	f.samples, err = f.batches.Fill(batch, [][]float32{f.inputs}, [][]float32{f.targets})
	return true, err
}
