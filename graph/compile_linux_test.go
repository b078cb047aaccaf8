package graph_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// Compiling takes time in proportion to the steps in time: with 8 times as many not 64 times as long, but 8 times, and what
// the collection of garbage adds.
func TestCompilingIsLinearInTheStepsInTime(t *testing.T) {
	const few, more = 40, 8
	p := shipped(t, "swalp8")
	compile := func(steps int) time.Duration {
		m := stackedLSTM(tensor.Float32, 2, steps, 1, 3)
		best := time.Hour
		for range 2 {
			start := processorTime(t)
			_, err := graph.Compile(m.loss, m.parameters, p)
			require.NoError(t, err)
			best = min(best, processorTime(t)-start)
		}
		return best
	}
	short, long := compile(few), compile(few*more)
	t.Logf("%d steps: %v; %d steps: %v; ratio %.1f", few, short, few*more, long, float64(long)/float64(short))
	require.Less(t, float64(long), 2.5*more*float64(short))
}

// processorTime is what the process has used so far, other programs' time left out.
func processorTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano())
}
