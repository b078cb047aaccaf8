package optimizers

import (
	"time"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// rounder rounds one tensor of an optimizer: its format, its scales if they come from the optimizer, its random stream.
type rounder[T element] struct {
	name   string
	role   Role
	format number.Format
	shape  []int
	axis   int
	stream number.Stream
	scales *number.Scales // only with scale=run
}

// newRounder returns the rounder of a role's tensor of p, after a trial that shows that the format suits the tensor.
func newRounder[T element](p *Parameter, role Role, seed uint64) (*rounder[T], error) {
	name := tensorName(p, string(role))
	r := &rounder[T]{
		name: name, role: role, format: p.Formats.format(role), shape: p.Shape, stream: number.NewStream(seed, name),
	}
	r.axis = r.format.Axis(p.ChannelAxis, p.SumAxis)
	if r.format.ScaleRule() == number.ScaleRun {
		if role != RoleOffset {
			return nil, errors.Errorf("format %s of %s: only an offset may have scale=run, give the scale or use scale=max", r.format, name)
		}
		blocks, err := r.format.Blocks(p.Shape, r.axis)
		if err != nil {
			return nil, errors.Wrapf(err, "format %s of %s", r.format, name)
		}
		r.scales = &number.Scales{Blocks: blocks, Step: make([]float64, blocks.Count)}
		r.setScale(1)
	}
	if _, err := number.Quantize(r.format, make([]T, p.Value.Len()), make([]T, p.Value.Len()), p.Shape, r.options(0, number.Training, 1)); err != nil {
		return nil, errors.Wrapf(err, "format %s of %s", r.format, name)
	}
	return r, nil
}

// setScale gives all blocks one scale.
func (r *rounder[T]) setScale(step float64) {
	for i := range r.scales.Step {
		r.scales.Step[i] = step
	}
}

func (r *rounder[T]) options(execution uint32, domain number.Domain, threads int) number.Options {
	return number.Options{
		ChannelAxis: r.axis,
		Scales:      r.scales,
		Draw:        number.Draw{Stream: r.stream, Execution: execution, Domain: domain},
		Threads:     threads,
	}
}

// round rounds x in place and counts what that did. Several parameters' tensors may be rounded at the same time.
func (b *base[T]) round(r *rounder[T], x []T, execution uint32, domain number.Domain) error {
	if r.format.IsFloat32() {
		return nil
	}
	var started time.Time
	if b.observe != nil {
		started = time.Now()
	}
	stats, err := number.Quantize(r.format, x, x, r.shape, r.options(execution, domain, b.roundingThreads()))
	if err != nil {
		return errors.Wrapf(err, "rounding %s to %s", r.name, r.format)
	}
	took := time.Since(started)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.observe != nil {
		b.observe(r.role, len(x), took*time.Duration(b.roundingThreads()))
	}
	total := b.rounded[r.role]
	total.Add(stats)
	b.rounded[r.role] = total
	return nil
}

// roundingThreads is how many goroutines a rounding has: one, where other parameters occupy the others.
func (b *base[T]) roundingThreads() int { return max(b.threads/len(b.parameters), 1) }
