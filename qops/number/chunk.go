package number

import (
	"math"
	"sync"
)

// chunkLength is the number of elements that pass through a chunk's buffers at a time, which stay in the first-level
// cache.
const chunkLength = 512

// maxFastWidth keeps quotients with 16 random bits inside the 53 bits of a float64.
const maxFastWidth = 32

// method is how a chunk is rounded. All but exactly work on quotients in float64, and leave to the definition what
// these cannot decide.
type method uint8

const (
	exactly method = iota // element by element, by the definition
	nearestEven
	floor
	stochastic
)

// methodOf returns the method for a format.
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
	method method
	stats  Stats
	window window

	// grid and what is derived from it hold for all elements of a block.
	grid    grid
	inverse float64 // of a step that is a power of two, else 0
	plain   bool    // offset * step in float64 loses nothing that T has

	start  int
	x      []T
	random []uint16 // none if rounding is not stochastic

	quotients           []float64
	offsets             []int64
	scratch             []T      // elements as they were
	before              []T      // the same, where noise is asked for
	words               []uint16 // codes from a kernel
	largest             []uint32 // patterns of largest magnitudes, or exponents, from a kernel
	tileExponents       []int16
	narrow              []int16 // codes of tiles
	lows, highs         []T     // extremes of the blocks
	someLows, someHighs []T     // of the elements of some periods
	table               blockTable
	cell                cell          // of the block that is quantized, unless the task has it
	shifted             qpytorchBlock // the line of that cell, under +qpytorch
}

var (
	chunks32 = sync.Pool{New: func() any { return &chunk[float32]{} }}
	chunks64 = sync.Pool{New: func() any { return &chunk[float64]{} }}
)

// chunk returns what quantizes elements of the task. release gives it back.
func (t *task[T]) chunk() *chunk[T] {
	pool := &chunks64
	if isFloat32[T]() {
		pool = &chunks32
	}
	c := pool.Get().(*chunk[T])
	c.task, c.method, c.stats, c.table = t, methodOf(t.format), Stats{}, blockTable{}
	c.window.begin(t.draw, t.order, t.start, len(t.src))
	return c
}

// release gives the chunk back, without what belongs to others.
func (c *chunk[T]) release() {
	c.task, c.x, c.random, c.cell, c.table = nil, nil, nil, cell{}, blockTable{}
	if isFloat32[T]() {
		chunks32.Put(c)
	} else {
		chunks64.Put(c)
	}
}

func (c *chunk[T]) setGrid(g grid) {
	c.grid = g
	c.inverse = inversePowerOfTwo(g.step)
	c.plain = plainStep[T](g.step)
}

// plainStep reports whether the product of an offset and the step in float64 loses nothing that T has.
func plainStep[T Float](step float64) bool {
	return !isFloat32[T]() || float64(float32(step)) == step
}

// inversePowerOfTwo returns 1/step if that is exact, else 0.
func inversePowerOfTwo(step float64) float64 {
	if fraction, _ := math.Frexp(step); fraction != 0.5 {
		return 0
	}
	return 1 / step
}

// load takes the elements lo to hi and their random bits.
func (c *chunk[T]) load(lo, hi int) {
	if c.offsets == nil {
		c.offsets, c.quotients = make([]int64, chunkLength), make([]float64, chunkLength)
	}
	c.start, c.x = lo, c.task.src[lo:hi]
	if c.task.format.Stochastic() {
		c.random = c.window.bits(lo, hi)
	}
}

// uniform quantizes the elements lo to hi, which lie in the block of the grid.
func (c *chunk[T]) uniform(lo, hi int) {
	c.load(lo, hi)
	if c.method != exactly {
		c.divide()
		least, most := c.grid.offsets()
		c.round(least, most, c.inverse != 0)
	} else {
		for i := range c.x {
			c.exactly(i)
		}
	}
	c.store(lo, hi)
}

// divide fills the quotients: exact when the step is a power of two (but for elements so small or large that the
// quotient becomes subnormal, 0 or infinite; rounding looks at the last two again), else rounded to float64.
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
	if c.task.striped {
		g = &c.task.columns.grids[c.task.blocks.Of(c.start+i)]
	}
	var r uint32
	if c.random != nil {
		r = uint32(c.random[i])
	}
	code, clipped := g.round(x, r)
	c.offsets[i] = code - int64(g.zero)
	c.stats.note(x, clipped, c.offsets[i] == 0)
	if clipped && c.task.clipped != nil {
		c.task.clipped[c.start+i] = true
	}
}

// store writes the offsets as values or codes.
func (c *chunk[T]) store(lo, hi int) {
	offsets, step := c.offsets[:hi-lo], c.grid.step
	if codes := c.task.out.codes; codes != nil {
		zero := int64(c.grid.zero)
		codes = codes[lo:hi]
		for i, offset := range offsets {
			codes[i] = int32(offset + zero)
		}
		return
	}
	values := c.task.out.values[lo:hi]
	if c.plain {
		for i, offset := range offsets {
			values[i] = T(float64(offset)*step) + 0 // never -0
		}
		return
	}
	for i, offset := range offsets {
		values[i] = value[T](offset, step)
	}
}
