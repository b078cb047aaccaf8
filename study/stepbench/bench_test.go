package stepbench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/peer"
)

func TestRun(t *testing.T) {
	var turns []string
	results, err := Run(t.Context(), Options{
		Network: ResNet14, Batch: 2, Threads: 2, Repetitions: 2, Only: "resnet14/[fei]*",
		Progress: func(done, total int, name string) {
			assert.Equal(t, len(turns), done)
			assert.Equal(t, 6, total)
			turns = append(turns, name)
		},
	})
	require.NoError(t, err)
	names := []string{"resnet14/float32", "resnet14/every-op", "resnet14/infer"}
	assert.Equal(t, append(names, names...), turns, "in turns")
	for i, r := range results {
		assert.Equal(t, names[i], r.Name)
		assert.Positive(t, r.MS)
		assert.InEpsilon(t, 2/r.MS*1e3, r.PerSecond, 1e-12)
		assert.Zero(t, r.PeerMS)
	}
	assert.Zero(t, results[0].OfFloat)
	assert.Positive(t, results[1].OfFloat)
}

// A shell takes the place of Python, and gives one answer to everything.
func TestRunBesideAPeer(t *testing.T) {
	p, err := peer.Start(t.Context(), "sh", `printf '{"versions": {}, "peers": {"lstm/float32": "nn.LSTM"}}\n'; while read name; do echo 20; done`)
	require.NoError(t, err)
	results, err := Run(t.Context(), Options{Network: LSTM, Batch: 2, Threads: 1, Repetitions: 1, Only: "lstm/float32", Peer: p})
	require.NoError(t, err)
	require.NoError(t, p.Close())
	r := results[0]
	assert.Equal(t, "nn.LSTM", r.PeerCall)
	assert.InDelta(t, 20, r.PeerMS, 0)
	assert.InEpsilon(t, 20/r.MS, r.Ratio, 1e-9)
	assert.InEpsilon(t, 2*50/r.MS*1e3, r.PerSecond, 1e-9, "characters")
}

// Ratios are taken turn by turn: a machine that is ten times as slow in one turn changes none of them.
func TestRatiosOfTurns(t *testing.T) {
	all, err := tasks(ResNet14)
	require.NoError(t, err)
	other := &peer.Peer{Calls: map[string]string{"resnet14/quantized": "q"}}
	float, quantized := &contender{task: all[0], network: &network{}}, &contender{task: all[1], network: &network{}}
	float.own, quantized.own, quantized.others = []float64{2, 20, 4}, []float64{4, 40, 8}, []float64{8, 80, 16}
	float.allocated, quantized.allocated = []float64{1, 2, 3}, []float64{4e3, 3e3, 2e3}
	quantized.singles = []float64{7, 80, 16}
	o := Options{Batch: 10, Peer: other}
	both := []*contender{float, quantized}
	got := []Result{float.result(o, both), quantized.result(o, both)}
	assert.Equal(t, Result{
		Name: "resnet14/quantized", MS: 8, PerSecond: 1250, OfFloat: 0.5, Scaling: 2, AllocatedKB: 3, PeerCall: "q", PeerMS: 16, Ratio: 2, AskedRatio: 15, AskedOfFloat: 1,
	}, got[1])
	assert.False(t, got[1].Met())
	assert.True(t, got[0].Met())
}

// Simulated multiply-accumulate units are compared with exact sums, and with what was measured of the peer elsewhere.
func TestRunMAC(t *testing.T) {
	results, err := Run(t.Context(), Options{Network: MAC, Batch: 2, Threads: 2, Repetitions: 1})
	require.NoError(t, err)
	var names []string
	for _, r := range results {
		names = append(names, r.Name)
		assert.Positive(t, r.MS)
		assert.Equal(t, r.Name != "resnet14/mac-exact", r.OfExact > 0, r.Name)
		assert.Zero(t, r.OfFloat)
	}
	assert.Equal(t, []string{"resnet14/mac-exact", "resnet14/mac-wrap16", "resnet14/mac-saturate20", "resnet14/mac"}, names)
	last := results[3]
	assert.InEpsilon(t, 2/0.96*1e3, last.PeerMS, 1e-12)
	assert.InEpsilon(t, last.PerSecond/0.96, last.Ratio, 1e-12)
	slow := Result{OfExact: 0.1, AskedOfExact: 0.2}
	assert.False(t, slow.Met())
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Network: ResNet14, Threads: 1, Repetitions: 1}, "a batch of 0"},
		{Options{Network: "vgg", Batch: 1, Threads: 1, Repetitions: 1}, "known are resnet14, lstm and mac"},
		{Options{Network: LSTM, Batch: 1, Threads: 1, Repetitions: 1, Only: "resnet*"}, "matches"},
		{Options{Network: LSTM, Batch: 1, Threads: 1, Repetitions: 1, Only: "["}, "pattern"},
	} {
		_, err := Run(t.Context(), c.o)
		assert.ErrorContains(t, err, c.want)
	}
}
