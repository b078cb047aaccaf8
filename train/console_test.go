package train

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// script shows a console a few seconds of a run.
func script(every time.Duration, before, after string) string {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	observe := newConsole(&out, func() time.Time { return clock }, every, before, after)
	p := Progress{Phase: Training, Done: 3, Total: 10, Step: 3, Steps: 10, MeanLoss: 1.5, PerSecond: 320.4, Remaining: 61 * time.Second}
	observe(p) // too soon
	clock = clock.Add(every)
	observe(Progress{Phase: FullGradient, Done: 2, Total: 5, Step: 0, Steps: 10})
	clock = clock.Add(every)
	observe(p)
	observe(Progress{Phase: Evaluation, Done: 2, Total: 2})
	p.Row, p.NewRow = &Row{Step: 3, Epoch: 0.5, TrainLoss: 1.5, Metrics: Metrics{Loss: 1.25, Accuracy: 0.75}, Seconds: 12}, true
	observe(p)
	clock = clock.Add(every)
	p.NewRow = false
	observe(p)
	return out.String()
}

func TestConsole(t *testing.T) {
	lines := []string{
		"step 0/10  full gradient 2/5",
		"step 3/10  loss 1.5000  320 samples/s  1m1s left",
		"step 3  epoch 0.50  train_loss 1.5000  val_loss 1.2500  val_accuracy 0.7500  12 s",
		"step 3/10  loss 1.5000  accuracy 0.75  320 samples/s  1m1s left",
	}
	assert.Equal(t, strings.Join(lines, "\n")+"\n", script(logEvery, "", "\n"))
	assert.Equal(t, clearLine+lines[0]+clearLine+lines[1]+clearLine+clearLine+lines[2]+"\n"+clearLine+lines[3], script(drawEvery, clearLine, ""))
}

// A run reports every step, every batch of a full-gradient pass and of an evaluation, and every row.
func TestObserver(t *testing.T) {
	count := map[Phase]int{}
	var rows []Row
	c := small(t, "halp8", "halp", "T=5")
	c.Observe = func(p Progress) {
		count[p.Phase]++
		if p.NewRow {
			rows = append(rows, *p.Row)
		}
		assert.Equal(t, 20, p.Steps)
		assert.LessOrEqual(t, p.Done, p.Total)
	}
	result := mustRun(t, c)
	assert.Equal(t, result.Rows, rows)
	assert.Equal(t, map[Phase]int{Training: 20 + 3, FullGradient: 4 * 6, Evaluation: 3 * 3}, count)
	assert.Positive(t, result.PerSecond)
}

func TestNewConsole(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		c := small(t, "swalp8", "swalp", "swa-start=2", "swa-every=2")
		c.Observe = NewConsole(&out, terminal)
		mustRun(t, c)
		assert.Contains(t, out.String(), "step 20  epoch 3.33")
		assert.Equal(t, terminal, strings.Contains(out.String(), clearLine))
	}
}
