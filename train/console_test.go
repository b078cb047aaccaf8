package train

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLog(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	observe := newLog(&out, func() time.Time { return clock })
	p := Progress{Phase: Training, Done: 3, Total: 10, Step: 3, Steps: 10, MeanLoss: 1.5, PerSecond: 320.4, Remaining: 61 * time.Second}
	observe(p)
	assert.Empty(t, out.String(), "too soon")
	clock = clock.Add(logEvery)
	observe(p)
	clock = clock.Add(logEvery)
	observe(Progress{Phase: FullGradient, Done: 2, Total: 5, Step: 0, Steps: 10})
	p.Row, p.NewRow = &Row{Step: 3, Epoch: 0.5, TrainLoss: 1.5, Metrics: Metrics{Loss: 1.25, Accuracy: 0.75}, Seconds: 12}, true
	observe(p)
	clock = clock.Add(logEvery)
	p.NewRow = false
	observe(p)
	assert.Equal(t, strings.Join([]string{
		"step 3/10  loss 1.5000  320 samples/s  1m1s left",
		"step 0/10  full gradient 2/5  0 samples/s",
		"step 3  epoch 0.50  train_loss 1.5000  val_loss 1.2500  val_accuracy 0.7500  12 s",
		"step 3/10  loss 1.5000  val_accuracy 0.75  320 samples/s  1m1s left",
		"",
	}, "\n"), out.String())
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

func TestBar(t *testing.T) {
	var out bytes.Buffer
	c := small(t, "swalp8", "swalp", "swa-start=2", "swa-every=2")
	c.Observe = NewConsole(&out, true)
	mustRun(t, c)
	assert.Contains(t, out.String(), "step 20  epoch 3.33")
	assert.Contains(t, out.String(), "val_accuracy")
	assert.Contains(t, out.String(), "(0/20)")
}
