package train

import (
	"fmt"
	"io/fs"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// loadSet loads the configuration's data set, unless it is there.
func loadSet(c Config) (datasets.Set, error) {
	if c.Set != nil {
		return c.Set, nil
	}
	dir := c.DataDir
	if dir == "" {
		var err error
		if dir, err = datasets.Dir(); err != nil {
			return nil, err
		}
	}
	set, err := datasets.Load(c.Data, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Wrap(err, "the data folder is "+dir+"; to do without, use --data synthetic, computed pictures")
	}
	return set, err
}

// network is a net under a policy, with what feeds it.
type network struct {
	config  Config // complete
	net     *nets.Net
	program *graph.Program
	feeder  *feeder
	test    datasets.Batches[float32]
}

// newNetwork builds the net of a complete configuration with its initial parameters. check is asked, where there is one,
// before the program takes its memory.
func newNetwork(c Config, p *policy.Policy, check func(*nets.Net, graph.Memory) error) (*network, error) {
	n := &network{config: c}
	var err error
	// Data first: they bound the batch size before memory is made for it.
	if _, err = c.training(0); err != nil {
		return nil, err
	}
	n.test, err = datasets.NewBatches[float32](c.Set, datasets.Order{
		Part: datasets.Test, Limit: c.LimitTest, Batch: c.Batch, Window: c.Window, Seed: c.Seed,
	})
	if err != nil {
		return nil, err
	}
	options := nets.Options{Dtype: tensor.Float32, Batch: c.Batch, Seed: c.Seed, Hidden: c.Hidden}
	kind := ""
	switch s := c.Set.(type) {
	case *datasets.Images:
		options.Features, options.Classes = s.Channels*s.Height*s.Width, len(s.Classes)
		kind = fmt.Sprintf("%d classes of images", options.Classes)
	case *datasets.Text:
		options.Steps, options.Vocabulary = c.Window, len(s.Vocabulary)
		kind = fmt.Sprintf("text of %d characters", options.Vocabulary)
	}
	build := c.Build
	if build == nil {
		build = func(o nets.Options) (*nets.Net, error) { return nets.Build(c.Model, o) }
	}
	net, err := build(options)
	if err != nil {
		return nil, errors.Wrapf(err, "data set %s, %s", c.Data, kind)
	}
	if n.feeder, err = newFeeder(net, c.Set, c.Window); err != nil {
		return nil, err
	}
	n.net = net
	n.feeder.open = func(part datasets.Part, outer int) (datasets.Batches[float32], error) {
		if part == datasets.Test {
			return n.test, nil
		}
		return c.training(outer)
	}
	var outputs []*gorgonia.Node
	if options.Classes > 0 {
		outputs = append(outputs, net.Output)
	}
	compile := []graph.Option{graph.WithSeed(c.Seed), graph.WithThreads(c.Threads), graph.WithOutputs(outputs...)}
	if check != nil {
		compile = append(compile, graph.WithMemory(func(m graph.Memory) error { return check(net, m) }))
	}
	if c.Paranoid {
		compile = append(compile, graph.WithParanoid())
	}
	n.program, err = graph.Compile(net.Loss, net.Parameters, p, compile...)
	if err != nil {
		return nil, errors.Wrapf(err, "model %s under policy %s", net.Name, p.Name)
	}
	for _, q := range n.program.Parameters() {
		if q.Value.F32 == nil || q.Node.IsScalar() {
			return nil, errors.Errorf("model %s: parameter %s is no float32 tensor with at least one axis", net.Name, q.Name)
		}
	}
	return n, nil
}

// training returns the batches of an outer loop.
func (c *Config) training(outer int) (datasets.Batches[float32], error) {
	_, images := c.Set.(*datasets.Images)
	return datasets.NewBatches[float32](c.Set, datasets.Order{
		Part: datasets.Train, Limit: c.LimitTrain, Batch: c.Batch, Window: c.Window,
		Shuffle: true, Augment: images, Whole: true, Seed: c.Seed, Epoch: uint32(outer),
	})
}
