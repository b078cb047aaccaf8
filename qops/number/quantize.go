package number

import (
	"runtime"

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
	t := takeTask(f, src, blocks, o.threads())
	t.out, t.clipped, t.draw, t.order, t.start = out, o.Clipped, o.Draw.kernel(), order, start
	if t.scales = o.Scales; t.scales == nil {
		t.scales = &t.own
	}
	err = t.quantize(o)
	stats := t.total
	t.release()
	stats.Count = uint64(len(src))
	return stats, err
}

// quantize chooses how.
func (t *task[T]) quantize(o Options) error {
	if t.quantizeTiles(o) {
		return nil
	}
	clear(o.Clipped)
	if t.quantizeShared(o) {
		return nil
	}
	f, blocks := t.format, t.blocks
	if f.blockByBlock(blocks, len(t.src), o) {
		t.pointwise = t.recipe.lined
		t.scales.room(f, blocks)
		t.share(blocks.Count, ceilDivide(grain, blocks.Inner), someBlocks)
		return nil
	}
	t.foreign = o.UseScales
	if err := t.findScales(o); err != nil {
		return err
	}
	t.pointwise = t.recipe.lined || blocks.Layout.Width > 0 && blocks.short() || t.scales.poisoned()
	switch {
	case t.pointwise && blocks.short():
		t.makeCells()
	case blocks.short():
		t.striped = true
		t.columns.set(f, blocks, t.scales)
		t.columns.setKernel(f, t.out.codes != nil)
		t.columns.byKernel = t.columns.byKernel && (t.out.values != nil || t.clipped == nil) // see count
	}
	if t.noisy = o.Noise && t.out.values != nil; t.noisy {
		t.noise = resize(t.noise, ceilDivide(len(t.src), noisePiece))
	}
	t.share(ceilDivide(len(t.src), noisePiece), grain/noisePiece, somePieces)
	if t.noisy {
		for _, n := range t.noise { // in this order at any number of threads
			t.total.Signal += n.signal
			t.total.Noise += n.noise
		}
	}
	return nil
}
