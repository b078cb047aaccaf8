package deployment

import (
	"context"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/nets/datasets"
)

// Accuracy is how many test images the integer program classified rightly.
type Accuracy struct {
	Images, Right int
	// Overflows counts, by layer, outputs whose accumulator overflowed.
	Overflows map[string]int64
}

// Share is the share of images classified rightly, from 0 to 1.
func (a Accuracy) Share() float64 { return float64(a.Right) / float64(max(1, a.Images)) }

// evaluationBatch is the number of images that the emulator gets at a time.
const evaluationBatch = 100

// Evaluate runs an integer program on the first images of a set's test part, all of them if limit is 0. progress, if
// not nil, is told how many images are done.
func Evaluate(ctx context.Context, in *emulate.Interpreter, images *datasets.Images, limit, threads int, progress func(done, total int)) (Accuracy, error) {
	a := Accuracy{Overflows: map[string]int64{}}
	total := images.Count(datasets.Test)
	if limit > 0 {
		total = min(total, limit)
	}
	size := images.Channels * images.Height * images.Width
	if got := in.Program().Input; len(got) != 3 || got[0]*got[1]*got[2] != size {
		return a, errors.Errorf("the network takes images of %v, the data set has %d x %d x %d", got, images.Channels, images.Height, images.Width)
	}
	batches, err := datasets.NewBatches[float32](images, datasets.Order{Part: datasets.Test, Limit: limit, Batch: evaluationBatch})
	if err != nil {
		return a, err
	}
	pixels := make([]float32, evaluationBatch*size)
	targets := make([]float32, evaluationBatch*len(images.Classes))
	labels := make([]int32, evaluationBatch)
	for b := range batches.Count() {
		n, err := batches.Fill(b, [][]float32{pixels}, [][]float32{targets})
		if err != nil {
			return a, err
		}
		if err := batches.Labels(b, labels); err != nil {
			return a, err
		}
		result, err := in.Run(ctx, pixels[:n*size], n, emulate.Options{Threads: threads})
		if err != nil {
			return a, err
		}
		for i, class := range result.Output.Argmax()[:n] {
			if int32(class) == labels[i] {
				a.Right++
			}
		}
		for layer, count := range result.Overflows {
			a.Overflows[layer] += count
		}
		a.Images += n
		if progress != nil {
			progress(a.Images, total)
		}
	}
	return a, nil
}

// Evaluate evaluates the integers on the run's test part, or the first `limit` images of it.
func (d *Deployment) Evaluate(ctx context.Context, limit int, progress func(done, total int)) (Accuracy, error) {
	return Evaluate(ctx, d.Interpreter, d.images, limit, threads(d.Trained), progress)
}
