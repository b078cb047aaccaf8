package deploy

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops/number"
)

// Feed puts the next batch of calibration images into the model's inputs and returns false when there is none.
type Feed func(batch int) (bool, error)

// extremes are the smallest and largest value that a tensor took.
type extremes struct{ lo, hi float64 }

// Calibrate runs the model with folded batch norms in float32 on the batches that feed gives and chooses scales:
// an input's or activation's from the smallest and largest value of its tensor, a weight's from the largest magnitude
// of its output channel. For a rule that only shifts all scales are rounded up to powers of two.
func Calibrate(ctx context.Context, m Model, t *target.Target, feed Feed, opts ...graph.Option) (*Network, error) {
	seen := map[string]*extremes{}
	program, err := graph.CompileDeployed(gorgonia.Nodes{m.Output}, m.Parameters, floatPolicy(), graph.Deployment{
		Running: m.Running,
	}, append(slices.Clone(opts), graph.WithObserver(func(x graph.Tensor) {
		if x.Layer {
			observe(seen, x)
		}
	}))...)
	if err != nil {
		return nil, err
	}
	batches := 0
	for ; ; batches++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		more, err := feed(batches)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if err := program.Run(graph.Pass{Evaluation: true, Domain: number.Evaluation, Execution: uint32(batches)}); err != nil {
			return nil, err
		}
		for _, x := range program.Feeds() {
			if x.Role == policy.Input && x.Layer {
				observe(seen, x)
			}
		}
	}
	if batches == 0 {
		return nil, errors.New("deploy: no images to calibrate on")
	}
	network := &Network{Policy: integerPolicy(t), Target: t, Scales: map[string]number.Scales{}}
	shifts := isShift(t)
	for name, e := range seen {
		s, err := activationScales(network.Policy.Default[policy.Activation], e, shifts)
		if err != nil {
			return nil, errors.Wrapf(err, "deploy: tensor %q", name)
		}
		network.Scales[name] = s
	}
	for _, x := range program.Feeds() {
		if x.Role != policy.Weight {
			continue
		}
		s, err := weightScales(network.Policy.Default[policy.Weight], x, shifts)
		if err != nil {
			return nil, errors.Wrapf(err, "deploy: weight %q", x.Name)
		}
		network.Scales[x.Name] = s
	}
	return network, nil
}

// isShift reports that the target's rule has no multiplier.
func isShift(t *target.Target) bool {
	return strings.HasPrefix(t.Requantization, "shift.")
}

func observe(seen map[string]*extremes, x graph.Tensor) {
	e := seen[x.Name]
	if e == nil {
		e = &extremes{}
		seen[x.Name] = e
	}
	for _, v := range x.Array.F32 {
		e.add(float64(v))
	}
	for _, v := range x.Array.F64 {
		e.add(v)
	}
}

func (e *extremes) add(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	e.lo, e.hi = min(e.lo, v), max(e.hi, v)
}

// activationScales is the affine scale that the format's own scale=max gives for a tensor from lo to hi.
func activationScales(f number.Format, e *extremes, shift bool) (number.Scales, error) {
	measured, err := maximum(f)
	if err != nil {
		return number.Scales{}, err
	}
	var s number.Scales
	ends := []float64{e.lo, e.hi}
	if _, err := number.Quantize(measured, make([]float64, 2), ends, []int{2}, number.Options{Scales: &s}); err != nil {
		return s, err
	}
	if shift {
		s.Step[0] = nextPowerOfTwo(s.Step[0])
		lo, hi := f.CodeRange()
		zero := math.RoundToEven(float64(lo) - math.Min(e.lo, 0)/s.Step[0])
		s.Zero[0] = int32(math.Min(math.Max(zero, float64(lo)), float64(hi)))
	}
	s.Blocks = number.Blocks{Count: 1, Inner: 1}
	return s, nil
}

func weightScales(f number.Format, x graph.Tensor, shift bool) (number.Scales, error) {
	measured, err := maximum(f)
	if err != nil {
		return number.Scales{}, err
	}
	var s number.Scales
	options := number.Options{Scales: &s, ChannelAxis: x.ChannelAxis}
	if x.Array.F64 != nil {
		_, err = number.Quantize(measured, make([]float64, x.Array.Size()), x.Array.F64, x.Array.Shape, options)
	} else {
		_, err = number.Quantize(measured, make([]float32, x.Array.Size()), x.Array.F32, x.Array.Shape, options)
	}
	if err != nil {
		return s, err
	}
	if shift {
		for i, step := range s.Step {
			s.Step[i] = nextPowerOfTwo(step)
		}
	}
	return s, nil
}

// maximum is the format with its scale taken from the largest value instead of from outside.
func maximum(f number.Format) (number.Format, error) {
	return number.Parse(strings.Replace(f.String(), "scale=run", "scale=max", 1))
}

func nextPowerOfTwo(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	if fraction == 0.5 {
		return x
	}
	return math.Ldexp(1, exponent)
}
