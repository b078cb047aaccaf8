package train

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Training runs that compare every tensor with the unplanned graph's find nothing, and leave the files of runs that do not:
// a residual and a recurrent network, under policies of every kind, with averages and with two evaluations per step.
func TestParanoidTraining(t *testing.T) {
	data := textDir(t)
	for _, of := range []struct {
		policy, optimizer string
		options           []string
	}{
		{"float32", "sgd", []string{"momentum=0.9"}},
		{"swalp8", "swalp", []string{"swa-start=1", "swa-every=1"}},
		{"qpytorch8", "lp-sgd", []string{"momentum=0.9", "round-momentum=after"}},
		{"halp8", "halp", []string{"T=2"}},
	} {
		for _, model := range []string{"resnet14", "lstm"} {
			t.Run(model+"/"+of.policy, func(t *testing.T) {
				c := Config{
					Model: "resnet14", Data: "synthetic", LimitTrain: 8, LimitTest: 5, Batch: 3,
					Policy: shipped(t, of.policy), Optimizer: of.optimizer, Options: of.options, Steps: 3, Seed: 1, Threads: 2,
				}
				if model == "lstm" {
					c.Model, c.Data, c.DataDir, c.Window = "lstm", "tinyshakespeare", data, 4
				}
				c.Out = filepath.Join(t.TempDir(), "a")
				want := mustRun(t, c)
				assert.Zero(t, want.Paranoia)
				plain := checkpointOf(t, c.Out)
				c.Out, c.Paranoid = filepath.Join(t.TempDir(), "b"), true
				got := mustRun(t, c)
				assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got.Rows))
				assert.Equal(t, plain, checkpointOf(t, c.Out))
				require.GreaterOrEqual(t, got.Paranoia.Runs, 3)
				assert.Greater(t, 2*got.Paranoia.Seen, got.Paranoia.Tensors)
			})
		}
	}
}
