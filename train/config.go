package train

import (
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/spelling"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// Config says what a run is made of. Model, Data, Optimizer and Policy must be given, all else has a default.
type Config struct {
	// Model is the name of a net of package nets, or that of the net that Build builds.
	Model string
	// Build builds a net of the caller's own instead of nets.Build's. Features, Classes, Steps and Vocabulary of its
	// options are those of the data set.
	Build func(nets.Options) (*nets.Net, error)
	// Hidden are the widths of the hidden layers of the mlp, 256 if not given.
	Hidden []int
	// Window is the number of characters of a sample of text, 50 if not given.
	Window int

	// Data is the name of a data set, and DataDir the data folder, datasets.Dir() if empty.
	Data, DataDir string
	// Set is the data set, where it is loaded already.
	Set datasets.Set
	// LimitTrain and LimitTest use only the first samples of a part; 0 is all.
	LimitTrain, LimitTest int

	// Policy is the format of every tensor.
	Policy *policy.Policy
	// Optimizer is a name and Options its options as key=value, see optimizers.Parse. Where neither Options nor
	// LearningRate has lr, it is 0.1 for images and 1 for text; text also has clip=5 if Options have no other.
	Optimizer string
	Options   []string
	// LearningRate is the option lr; 0 leaves it to Options.
	LearningRate float64
	// Schedule says how the learning rate moves, see ParseSchedule; empty is constant.
	Schedule string
	// ErrorScale is the factor of the errors, see ParseErrorScale; empty is 1.
	ErrorScale string

	// Batch is the number of samples of a batch: 128 images or 50 windows of text if not given.
	Batch int
	// Steps is the number of updates, one epoch of them if not given.
	Steps int
	// EvaluateEvery is the number of updates from one evaluation to the next, one epoch of them if not given. The last
	// update is always followed by one.
	EvaluateEvery int
	// Seed is the key of all random choices.
	Seed uint64
	// Threads is how many threads are used, all processors if 0. No bit of a result depends on it.
	Threads int

	// Paranoid runs the unplanned reference beside every graph and compares every tensor, see graph.WithParanoid.
	Paranoid bool

	// Out is the run's folder; with none, nothing is written.
	Out string
	// Resume takes up the run that is in Out.
	Resume bool
	// From is the folder of a run whose weights and running statistics, as its checkpoint holds them, a new run begins with.
	// Its optimizer begins anew.
	From string
	// CheckpointInterval is the time between checkpoints that are not due to an evaluation, a minute if 0.
	CheckpointInterval time.Duration
	// start is what the run began with, where that is not its own random choice.
	start *StartRecord
	// IgnoreMemory begins a run that takes more memory than there seems to be.
	IgnoreMemory bool
	// Inform, when set, is told in a line what memory the run takes, before it takes it.
	Inform func(message string)
	// Warn, when set, is given what a user should know of the data: that figures on them compare with no published ones.
	Warn func(message string)
	// Observe, when set, is told what the run does. It is called from the run's goroutine, at every batch.
	Observe func(Progress)
}

const (
	imageBatch         = 128
	textBatch          = 50
	defaultWindow      = 50
	defaultHidden      = 256
	largestHidden      = 1 << 16
	checkpointInterval = time.Minute
)

// Check finds what is wrong with a configuration without loading data. The errors are those of a caller's mistakes:
// unknown names, numbers out of range.
func (c *Config) Check() error {
	if c.Build == nil && !slices.Contains(nets.Names(), c.Model) {
		return unknown("model", c.Model, nets.Names())
	}
	if c.Build != nil && c.Model == "" {
		return errors.New("a net of one's own needs a name: Config.Model is empty")
	}
	if c.Set == nil && !slices.Contains(datasets.Names(), c.Data) {
		return unknown("data set", c.Data, datasets.Names())
	}
	if c.Policy == nil {
		return errors.New("no policy is given")
	}
	for _, n := range []struct {
		name  string
		value int
	}{
		{"limit of training samples", c.LimitTrain},
		{"limit of test samples", c.LimitTest},
		{"batch size", c.Batch},
		{"number of steps", c.Steps},
		{"number of steps between evaluations", c.EvaluateEvery},
		{"number of threads", c.Threads},
		{"window", c.Window},
	} {
		if n.value < 0 {
			return errors.Errorf("the %s is %d; it must not be negative", n.name, n.value)
		}
	}
	for _, width := range c.Hidden {
		if width < 1 || width > largestHidden {
			return errors.Errorf("a hidden layer has width %d; it must be from 1 to %d", width, largestHidden)
		}
	}
	if c.LearningRate < 0 {
		return errors.Errorf("the learning rate is %v; it must be positive", c.LearningRate)
	}
	if c.Resume && c.Out == "" {
		return errors.New("a run without a folder cannot be resumed")
	}
	if c.Resume && c.From != "" {
		return errors.New("a run that is resumed goes on from its own weights, not from those of another one")
	}
	if _, err := ParseSchedule(c.Schedule); err != nil {
		return err
	}
	if _, err := ParseErrorScale(c.ErrorScale); err != nil {
		return err
	}
	_, err := optimizers.Parse(c.Optimizer, c.assignments(false))
	return err
}

func unknown(what, name string, names []string) error {
	list := strings.Join(names, ", ")
	if name == "" {
		return errors.Errorf("no %s is named; there are: %s", what, list)
	}
	return errors.Errorf("unknown %s %q, did you mean %s? There are: %s", what, name, spelling.Nearest(name, names, 1)[0], list)
}

// assignments are the optimizer's options with the defaults that depend on the data.
func (c *Config) assignments(text bool) []string {
	list := append([]string(nil), c.Options...)
	if c.LearningRate > 0 {
		list = append(list, "lr="+formatFloat(c.LearningRate))
	}
	has := func(key string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, key+"=") })
	}
	if text && !has("clip") {
		list = append(list, "clip=5")
	}
	if !has("lr") {
		if text {
			return append(list, "lr=1")
		}
		return append(list, "lr=0.1")
	}
	return list
}

// complete fills in the defaults that do not depend on the number of batches.
func (c *Config) complete(set datasets.Set) {
	_, text := set.(*datasets.Text)
	c.Set, c.Data = set, set.Info().Name
	c.Options, c.LearningRate = c.assignments(text), 0
	if c.Batch == 0 {
		c.Batch = imageBatch
		if text {
			c.Batch = textBatch
		}
	}
	switch {
	case !text:
		c.Window = 0
	case c.Window == 0:
		c.Window = defaultWindow
	}
	if c.Model != "mlp" {
		c.Hidden = nil
	} else if len(c.Hidden) == 0 {
		c.Hidden = []int{defaultHidden}
	}
	if c.Threads == 0 {
		c.Threads = runtime.NumCPU()
	}
	if c.CheckpointInterval == 0 {
		c.CheckpointInterval = checkpointInterval
	}
}
