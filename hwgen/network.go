package hwgen

import (
	"context"

	"github.com/halftone-go/halftone/emulate"
	"github.com/pkg/errors"
)

// errStop ends a stream that nobody reads any more.
var errStop = errors.New("no more jobs wanted")

// FromNetwork is the work that the given layers of a network (nil: all that use the array) do for n images: activations,
// weights and registers as the emulator has them. The codes that it computes are the ones that the hardware must give.
//
// images are row-major in (n, shape of the program's input).
func FromNetwork(ctx context.Context, in *emulate.Interpreter, images []float32, n int, layers []string) Jobs {
	if layers == nil {
		layers = in.Multiplying()
	}
	return func(yield func(*Job, error) bool) {
		for _, layer := range layers {
			jobs, err := in.Jobs(layer)
			if err == nil {
				err = jobs.Each(ctx, images, n, func(e emulate.Job) error {
					if !yield(fromEmulator(jobs, e), nil) {
						return errStop
					}
					return nil
				})
			}
			if errors.Is(err, errStop) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

func fromEmulator(jobs *emulate.Jobs, e emulate.Job) *Job {
	return &Job{
		Name:    jobs.Layer,
		Vectors: e.Rows, Depth: jobs.K, Channels: jobs.Outputs,
		Activations: widen(e.Codes), Weights: widen(jobs.Weights), Bias: jobs.Bias, Multiplier: jobs.Multipliers,
		Zero: jobs.Zero, Low: jobs.Lo, High: jobs.Hi,
		Want: widen(e.Want),
	}
}

func widen[T int8 | int16](codes []T) []int32 {
	list := make([]int32, len(codes))
	for i, c := range codes {
		list[i] = int32(c)
	}
	return list
}

// NetworkRequantizations are the different contents of the run-time registers that the given layers of a network (nil:
// all that use the array) need, for Corners.
func NetworkRequantizations(in *emulate.Interpreter, layers []string) ([]Requantization, error) {
	if layers == nil {
		layers = in.Multiplying()
	}
	var list []Requantization
	seen := map[Requantization]bool{}
	for _, layer := range layers {
		jobs, err := in.Jobs(layer)
		if err != nil {
			return nil, err
		}
		for _, m := range jobs.Multipliers {
			r := Requantization{Multiplier: m, Zero: jobs.Zero, Low: jobs.Lo, High: jobs.Hi}
			if !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
		}
	}
	return list, nil
}
