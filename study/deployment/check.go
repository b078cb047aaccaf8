package deployment

import (
	"context"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/qops/number"
)

// LayerCheck compares the codes of one layer of the simulated graph with the emulator's.
type LayerCheck struct {
	Layer      string
	Codes      int // compared
	Mismatches int
}

// Check runs the simulated graph and the emulator on the first test images and compares the codes of every layer.
// progress, if not nil, is told how many images are done.
func (d *Deployment) Check(ctx context.Context, images int, progress func(done int)) ([]LayerCheck, error) {
	feed, err := d.feed(datasets.Test, images)
	if err != nil {
		return nil, err
	}
	layers := d.Simulated.IntegerLayers()
	checks := make([]LayerCheck, len(layers))
	done := 0
	for b := 0; ; b++ {
		more, err := feed.next(b)
		if err != nil || !more {
			return checks, err
		}
		if err := d.Simulated.Run(graph.Pass{Evaluation: true, Domain: number.Evaluation, Execution: uint32(b)}); err != nil {
			return nil, err
		}
		result, err := d.Interpreter.Run(ctx, feed.inputs, d.Trained.Net.Batch, emulate.Options{Threads: threads(d.Trained), Keep: emulate.All})
		if err != nil {
			return nil, err
		}
		for i, l := range layers {
			want, got := d.Simulated.Codes(l.Name), result.Layers[l.Name].Data
			n := len(want) / d.Trained.Net.Batch * feed.samples
			checks[i].Layer = l.Name
			checks[i].Codes += n
			for j := range n {
				if want[j] != got[j] {
					checks[i].Mismatches++
				}
			}
		}
		done += feed.samples
		if progress != nil {
			progress(done)
		}
	}
}

// Mismatches adds up the mismatches of all layers.
func Mismatches(checks []LayerCheck) (codes, mismatches int) {
	for _, c := range checks {
		codes += c.Codes
		mismatches += c.Mismatches
	}
	return codes, mismatches
}
