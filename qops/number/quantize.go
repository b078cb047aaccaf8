package number

import (
	"runtime"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/pkg/errors"
)

// Float is the type of a tensor's elements.
type Float interface{ float32 | float64 }

// Options are the values that a quantization takes beside the format.
type Options struct {
	// ChannelAxis is the axis of block=channel.
	ChannelAxis int
	// Scales holds the scales to use under scale=run. Under other rules it receives, when not nil, the scales used;
	// its slices are reused.
	Scales *Scales
	// UseScales takes the scales of Scales whatever the scale rule.
	UseScales bool
	// Draw gives the random bits of stochastic rounding.
	Draw Draw
	// Part is what the tensor is of a larger one, where it is one.
	Part Part
	// Threads is the number of threads, 0 for one per processor. The result does not depend on it.
	Threads int
	// Noise asks Quantize for Stats.Signal and Stats.Noise.
	Noise bool
	// Clipped is, when not nil, set for each element to whether overflow acted. It is as long as the tensor.
	Clipped []bool
}

// threads resolves the number of threads.
func (o Options) threads() int {
	if o.Threads > 0 {
		return o.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// grain is the number of elements below which another thread is not worth its start.
const grain = 8192

// Quantize rounds the tensor src, row-major of the given shape, to the values of the format. dst may be src.
//
// It is an error when the format is a rule for sums, or wider than 24 bits on a float32 tensor, when lengths and shape
// do not agree, or when scale=run has no scales.
func Quantize[T Float](f Format, dst, src []T, shape []int, o Options) (Stats, error) {
	if err := f.checkType(isFloat32[T]()); err != nil {
		return Stats{}, err
	}
	if len(dst) != len(src) {
		return Stats{}, errors.Errorf("number: %d elements in, room for %d out", len(src), len(dst))
	}
	if f.width == 0 {
		if err := f.checkTensor(len(src), shape, o); err != nil {
			return Stats{}, err
		}
		clear(o.Clipped)
		copy(dst, src)
		return countSpecial(src), nil
	}
	return quantize(f, src, shape, o, output[T]{values: dst})
}

// Encode rounds the tensor src, row-major of the given shape, to the codes of the format. The widest codes are 32 bits,
// 31 without sign; float32 has no codes. Errors are those of Quantize.
func Encode[T Float](f Format, codes []int32, src []T, shape []int, o Options) (Stats, error) {
	if err := f.checkCodes(); err != nil {
		return Stats{}, err
	}
	if len(codes) != len(src) {
		return Stats{}, errors.Errorf("number: %d elements in, room for %d codes", len(src), len(codes))
	}
	return quantize(f, src, shape, o, output[T]{codes: codes})
}

func quantize[T Float](f Format, src []T, shape []int, o Options, out output[T]) (Stats, error) {
	if err := f.checkTensor(len(src), shape, o); err != nil {
		return Stats{}, err
	}
	blocks, err := f.Blocks(shape, o.ChannelAxis)
	if err != nil {
		return Stats{}, err
	}
	order, start, err := o.Part.order(shape, len(src))
	if err != nil {
		return Stats{}, err
	}
	if t, ok := tilesOf[T](f, blocks, len(src), o); ok {
		return quantizeTiles(f, t, any(src).([]float32), any(out).(output[float32]), blocks, o, order, start), nil
	}
	task := task[T]{format: f, src: src, out: out, blocks: blocks, clipped: o.Clipped, draw: o.Draw.kernel(), order: order, start: start}
	clear(o.Clipped)
	if f.blockByBlock(blocks, len(src), o) {
		task.scales, task.pointwise = o.scales(), f.lined()
		task.scales.room(f, blocks)
		return task.quantizeBlocks(o.threads()), nil
	}
	scales, err := scalesOf(f, src, blocks, o)
	if err != nil {
		return Stats{}, err
	}
	task.scales = scales
	task.pointwise = f.lined() || blocks.Layout.Width > 0 && blocks.short() || scales.poisoned()
	switch {
	case task.pointwise && blocks.short():
		task.cells = newCells(f, blocks, scales)
	case blocks.short():
		task.columns = newColumns[T](f, blocks, scales)
		if o.Clipped == nil {
			task.columns.kernel = task.columns.kernelSteps(f, isFloat32[T](), out.codes != nil)
		}
	}
	if o.Noise && out.values != nil {
		task.noise = make([]noise, ceilDivide(len(src), noisePiece))
	}
	var (
		mutex sync.Mutex
		total = Stats{Count: uint64(len(src))}
	)
	kernel.Parallel(ceilDivide(len(src), noisePiece), grain/noisePiece, o.threads(), func(lo, hi int) {
		stats := task.run(lo*noisePiece, min(hi*noisePiece, len(src)))
		mutex.Lock()
		defer mutex.Unlock()
		total.Add(stats)
	})
	for _, n := range task.noise { // in this order at any number of threads
		total.Signal += n.signal
		total.Noise += n.noise
	}
	return total, nil
}
