package emulate

import (
	"context"
	"slices"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// Jobs is the work that a convolution or dense layer gives to the target's array, for checking hardware with the weights
// and activations of a network: rows of codes times a matrix, and the registers of each output channel.
//
//	code[r][o] = clamp(rule(Bias[o] + sum over k of row[r][k] * Weights[k][o], Multipliers[o]) + Zero, Lo, Hi)
type Jobs struct {
	Layer       string
	K, Outputs  int
	Weights     []int8               // K x Outputs
	Bias        []int64              // what each register starts at, in the accumulator's range
	Multipliers []requant.Multiplier // one for each output
	Zero        int32                // added after the rule
	Lo, Hi      int32                // bounds of the clamp

	interpreter *Interpreter
	layer       int
}

// Job is the work of one image: all rows of a dense layer (one) or of a convolution (one for each output position). The
// slices are valid until the next job.
type Job struct {
	Image int
	Rows  int
	Codes []int16 // Rows x K: the activations as they enter the array, padding included
	Want  []int16 // Rows x Outputs: the codes that must come out
}

// Jobs prepares the work of a layer. It is an error if the layer is no conv or dense one; the message lists those.
func (in *Interpreter) Jobs(layer string) (*Jobs, error) {
	i, m, err := in.multiplication(layer)
	if err != nil {
		return nil, err
	}
	j := &Jobs{
		Layer: layer, K: m.matrix.K, Outputs: m.matrix.Outputs,
		Weights: slices.Clone(m.matrix.Weights), Bias: make([]int64, m.matrix.Outputs), Multipliers: slices.Clone(m.multipliers),
		Zero: m.output.Zero, Lo: m.output.Lo, Hi: m.output.Hi,
		interpreter: in, layer: i,
	}
	for o, start := range m.matrix.Start {
		j.Bias[o], _ = in.program.Target.Accumulator.Limit(start)
	}
	return j, nil
}

// Each runs n images up to the layer and calls yield with the job of each, in order, until it returns an error, which Each
// returns.
func (j *Jobs) Each(ctx context.Context, images []float32, n int, yield func(Job) error) error {
	in := j.interpreter
	if err := in.checkImages(images, n); err != nil {
		return err
	}
	s := in.nodes[j.layer].step.(multiplies) // Jobs has checked it
	w := in.newWorker()
	var job Job
	for image := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.run(in, in.image(images, image), j.layer)
		job.Image, job.Rows, job.Codes, job.Want = image, 0, job.Codes[:0], job.Want[:0]
		s.rows(w.at(in, nil, j.layer), func(rows []int16, rowCount, first int) {
			job.Rows += rowCount
			job.Codes = append(job.Codes, rows...)
			for r := range rowCount {
				for o := range j.Outputs {
					job.Want = append(job.Want, w.codes[j.layer][s.place(first+r, o)])
				}
			}
		})
		if err := yield(job); err != nil {
			return err
		}
	}
	return nil
}

// Multiplying lists the layers that use the target's array: those that Jobs and Bounds take.
func (in *Interpreter) Multiplying() []string {
	var names []string
	for i, n := range in.nodes {
		if _, ok := n.step.(multiplies); ok {
			names = append(names, in.program.Layers[i].Name)
		}
	}
	return names
}

func (in *Interpreter) multiplication(layer string) (int, *multiplication, error) {
	i, err := in.find(layer)
	if err != nil {
		return 0, nil, err
	}
	s, ok := in.nodes[i].step.(multiplies)
	if !ok {
		return 0, nil, errors.Errorf("layer %s is a %s layer, which does not use the array; those that do are %v", layer, in.program.Layers[i].Op.Kind(), in.Multiplying())
	}
	return i, s.multiplication(), nil
}
