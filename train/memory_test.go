package train

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/optimizers"
)

// heap is what is alive.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What a run needs is known before it begins, within a fifth of the truth.
func TestNeeds(t *testing.T) {
	wide := small(t, "float32", "svrg", "T=3", "momentum=0.9") // most of it is parameters
	wide.Model, wide.Build, wide.Hidden, wide.Batch = "mlp", nil, []int{4000}, 4
	for name, c := range map[string]Config{
		"halp":  resnet(t, "halp8", "halp", "T=3", "momentum=0.9"),
		"swalp": resnet(t, "swalp8", "swalp", "swa-start=1", "swa-every=1"),
		"svrg":  wide,
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			if c.LimitTrain > 0 {
				c.LimitTrain = 64
			}
			c.Steps, c.EvaluateEvery, c.Out = 2, 1, t.TempDir()
			told := ""
			c.Inform = func(message string) { told = message }
			s := sessionOf(t, c)
			s.meter = newMeter(0, 0)
			assert.Regexp(t, `^needs about [0-9.]+ [MG]B of memory \(graph [0-9.]+ [MG]B, optimizer and checkpoint [0-9.]+ [MG]B, data [0-9.]+ [MG]B\)`, told)
			require.NoError(t, s.next(t.Context()))
			require.NoError(t, s.next(t.Context()))
			require.NoError(t, s.next(t.Context()))
			require.NoError(t, s.saver.wait())
			state := s.checkpoint() // as while it is written
			took := heap() - before
			config, err := optimizers.Parse(s.config.Optimizer, s.config.Options)
			require.NoError(t, err)
			var m needs
			_, err = newNetwork(s.config, s.config.Policy, func(net *nets.Net, g graph.Memory) error {
				m = needsOf(&s.config, net, g, config)
				return nil
			})
			require.NoError(t, err)
			total := m.graph + m.state + m.data
			t.Logf("%+v: %d, took %d: %.2f", m, total, took, float64(total)/float64(took))
			assert.InEpsilon(t, took, total, 0.2)
			runtime.KeepAlive(s)
			runtime.KeepAlive(state)
			s.close()
		})
	}
}

// A run that takes more memory than is free is refused before it takes it, unless that is ignored.
func TestNeedsMoreThanThereIs(t *testing.T) {
	m := needs{graph: 3e9, state: 5e8, data: 2e9}
	c := Config{Batch: 512}
	told := ""
	c.Inform = func(message string) { told = message }
	require.NoError(t, m.check(&c, 35e8, true), "the data are loaded")
	assert.Equal(t, "needs about 5.5 GB of memory (graph 3.0 GB, optimizer and checkpoint 500 MB, data 2.0 GB), 3.5 GB are free", told)
	assert.EqualError(t, m.check(&c, 35e8-1, true), "the run "+"needs about 5.5 GB of memory (graph 3.0 GB, optimizer and checkpoint 500 MB, data 2.0 GB), 3.5 GB are free; use a smaller batch (--batch), here 512, or --ignore-memory to try all the same")
	require.NoError(t, m.check(&c, 0, false))
	assert.NotContains(t, told, "free")
	c.IgnoreMemory = true
	require.NoError(t, m.check(&c, 1, true))
	assert.Equal(t, "1.5 MB", bytesText(1500000))
	assert.Equal(t, "21 GB", bytesText(21999999999))
}
