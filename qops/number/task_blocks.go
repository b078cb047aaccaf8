package number

import (
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

// cachedBlock is the number of elements of a block that stays in the second-level cache from the search for its extremes
// to the rounding of its elements.
const cachedBlock = 1 << 16

// blockByBlock reports whether a tensor of so many elements is quantized one block after the other, as each is a run of
// neighbours whose scale comes from its own extremes.
func (f Format) blockByBlock(blocks Blocks, length int, o Options) bool {
	scaler, ok := f.spec().(blockScaler)
	if !ok || scaler.reads(f) == nothing || f.scaleRule == ScaleRun || o.UseScales || o.Noise {
		return false
	}
	if fit, ok := f.spec().(fitter); ok && fit.fits(f) {
		return false
	}
	if p, ok := f.spec().(poisoner); ok && p.poisoned(f) && f.compat != qpytorch {
		return false
	}
	return blocks.Layout.Width == 0 && blocks.Count*blocks.Inner == length && !blocks.short() && blocks.Count > 1 &&
		blocks.Inner <= cachedBlock
}

// quantizeBlocks finds the scale of each block and rounds its elements while they are in the cache.
func (t *task[T]) quantizeBlocks(threads int) Stats {
	inner := t.blocks.Inner
	scaler := t.format.spec().(blockScaler)
	needed := scaler.reads(t.format)
	var (
		mutex sync.Mutex
		total = Stats{Count: uint64(len(t.src))}
	)
	kernel.Parallel(t.blocks.Count, ceilDivide(grain, inner), threads, func(lo, hi int) {
		c := t.chunk(lo*inner, hi*inner)
		for b := lo; b < hi; b++ {
			elements := t.src[b*inner : (b+1)*inner]
			var (
				step float64
				zero int32
			)
			if t.format.compat == qpytorch {
				step = qpytorchStep(t.format, elements)
				c.finite = step == step
			} else {
				low, high := extremesRun(elements, needed, 0, 0)
				step, zero = scaler.scale(t.format, float64(low), float64(high))
			}
			t.scales.Step[b] = step
			if t.format.zeroAuto {
				t.scales.Zero[b] = zero
			}
			c.run(b*inner, (b+1)*inner)
		}
		mutex.Lock()
		defer mutex.Unlock()
		total.Add(c.stats)
	})
	return total
}
