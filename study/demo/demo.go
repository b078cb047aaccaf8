// Package demo goes the whole way once: it trains a network in 8 bits, compares HALP with its relatives on a convex
// problem, deploys the network to int8 hardware, emulates it, generates the datapath in Verilog and in Chisel,
// co-simulates both, and reports. Every figure is measured in that run.
package demo

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers/linear"
	"github.com/halftone-go/halftone/study/deployment"
	"github.com/halftone-go/halftone/train"
)

// Config says how far the demo goes.
type Config struct {
	// Quick does the same on few images, in a minute.
	Quick bool
	// Out is the folder of all that the demo writes.
	Out string
	// Threads is the number of threads, all processors if 0.
	Threads int
	// Paranoid is that of train.Config.
	Paranoid bool
	// Seed is the key of all random choices.
	Seed uint64
	// Say, if not nil, is told what begins and what came of it, for a person who watches.
	Say func(line string)
	// ObserveTraining, if not nil, follows the training.
	ObserveTraining func(train.Progress)
	// Progress, if not nil, follows the other long parts.
	Progress func(what string, done, total int)
}

// size is how much the demo does.
type size struct {
	steps, batch, evaluateEvery int
	limitTrain, limitTest       int
	calibrate, compare, verify  int // images
	outputs                     int64
}

// What the whole demo does, in at most ten minutes on two cores, and the quick one, in a minute.
var (
	whole = size{
		steps: 1170, batch: 64, evaluateEvery: 390,
		calibrate: 1000, compare: 1000, verify: 3, outputs: 600_000,
	}
	quick = size{
		steps: 12, batch: 32, evaluateEvery: 12, limitTrain: 384, limitTest: 64,
		calibrate: 64, compare: 32, verify: 1, outputs: 4_000,
	}
)

// shownImages is the number of test images whose answers the report shows.
const shownImages = 16

// What is trained, on what and how.
const (
	model        = "resnet14"
	data         = "cifar10"
	fallbackData = "synthetic"
	policyName   = "swalp8"
	optimizer    = "lp-sgd"
	schedule     = "cosine:0.01"
	targetName   = "mac8"
)

var optimizerOptions = []string{"lr=0.1", "momentum=0.9", "decay=0.0003"}

// Outcome is all that the demo measured.
type Outcome struct {
	Config Config
	Data   datasets.Info
	Images *datasets.Images

	Training      *train.Result
	Curve         []CurvePoint
	Trained       train.Metrics // of the network as trained, on the test images
	TrainSeconds  float64
	Convex        []*linear.Fit
	Deployment    *deployment.Deployment
	Checks        []deployment.LayerCheck
	Integer       deployment.Accuracy
	Answers       []int   // classes that the int8 network gives the first test images
	EmulatorSpeed float64 // images per second
	Verifications []Verification
	Missing       []string // what was left out because a tool is missing, and how to get it
	Seconds       float64
	ReportFile    string
	Generated     map[string]string // language -> folder
}

// CurvePoint is the loss after a step.
type CurvePoint struct {
	Step int
	Loss float64
}

// Verification is a co-simulation of generated hardware.
type Verification struct {
	*hwgen.Result
	Work    string // what was run through it
	Seconds float64
}

// Run goes the whole way. It stops with ctx's error when ctx ends; what it wrote so far stays in Config.Out.
func Run(ctx context.Context, c Config) (*Outcome, error) {
	begin := time.Now()
	s := whole
	if c.Quick {
		s = quick
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
	o := &Outcome{Config: c, Generated: map[string]string{}}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return nil, errors.Wrap(err, "demo")
	}
	for _, part := range []func(context.Context, size) error{o.load, o.convex, o.train, o.deploy, o.emulate, o.generate, o.verify} {
		if err := part(ctx, s); err != nil {
			return nil, err
		}
	}
	o.Seconds = time.Since(begin).Seconds()
	return o, o.writeReport()
}

// load takes CIFAR-10, or the synthetic set where that is absent.
func (o *Outcome) load(context.Context, size) error {
	dir, err := datasets.Dir()
	if err != nil {
		return err
	}
	images, err := datasets.LoadImages(data, dir)
	if errors.Is(err, os.ErrNotExist) {
		o.Config.Say("CIFAR-10 is not there ('halftone data get cifar10' fetches it): training on the SYNTHETIC set instead")
		images, err = datasets.LoadImages(fallbackData, dir)
	}
	if err != nil {
		return err
	}
	o.Images, o.Data = images, images.Info()
	if o.Data.Warning != "" {
		o.Config.Say(o.Data.Warning)
	}
	o.Config.Say("Data: " + o.Data.Title)
	return nil
}

func (o *Outcome) convex(ctx context.Context, _ size) error {
	o.Config.Say("Convex problem: HALP against LP-SGD, LP-SVRG, SGD and SVRG")
	var err error
	o.Convex, err = linear.BitCentering(ctx, max(1, o.Config.Seed), nil)
	return err
}

func (o *Outcome) train(ctx context.Context, s size) error {
	o.Config.Say("Training " + model + " under " + policyName + ": every op in 8 bits, forward and backward")
	p, err := policy.Load(policyName)
	if err != nil {
		return err
	}
	begin := time.Now()
	o.Training, err = train.Run(ctx, train.Config{
		Model: model, Data: o.Data.Name, Set: o.Images, Policy: p,
		Optimizer: optimizer, Options: optimizerOptions, Schedule: schedule,
		LimitTrain: s.limitTrain, LimitTest: s.limitTest,
		Batch: s.batch, Steps: s.steps, EvaluateEvery: s.evaluateEvery, Seed: o.Config.Seed, Threads: o.Config.Threads, Paranoid: o.Config.Paranoid,
		Out: filepath.Join(o.Config.Out, "run"), Observe: o.observe,
	})
	if err != nil {
		return err
	}
	o.TrainSeconds = time.Since(begin).Seconds()
	o.Trained = o.Training.Rows[len(o.Training.Rows)-1].Metrics
	return nil
}

// observe keeps the curve of the loss and passes progress on.
func (o *Outcome) observe(p train.Progress) {
	if n := len(o.Curve); p.Step > 0 && (n == 0 || o.Curve[n-1].Step < p.Step) {
		o.Curve = append(o.Curve, CurvePoint{p.Step, p.Loss})
	}
	if o.Config.ObserveTraining != nil {
		o.Config.ObserveTraining(p)
	}
}

func (o *Outcome) deploy(ctx context.Context, s size) error {
	o.Config.Say("Deploying to " + targetName + ": batch norms folded, scales calibrated")
	t, err := target.Load(targetName)
	if err != nil {
		return err
	}
	if o.Deployment, err = deployment.New(ctx, o.Training.Trained, t, s.calibrate); err != nil {
		return err
	}
	return o.Deployment.Save(filepath.Join(o.Config.Out, "net"))
}

func (o *Outcome) emulate(ctx context.Context, s size) error {
	o.Config.Say("Emulating int8: all layers' codes against the simulated graph, then accuracy")
	var err error
	o.Checks, err = o.Deployment.Check(ctx, s.compare, func(done int) { o.Config.Progress("comparing codes", done, s.compare) })
	if err != nil {
		return err
	}
	begin := time.Now()
	o.Integer, err = o.Deployment.Evaluate(ctx, s.limitTest, func(done, total int) { o.Config.Progress("int8 accuracy", done, total) })
	if err != nil {
		return err
	}
	o.EmulatorSpeed = float64(o.Integer.Images) / time.Since(begin).Seconds()
	o.Answers, err = o.answers(ctx, shownImages)
	return err
}
