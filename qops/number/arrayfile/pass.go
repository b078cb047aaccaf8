package arrayfile

import (
	"context"

	"github.com/halftone-go/halftone/qops/number"
)

// pass goes over an array, piece by piece.
type pass[T number.Float] struct {
	ctx         context.Context
	job         Job
	plan        plan
	whole       []int // shape of the array
	done, total int   // elements

	scales *number.Scales // if a first pass found them
	stats  number.Stats
}

// pieces reads the array and calls body for each piece: the elements from start on, of the given shape. An array without
// elements is one piece.
func (p *pass[T]) pieces(in *input[T], body func(src []T, shape []int, start int) error) error {
	most := p.plan.pieceRows()
	buffer := make([]T, most*p.plan.elements)
	for row := 0; row == 0 || row < p.plan.rows; row += most {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		rows := min(most, p.plan.rows-row)
		src := buffer[:rows*p.plan.elements]
		if err := in.read(src); err != nil {
			return err
		}
		if err := body(src, p.plan.shape(rows), row*p.plan.elements); err != nil {
			return err
		}
		p.done += len(src)
		if p.job.Progress != nil {
			p.job.Progress(p.done, p.total)
		}
	}
	return nil
}

// gather finds the scales of blocks that reach over the array.
func (p *pass[T]) gather(in *input[T]) error {
	finder, err := number.NewScaleFinder(p.plan.format, p.plan.shape(p.plan.rows), p.job.Axis)
	if err != nil {
		return err
	}
	err = p.pieces(in, func(src []T, _ []int, _ int) error {
		number.FindScales(finder, src, p.job.Threads)
		return nil
	})
	p.scales = finder.Scales()
	return err
}

// quantize rounds the pieces and hands them to the sink.
func (p *pass[T]) quantize(in *input[T], sink sink[T]) error {
	return p.pieces(in, func(src []T, shape []int, start int) error {
		scales := &number.Scales{}
		if p.scales != nil {
			blocks, err := p.plan.format.Blocks(shape, p.job.Axis)
			if err != nil {
				return err
			}
			*scales = *p.scales
			scales.Blocks = blocks
		}
		stats, err := sink.piece(p.plan.format, src, shape, number.Options{
			ChannelAxis: p.job.Axis, Scales: scales, UseScales: p.scales != nil,
			Draw: p.job.Draw, Part: number.Part{Start: start, Shape: p.whole}, Threads: p.job.Threads,
		})
		if err != nil {
			return err
		}
		p.stats.Add(stats)
		return nil
	})
}
