package kernelbench

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/halftone-go/halftone/internal/peer"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var names []string
	results, err := Run(t.Context(), Options{
		Elements: 4096, Threads: 2, Repetitions: 3, Only: "fixed:*",
		Progress: func(done, total int, name string) {
			assert.Equal(t, len(names), done)
			assert.Equal(t, 12, total)
			names = append(names, name)
		},
	})
	require.NoError(t, err)
	require.Len(t, results, 4)
	assert.Equal(t, []string{"copy", "fixed:w8f4,rne,sat", "fixed:w8f4,sr,sat", "fixed:w8f4,rne,sat codes"}, names[:4])
	assert.Equal(t, names[:4], names[8:], "in turns")
	for i, r := range results {
		assert.Equal(t, names[i], r.Name)
		assert.Positive(t, r.Best)
		assert.LessOrEqual(t, r.Best, r.NS)
		assert.Positive(t, r.OfCopy)
		assert.Empty(t, r.PeerCall)
	}
	assert.InDelta(t, 40, results[1].AskedRatio, 0)
	assert.False(t, results[0].Asked())
	assert.True(t, results[1].Asked())
}

// Everything that is timed works, and the names are those of formats.
func TestTasks(t *testing.T) {
	in := newInputs(samples * 64)
	for _, task := range tasks(samples * 64) {
		if task.elements > 1<<17 {
			continue
		}
		ns, err := task.time(in, 1)
		require.NoError(t, err, task.name)
		assert.Positive(t, ns, task.name)
		if format := strings.TrimSuffix(task.name, " codes"); format != copyName {
			assert.Equal(t, format, number.MustParse(format).String())
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Elements: 100, Threads: 1, Repetitions: 1}, "multiple of 256"},
		{Options{Elements: 0, Threads: 1, Repetitions: 1}, "multiple of 256"},
		{Options{Elements: 256, Threads: 1, Repetitions: 0}, "at least 1"},
		{Options{Elements: 256, Threads: 1, Repetitions: 1, Only: "posit*"}, "nothing that is timed matches"},
		{Options{Elements: 256, Threads: 1, Repetitions: 1, Only: "[a"}, "syntax error"},
	} {
		_, err := Run(t.Context(), c.o)
		assert.ErrorContains(t, err, c.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, Options{Elements: 256, Threads: 1, Repetitions: 1, Only: "copy"})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestMedianAndBounds(t *testing.T) {
	assert.InDelta(t, 2, peer.Median([]float64{9, 2, 1}), 0)
	assert.InDelta(t, 1, peer.Median([]float64{9, 1}), 0)
	met := Result{OfCopy: 0.5, AskedOfCopy: 0.5, PeerNS: 1, Ratio: 40, AskedRatio: 40}
	assert.True(t, met.Met())
	slow := met
	slow.OfCopy = 0.49
	assert.False(t, slow.Met())
	beaten := met
	beaten.Ratio = 39
	assert.False(t, beaten.Met())
	beaten.PeerNS = 0
	assert.True(t, beaten.Met(), "without a peer its bound says nothing")
	assert.False(t, Result{NS: 1000, Elements: 2e6, AskedSeconds: 1}.Met())
	assert.True(t, Result{NS: 1000, Elements: 1e6, AskedSeconds: 1}.Met())
}

// Ratios are taken turn by turn: a machine that is ten times as slow in one turn changes none of them.
func TestRatiosOfTurns(t *testing.T) {
	m := turns{copies: []float64{1, 10, 2}, own: []float64{2, 20, 4}, peers: []float64{30, 300, 60}}
	r := m.result(task{name: "x", elements: 256}, Options{Elements: 256, Peer: &peer.Peer{Calls: map[string]string{"x": "f"}}})
	assert.Equal(t, Result{Name: "x", Elements: 256, NS: 4, Best: 2, OfCopy: 0.5, PeerCall: "f", PeerNS: 60, PeerBest: 30, Ratio: 15}, r)
	r = m.result(task{name: "x", elements: 512}, Options{Elements: 256, Peer: &peer.Peer{}})
	assert.Zero(t, r.OfCopy, "a copy of another length says nothing")
}

// The first of two calls warms, and is not timed.
func TestClock(t *testing.T) {
	calls := 0
	ns, err := clock(true, func() error {
		if calls++; calls == 1 {
			time.Sleep(50 * time.Millisecond)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 2, calls)
	assert.Less(t, ns, 50e6)
	broken := errors.New("broken")
	_, err = clock(true, func() error { return broken })
	assert.ErrorIs(t, err, broken)
}

// A shell takes the place of Python, and gives one answer to everything.
func TestRunBesideAPeer(t *testing.T) {
	const program = `printf '{"versions": {}, "peers": {"fixed:w8f4,rne,sat": "fixed(8, 4)"}}\n'; while read name; do echo 2.5; done`
	p, err := peer.Start(t.Context(), "sh", program)
	require.NoError(t, err)
	results, err := Run(t.Context(), Options{Elements: 8192, Threads: 1, Repetitions: 3, Only: "fixed:w8f4,rne,sat", Peer: p})
	require.NoError(t, err)
	require.NoError(t, p.Close())
	r := results[1]
	assert.Equal(t, "fixed(8, 4)", r.PeerCall)
	assert.InDelta(t, 2.5, r.PeerNS, 0)
	assert.InEpsilon(t, 2.5/r.NS, r.Ratio, 1e-9)
	assert.Empty(t, results[0].PeerCall)
}
