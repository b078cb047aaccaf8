package hwgen

import (
	"fmt"
	"iter"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/halftone-go/halftone/hwgen/unit"
	"github.com/pkg/errors"
)

// Job is a matrix product with requantization, the work of a dense layer or of a convolution whose patches are rows:
//
//	total[n][c] = bias[c] + sum over k of activations[n][k] * weights[k][c]       in the target's accumulator
//	code[n][c]  = clamp(rule(total[n][c], multiplier[c]) + zero, low, high)
//
// Activations and weights are codes as they enter the hardware. The activations' zero point is not subtracted on the way;
// it is part of the bias (bias - zero * sum of the weights).
type Job struct {
	// Name tells where the job comes from, for instance a layer's path; it is shown with a mismatch.
	Name string
	// Vectors (n), Depth (k) and Channels (c) are the sizes of the product.
	Vectors, Depth, Channels int
	Activations              []int32 // Vectors x Depth, row-major
	Weights                  []int32 // Depth x Channels, row-major
	Bias                     []int64 // one for each channel
	// Multiplier has one entry for each channel, or a single one for all. Under a target whose scales are per tensor all
	// entries are the same.
	Multiplier []requant.Multiplier
	// Zero is the zero point of the output codes, Low and High are the bounds of the clamp, which a target without one
	// ignores.
	Zero, Low, High int32
	// Want, if not nil, are the codes that must come out, Vectors x Channels, as another program computed them. Otherwise
	// Verify computes them.
	Want []int32
}

// Jobs is a stream of jobs; an error ends it.
type Jobs = iter.Seq2[*Job, error]

// Each makes a stream of given jobs.
func Each(jobs ...*Job) Jobs {
	return func(yield func(*Job, error) bool) {
		for _, j := range jobs {
			if !yield(j, nil) {
				return
			}
		}
	}
}

// Concat is one stream after the other.
func Concat(streams ...Jobs) Jobs {
	return func(yield func(*Job, error) bool) {
		for _, stream := range streams {
			for j, err := range stream {
				if !yield(j, err) {
					return
				}
			}
		}
	}
}

// Outputs is the number of codes that the job produces.
func (j *Job) Outputs() int { return j.Vectors * j.Channels }

func (j *Job) multiplier(channel int) requant.Multiplier {
	if len(j.Multiplier) == 1 {
		return j.Multiplier[0]
	}
	return j.Multiplier[channel]
}

// check refuses a job that the target's registers or operands cannot hold.
func (j *Job) check(t *target.Target, p *unit.Parameters) error {
	if err := j.checkSizes(p); err != nil {
		return errors.Wrapf(err, "job %s", j.Name)
	}
	for _, list := range []struct {
		what   string
		values []int32
		in     circuit.Type
	}{
		{"activation", j.Activations, p.Activation},
		{"weight", j.Weights, p.Weight},
		{"zero point or clamp bound", []int32{j.Zero, j.Low, j.High}, p.Activation},
	} {
		for i, v := range list.values {
			if !list.in.Contains(int64(v)) {
				return errors.Errorf("job %s: %s %d is %d, which is no %v", j.Name, list.what, i, v, list.in)
			}
		}
	}
	for c, b := range j.Bias {
		if !p.Accumulator.Contains(b) {
			return errors.Errorf("job %s: bias %d is %d, which does not fit %v", j.Name, c, b, t.Accumulator)
		}
	}
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return err
	}
	info := rule.Info()
	for c, m := range j.Multiplier {
		if m.Shift < info.MinShift || m.Shift > info.MaxShift || m.M < 0 || int64(m.M) >= 1<<info.MultiplierBits {
			return errors.Errorf("job %s: multiplier %d, %d * 2^(%d-31), is outside what %s takes", j.Name, c, m.M, m.Shift, t.Requantization)
		}
	}
	return nil
}

func (j *Job) checkSizes(p *unit.Parameters) error {
	if j.Vectors < 1 || j.Depth < 1 || j.Channels < 1 {
		return errors.Errorf("a product of %d x %d by %d x %d has no codes", j.Vectors, j.Depth, j.Depth, j.Channels)
	}
	wanted := 0
	if j.Want != nil {
		wanted = j.Outputs()
	}
	for _, list := range []struct {
		what      string
		got, want int
	}{
		{"activations", len(j.Activations), j.Vectors * j.Depth},
		{"weights", len(j.Weights), j.Depth * j.Channels},
		{"biases", len(j.Bias), j.Channels},
		{"wanted codes", len(j.Want), wanted},
	} {
		if list.got != list.want {
			return errors.Errorf("%d %s where its sizes ask for %d", list.got, list.what, list.want)
		}
	}
	switch {
	case len(j.Multiplier) == 1:
		return nil
	case len(j.Multiplier) != j.Channels:
		return errors.Errorf("%d multipliers for %d channels", len(j.Multiplier), j.Channels)
	case p.PerChannel:
		return nil
	}
	for c, m := range j.Multiplier {
		if m != j.Multiplier[0] {
			return errors.Errorf("the multiplier of channel %d is not that of channel 0, but the target's scales are per-tensor", c)
		}
	}
	return nil
}

// Mismatch is a code that the hardware got wrong.
type Mismatch struct {
	Job             *Job
	Vector, Channel int
	Total           int64 // what the accumulator should hold
	Want            int32
	Got             string
}

// shownTerms bounds the terms of a sum that a message lists.
const shownTerms = 64

func (m *Mismatch) String() string {
	j := m.Job
	terms := min(j.Depth, shownTerms)
	activations := make([]int32, terms)
	weights := make([]int32, terms)
	for k := range terms {
		activations[k] = j.Activations[m.Vector*j.Depth+k]
		weights[k] = j.Weights[k*j.Channels+m.Channel]
	}
	more := ""
	if terms < j.Depth {
		more = fmt.Sprintf(" (the first %d of %d)", terms, j.Depth)
	}
	multiplier := j.multiplier(m.Channel)
	return fmt.Sprintf("job %s, vector %d, channel %d: want %d, got %s\n"+
		"  total %d, multiplier %d, shift %d, bias %d, zero point %d, clamp %d..%d\n  activations%s %v\n  weights%s %v",
		j.Name, m.Vector, m.Channel, m.Want, m.Got, m.Total, multiplier.M, multiplier.Shift, j.Bias[m.Channel], j.Zero, j.Low, j.High,
		more, activations, more, weights)
}
