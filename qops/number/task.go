package number

import "github.com/halftone-go/halftone/internal/kernel"

// output is where the result of a quantization goes: one of the two.
type output[T Float] struct {
	values []T
	codes  []int32
}

// task is the quantization of one tensor.
type task[T Float] struct {
	format  Format
	src     []T
	out     output[T]
	blocks  Blocks
	scales  *Scales
	clipped []bool
	noise   []noise // of the pieces, nil if nobody asked
	draw    kernel.Draw
	order   kernel.Order
	start   int // of the tensor in the order

	pointwise bool     // one element after the other, in cells
	cells     []cell   // of all blocks if pointwise and blocks are short, else nil
	columns   *columns // if not pointwise and blocks are short, else nil
}

// shortRun is the number of neighbours in a block below which elements are taken with a step each.
const shortRun = 16

// chunk returns what quantizes elements among lo to hi.
func (t *task[T]) chunk(lo, hi int) *chunk[T] {
	return &chunk[T]{task: t, method: methodOf(t.format), window: window{draw: t.draw, order: t.order, offset: t.start, lo: lo, hi: hi}}
}

// run quantizes the elements lo to hi.
func (t *task[T]) run(lo, hi int) Stats {
	c := t.chunk(lo, hi)
	if t.noise == nil {
		c.run(lo, hi)
		return c.stats
	}
	before := make([]T, 0, noisePiece)
	for lo < hi {
		next := nextMultiple(lo, hi, noisePiece)
		before = append(before[:0], t.src[lo:next]...) // the values may take the place of the elements
		c.run(lo, next)
		t.noise[lo/noisePiece] = noiseOf(before, t.out.values[lo:next])
		lo = next
	}
	return c.stats
}

// run quantizes the elements lo to hi.
func (c *chunk[T]) run(lo, hi int) {
	t := c.task
	if t.pointwise {
		c.points(lo, hi)
		return
	}
	if t.columns != nil {
		if t.columns.kernel != nil {
			c.columnsByKernel(lo, hi)
			return
		}
		for lo < hi {
			next := nextMultiple(lo, hi, chunkLength)
			c.mixed(lo, next)
			lo = next
		}
		return
	}
	for lo < hi {
		block := t.blocks.Of(lo)
		end := t.blocks.runEnd(lo, hi)
		c.setGrid(t.format.grid(t.scales.Step[block], t.scales.zero(block)))
		if g, ok := c.kernelGrid(); ok {
			c.byKernel(lo, end, g)
			lo = end
		}
		for lo < end {
			next := nextMultiple(lo, end, chunkLength)
			c.uniform(lo, next)
			lo = next
		}
	}
}
