//go:build !race

package train

import (
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets/datasets"
)

// allocatedPerStep is what most steps may allocate, in bytes, whatever the batch: a few need more, until each thread has
// memory for every shape. The race detector lets pools forget, so that under it there is no such bound.
const allocatedPerStep = 100_000

// A step allocates next to nothing, whatever the network and the policy: so the garbage collector does not run.
func TestStepsAllocateNextToNothing(t *testing.T) {
	text := &datasets.Text{Train: make([]uint16, 20_000), Test: make([]uint16, 2_000)}
	for c := range 20 {
		text.Vocabulary = append(text.Vocabulary, rune('a'+c))
	}
	for i := range text.Train {
		text.Train[i] = uint16(i * 7 % 20)
	}
	configs := map[string]Config{
		"resnet14": {Model: "resnet14", Data: "synthetic", Batch: 8, Optimizer: "sgd", Options: []string{"momentum=0.9", "decay=2e-4"}, LearningRate: 0.1},
		"lp-sgd":   {Model: "resnet14", Data: "synthetic", Batch: 4, Optimizer: "lp-sgd", Options: []string{"momentum=0.9"}, LearningRate: 0.1},
		"lstm":     {Model: "lstm", Data: "tinyshakespeare", Set: text, Batch: 6, Window: 12, Hidden: []int{24}, Optimizer: "sgd", Options: []string{"clip=5"}, LearningRate: 1},
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it empties pools
	for name, c := range configs {
		for _, policyName := range []string{"float32", "qpytorch8", "swalp8"} {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				var err error
				c.Threads = 2
				c.Policy, err = policy.Load(policyName)
				require.NoError(t, err)
				s, err := NewStepper(c)
				require.NoError(t, err)
				var steps []int
				for i := range 20 {
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					require.NoError(t, s.Step(t.Context()))
					runtime.ReadMemStats(&after)
					if i >= 3 {
						steps = append(steps, int(after.TotalAlloc-before.TotalAlloc))
					}
				}
				slices.Sort(steps)
				assert.Less(t, steps[len(steps)/2], allocatedPerStep, "%d", steps)
				runtime.GC()
			})
		}
	}
}
