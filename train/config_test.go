package train

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
)

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		`unknown model "resnet", did you mean resnet14?`:  func(c *Config) { c.Build, c.Model = nil, "resnet" },
		"no model is named; there are: resnet14":          func(c *Config) { c.Build, c.Model = nil, "" },
		"needs a name":                                    func(c *Config) { c.Model = "" },
		`unknown data set "cifar", did you mean cifar10?`: func(c *Config) { c.Set, c.Data = nil, "cifar" },
		"no policy is given":                              func(c *Config) { c.Policy = nil },
		`unknown optimizer "adam"`:                        func(c *Config) { c.Optimizer = "adam" },
		`sgd has no option "mu"`:                          func(c *Config) { c.Options = []string{"mu=1"} },
		"option lr of sgd is given twice":                 func(c *Config) { c.LearningRate, c.Options = 1, []string{"lr=1"} },
		"the learning rate is -1":                         func(c *Config) { c.LearningRate = -1 },
		"the batch size is -1":                            func(c *Config) { c.Batch = -1 },
		"the number of steps is -5":                       func(c *Config) { c.Steps = -5 },
		"a hidden layer has width 0":                      func(c *Config) { c.Hidden = []int{0} },
		`unknown schedule "fast"`:                         func(c *Config) { c.Schedule = "fast" },
		`the error scale "0" is neither`:                  func(c *Config) { c.ErrorScale = "0" },
		"a run without a folder cannot be resumed":        func(c *Config) { c.Resume = true },
	} {
		c := small(t, "float32", "sgd")
		require.NoError(t, c.Check())
		change(&c)
		assert.ErrorContains(t, c.Check(), want)
		_, err := Run(t.Context(), c)
		assert.ErrorContains(t, err, want)
	}
}

// A net that does not suit the data is refused with what does not fit.
func TestNetsAndDataThatDoNotFit(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"model resnet14 takes images of (3, 32, 32), data set  has 3x8x8": func(c *Config) { c.Build, c.Model = nil, "resnet14" },
		"4 classes of images: model lstm":                                 func(c *Config) { c.Build, c.Model = nil, "lstm" },
		"model linear has targets of shape (8, 1)":                        func(c *Config) { c.Build, c.Model = nil, "linear" },
		"model resnet14 has 1 inputs, data set tinyshakespeare needs 3": func(c *Config) {
			c.Build, c.Model, c.Set, c.Data, c.DataDir, c.Batch = nil, "resnet14", nil, "tinyshakespeare", textDir(t), 1
			c.Window = 3
		},
		"a batch of 54 is more than the 53 samples of the train part": func(c *Config) { c.Batch = 54 },
		"use --data synthetic": func(c *Config) { c.Set, c.Data, c.DataDir = nil, "cifar10", t.TempDir() },
	} {
		c := small(t, "float32", "sgd")
		c.Data = "small"
		change(&c)
		_, err := Run(t.Context(), c)
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaults(t *testing.T) {
	c := small(t, "float32", "svrg", "T=3")
	c.Batch, c.Steps, c.EvaluateEvery = 0, 0, 0
	im := smallSet()
	im.Train.Labels = make([]byte, 128*3+1)
	im.Train.Pixels = make([]byte, len(im.Train.Labels)*3*smallSide*smallSide)
	c.Set = im
	s, err := newSession(c)
	require.NoError(t, err)
	assert.Equal(t, 128, s.config.Batch)
	assert.Equal(t, 3, s.config.Steps, "an epoch")
	assert.Equal(t, 3, s.config.EvaluateEvery)
	assert.Equal(t, "0.1", s.record.Options["lr"])
	assert.Equal(t, "0", s.record.Options["clip"])

	dir := textDir(t)
	text := Config{Model: "lstm", Data: "tinyshakespeare", DataDir: dir, Policy: c.Policy, Optimizer: "sgd", Window: 2}
	s, err = newSession(text)
	require.NoError(t, err)
	assert.Equal(t, 50, s.config.Batch)
	assert.Equal(t, "1", s.record.Options["lr"])
	assert.Equal(t, "5", s.record.Options["clip"])
	text.Options, text.LearningRate = []string{"clip=0"}, 0.5
	s, err = newSession(text)
	require.NoError(t, err)
	assert.Equal(t, "0.5", s.record.Options["lr"])
	assert.Equal(t, "0", s.record.Options["clip"])
}

// A net of one's own gets the sizes of the data set.
func TestBuildGetsTheDataSetsSizes(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Steps = 1
	c.Build = func(o nets.Options) (*nets.Net, error) {
		assert.Equal(t, smallClasses, o.Classes)
		assert.Equal(t, 3*smallSide*smallSide, o.Features)
		assert.Equal(t, uint64(3), o.Seed)
		return smallNet(o)
	}
	assert.Equal(t, "small", mustRun(t, c).Trained.Config.Model)
	assert.IsType(t, &datasets.Images{}, c.Set)
}
