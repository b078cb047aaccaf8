package train

import (
	"context"
	"math"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/kernel/elementary"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/qops/number"
)

// Metrics is how well a network does on the test part.
type Metrics struct {
	// Samples is the number of images, or of windows of text.
	Samples int
	// Loss is the mean loss per image, or per character.
	Loss float64
	// Text says which of the next two holds.
	Text bool
	// Accuracy is the share of images whose class has the largest logit, from 0 to 1.
	Accuracy float64
	// Perplexity is exp(Loss).
	Perplexity float64
}

// Score is the accuracy, or the perplexity, with its name.
func (m Metrics) Score() (name string, value float64) {
	if m.Text {
		return "val_perplexity", m.Perplexity
	}
	return "val_accuracy", m.Accuracy
}

// evaluate runs the network forward over the test part, with running statistics. The execution number of a pass is that of
// its batch. done is called after every batch.
func (n *network) evaluate(ctx context.Context, done func(done, total int)) (Metrics, error) {
	_, text := n.config.Set.(*datasets.Text)
	m := Metrics{Text: text}
	labels := make([]int32, n.config.Batch)
	sum, right := 0.0, 0
	for b := range n.test.Count() {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		samples, err := n.feeder.feed(batchKey{part: datasets.Test, batch: b})
		if err != nil {
			return m, err
		}
		if b+1 < n.test.Count() {
			n.feeder.prepare(batchKey{part: datasets.Test, batch: b + 1})
		}
		if err := n.program.Run(graph.Pass{Domain: number.Evaluation, Execution: uint32(b), Evaluation: true}); err != nil {
			return m, errors.Wrapf(err, "evaluation, batch %d", b)
		}
		// The loss is the mean over the batch, in which copies count nothing.
		sum += float64(n.program.Loss() * float64(n.config.Batch))
		m.Samples += samples
		if !text {
			if err := n.test.Labels(b, labels); err != nil {
				return m, err
			}
			right += hits(n.program.Output(n.net.Output).F32, labels[:samples], n.config.Batch)
		}
		done(b+1, n.test.Count())
	}
	m.Loss = sum / float64(m.Samples)
	if text {
		m.Perplexity = elementary.Exp(m.Loss)
	} else {
		m.Accuracy = float64(right) / float64(m.Samples)
	}
	return m, nil
}

// hits counts the rows of logits, of which there are rows, whose largest one is at the label; of equal ones the first
// counts.
func hits(logits []float32, labels []int32, rows int) int {
	classes := len(logits) / rows
	count := 0
	for i, label := range labels {
		best, at := float32(math.Inf(-1)), -1
		for j, v := range logits[i*classes : (i+1)*classes] {
			if v > best {
				best, at = v, j
			}
		}
		if at == int(label) {
			count++
		}
	}
	return count
}
