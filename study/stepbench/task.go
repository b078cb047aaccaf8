package stepbench

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/train"
)

// task is a network under a policy.
type task struct {
	name    string
	policy  string
	floats  string  // the name of the same in float32, where there is one
	asked   float64 // times as fast as the peer, at least
	ofFloat float64 // times as fast as the same in float32, at least
	exact   string  // the name of the same with exact sums, where there is one
	ofExact float64 // times as fast as that, at least
	// published takes the place of a peer that cannot be run.
	published published
	edit      func(*policy.Policy) // changes the policy; may be nil
	start     func(o Options, policy *policy.Policy) (*network, error)
}

// network is a task that has started.
type network struct {
	step    func(ctx context.Context) error
	program *graph.Program
	// observe tells the roundings of the optimizer; nil where there is none.
	observe func(func(role optimizers.Role, elements int, took time.Duration))
	// momentum says that the optimizer keeps one.
	momentum bool
}

// Networks of which steps are timed.
const (
	ResNet14 = "resnet14"
	LSTM     = "lstm"
)

// tasks are those of a network, the one in float32 first.
func tasks(network string) ([]task, error) {
	switch network {
	case ResNet14:
		return []task{
			{name: "resnet14/float32", policy: "float32", asked: 1, start: trainImages},
			{name: "resnet14/quantized", policy: "qpytorch8", floats: "resnet14/float32", asked: 15, ofFloat: 1, start: trainImages},
			{name: "resnet14/every-op", policy: "swalp8", floats: "resnet14/float32", ofFloat: 0.7, start: trainImages},
			{name: "resnet14/infer", policy: "float32", asked: 0.5, start: inferImages},
		}, nil
	case LSTM:
		return []task{
			{name: "lstm/float32", policy: "float32", asked: 1, start: trainText},
			{name: "lstm/quantized", policy: "qpytorch8", floats: "lstm/float32", asked: 12, start: trainText},
			{name: "lstm/every-op", policy: "swalp8", floats: "lstm/float32", start: trainText},
		}, nil
	case MAC:
		return macTasks(), nil
	}
	return nil, errors.Errorf("no network %q is timed; known are %s, %s and %s", network, ResNet14, LSTM, MAC)
}

// begin starts a task.
func (t task) begin(o Options) (*network, error) {
	p, err := policy.Load(t.policy)
	if err != nil {
		return nil, err
	}
	if t.edit != nil {
		t.edit(p)
	}
	n, err := t.start(o, p)
	return n, errors.Wrap(err, t.name)
}

// optimizer rounds what it keeps as the policy says, as QPyTorch's does; in float32 that is nothing.
const optimizer = "lp-sgd"

// trainImages trains ResNet-14 by SGD with momentum on computed images.
func trainImages(o Options, p *policy.Policy) (*network, error) {
	return trainer(true, train.Config{
		Model: "resnet14", Data: "synthetic", Policy: p, Batch: o.Batch, Threads: o.Threads,
		Build: func(n nets.Options) (*nets.Net, error) {
			return nets.WideResNet14(n.Dtype, n.Batch, o.width(), n.Seed)
		},
		Optimizer: optimizer, Options: []string{"momentum=0.9", "round-momentum=after", "decay=2e-4"}, LearningRate: 0.1,
	})
}

// vocabulary is the number of characters of the text, as in TinyShakespeare.
const vocabulary = 65

// trainText trains the LSTM by SGD with clipped gradients on random characters.
func trainText(o Options, p *policy.Policy) (*network, error) {
	random := rand.New(rand.NewPCG(1, 1))
	text := &datasets.Text{Train: make([]uint16, 300_000), Test: make([]uint16, 10_000)}
	for c := range vocabulary {
		text.Vocabulary = append(text.Vocabulary, rune('0'+c))
	}
	for _, part := range [][]uint16{text.Train, text.Test} {
		for i := range part {
			part[i] = uint16(random.IntN(vocabulary))
		}
	}
	return trainer(false, train.Config{
		Model: "lstm", Data: "tinyshakespeare", Set: text, Policy: p, Batch: o.Batch, Threads: o.Threads,
		Optimizer: optimizer, Options: []string{"clip=5"}, LearningRate: 1,
	})
}

func trainer(momentum bool, c train.Config) (*network, error) {
	s, err := train.NewStepper(c)
	if err != nil {
		return nil, err
	}
	return &network{step: s.Step, program: s.Program(), observe: s.ObserveRoundings, momentum: momentum}, nil
}

// inferImages runs ResNet-14 forward with running statistics.
func inferImages(o Options, p *policy.Policy) (*network, error) {
	net, err := nets.WideResNet14(tensor.Float32, o.Batch, o.width(), 1)
	if err != nil {
		return nil, err
	}
	program, err := graph.Compile(net.Loss, net.Parameters, p, graph.WithThreads(o.Threads))
	if err != nil {
		return nil, err
	}
	images, ok := net.Inputs[0].Value().Data().([]float32)
	if !ok {
		return nil, errors.Errorf("stepbench: images of type %v", net.Inputs[0].Dtype())
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range images {
		images[i] = float32(random.NormFloat64())
	}
	step := func(context.Context) error { return program.Run(graph.Pass{Evaluation: true}) }
	return &network{step: step, program: program}, nil
}
