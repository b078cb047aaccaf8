package number

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
)

// chunkLength is the number of elements that pass through a chunk's buffers at a time. It is a multiple of the 128
// elements that share blocks of random bits, and keeps the buffers inside the first-level cache.
const chunkLength = 512

// Steps within these bounds have quotients and inverses that are normal float64 numbers.
const (
	minFastStep = 0x1p-600
	maxFastStep = 0x1p600
	// maxFastWidth keeps quotients with 16 random bits inside 53 bits.
	maxFastWidth = 32
)

func fastStep(step float64) bool { return step >= minFastStep && step <= maxFastStep }

// method is how a chunk is rounded. All but exactly work on quotients in float64, and leave to the definition what
// these cannot decide.
type method uint8

const (
	exactly method = iota // element by element, by the definition
	nearestEven
	floor
	stochastic
)

// methodOf returns the method for grids with steps within the bounds.
func methodOf(f Format) method {
	switch {
	case f.width > maxFastWidth:
		return exactly
	case f.rounding == NearestEven:
		return nearestEven
	case f.rounding == Floor:
		return floor
	case f.Stochastic():
		return stochastic
	default:
		return exactly
	}
}

// chunk quantizes a few elements at a time, in three passes: quotients by the step, offsets (code - zero), values.
type chunk[T Float] struct {
	task   *task[T]
	method method // of the format
	stats  Stats

	// grid and what is derived from it hold for all elements of a block.
	grid       grid
	fast       bool    // the step is within the bounds
	inverse    float64 // of a step that is a power of two, else 0
	plain      bool    // offset * step in float64 loses nothing that T has
	useKernel  bool
	kernelGrid kernel.Grid

	start     int
	x         []T
	quotients [chunkLength]float64
	offsets   [chunkLength]int64
	random    [chunkLength]uint16
}

func newChunk[T Float](t *task[T]) *chunk[T] {
	return &chunk[T]{task: t, method: methodOf(t.format)}
}

func (c *chunk[T]) setGrid(g grid) {
	c.grid = g
	c.fast = fastStep(g.step)
	c.inverse = inversePowerOfTwo(g.step)
	c.plain = !isFloat32[T]() || float64(float32(g.step)) == g.step
	c.useKernel = isFloat32[T]() && c.task.out.values != nil && c.task.clipped == nil &&
		c.fast && c.plain && c.method != exactly && g.format.overflow.saturates() && g.format.width <= maxFloat32Width
	if c.useKernel {
		c.kernelGrid = kernel.Grid{Step: g.step, Zero: g.zero, Lo: int32(g.lo), Hi: int32(g.hi)}
		c.useKernel = c.kernelGrid.Fits()
	}
}

// inversePowerOfTwo returns 1/step if that is exact, else 0.
func inversePowerOfTwo(step float64) float64 {
	if fraction, _ := math.Frexp(step); fraction != 0.5 {
		return 0
	}
	return 1 / step
}

// uniform quantizes the elements lo to hi, which lie in the block of the grid.
func (c *chunk[T]) uniform(lo, hi int) {
	c.load(lo, hi)
	if c.useKernel {
		c.byKernel(lo, hi)
		return
	}
	if !c.fast || c.method == exactly {
		for i := range c.x {
			c.exactly(i)
		}
	} else {
		c.divide()
		lo, hi := c.grid.offsets()
		c.round(lo, hi, c.inverse != 0)
	}
	c.store(lo, hi)
}

// load takes the elements lo to hi and draws their random bits.
func (c *chunk[T]) load(lo, hi int) {
	c.start, c.x = lo, c.task.src[lo:hi]
	if c.task.format.Stochastic() {
		kernel.RandomBits(c.random[:hi-lo], c.task.draw, c.task.order, lo)
	}
}

// byKernel leaves a chunk of float32 values to the kernels.
func (c *chunk[T]) byKernel(lo, hi int) {
	dst, src := any(c.task.out.values[lo:hi]).([]float32), any(c.x).([]float32)
	var counts kernel.Counts
	switch c.method {
	case nearestEven:
		counts = kernel.RoundNearest(dst, src, c.kernelGrid)
	case floor:
		counts = kernel.RoundFloor(dst, src, c.kernelGrid)
	case stochastic:
		counts = kernel.RoundStochastic(dst, src, c.random[:hi-lo], c.task.format.rounding.Bits(), c.kernelGrid)
	}
	c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
}

// divide fills the quotients: exact when the step is a power of two (but for float64 elements so small or large that
// the quotient is 0 or infinite, which rounding looks at again), else rounded to float64.
func (c *chunk[T]) divide() {
	quotients := c.quotients[:len(c.x)]
	if inverse := c.inverse; inverse != 0 {
		for i, x := range c.x {
			quotients[i] = float64(x) * inverse
		}
		return
	}
	step := c.grid.step
	for i, x := range c.x {
		quotients[i] = float64(x) / step
	}
}

// exactly rounds element i by the definition.
func (c *chunk[T]) exactly(i int) {
	x, g := float64(c.x[i]), &c.grid
	if c.task.columns != nil {
		g = &c.task.columns.grids[c.task.blocks.Of(c.start+i)]
	}
	code, clipped := g.round(x, uint32(c.random[i]))
	c.offsets[i] = code - int64(g.zero)
	c.stats.note(x, clipped, c.offsets[i] == 0)
	if clipped && c.task.clipped != nil {
		c.task.clipped[c.start+i] = true
	}
}

// store writes the offsets as values or codes.
func (c *chunk[T]) store(lo, hi int) {
	offsets := c.offsets[:hi-lo]
	if codes := c.task.out.codes; codes != nil {
		codes = codes[lo:hi]
		for i, offset := range offsets {
			codes[i] = int32(offset + int64(c.grid.zero))
		}
		return
	}
	values, step := c.task.out.values[lo:hi], c.grid.step
	if !c.plain {
		for i, offset := range offsets {
			values[i] = value[T](offset, step)
		}
		return
	}
	for i, offset := range offsets {
		values[i] = T(float64(offset)*step) + 0 // never -0
	}
}
