package number

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
	return blocks.Layout.Width == 0 && blocks.Count*blocks.Inner == length && !blocks.short() && (blocks.Count > 1 || o.threads() == 1) &&
		blocks.Inner <= cachedBlock
}

// someBlocks quantizes the blocks lo to hi, which lie one behind the other.
func (c *chunk[T]) someBlocks(lo, hi int) {
	for b := lo; b < hi; b++ {
		c.block(b)
	}
}

// block finds the scale of a block and rounds its elements while they are in the cache.
func (c *chunk[T]) block(b int) {
	t := c.task
	inner := t.blocks.Inner
	elements := t.src[b*inner : (b+1)*inner]
	scaler := t.format.spec().(blockScaler)
	needed := scaler.reads(t.format)
	if t.format.compat == qpytorch {
		needed = anyMagnitude
	}
	low, high := extremesRun(elements, needed, 0, 0)
	step, zero := scaler.scale(t.format, float64(low), float64(high))
	t.scales.Step[b] = step
	if t.format.zeroAuto {
		t.scales.Zero[b] = zero
	}
	c.run(b*inner, (b+1)*inner)
}
