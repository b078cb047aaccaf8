package number

import (
	"sync"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/internal/kernel/philox"
	"github.com/halftone-go/halftone/internal/kernel/round"
)

// output is where the result of a quantization goes: one of the two.
type output[T Float] struct {
	values []T
	codes  []int32
}

// task is the quantization of one tensor. Its memory is kept for the next one: a call does not allocate.
type task[T Float] struct {
	format  Format
	recipe  *recipe
	src     []T
	out     output[T]
	blocks  Blocks
	scales  *Scales
	clipped []bool
	draw    philox.Draw
	order   philox.Order
	start   int // of the tensor in the order
	threads int

	pointwise  bool       // one element after the other, in cells
	cells      []cell     // of all blocks if pointwise and blocks are short, else empty
	striped    bool       // not pointwise, and blocks are short
	columns    columns[T] // if striped
	foreign    bool       // the scales are not found in the elements
	noisy      bool       // somebody asked for noise
	noise      []noise    // of the pieces, if noisy
	needed     statistic  // what is searched for
	tiles      round.Tiles
	unit       int       // elements that blocks of tiles lie within
	stepsAsked bool      // for steps of tiles
	exponents  []uint32  // of the elements of a period, for the kernels of shared exponents
	lows       []float64 // extremes of the blocks
	highs      []float64

	own   Scales // where nobody asked for them
	mutex sync.Mutex
	total Stats
	work  work             // what threads share out
	body  func(lo, hi int) // does it, with a chunk of its own; made once, as making it allocates
}

// work is what a thread does with a range of a task.
type work uint8

const (
	somePieces work = iota // of noisePiece elements
	someBlocks
	someRows // blocks that share an exponent
	someElements
	someMaxima // of columns that share an exponent
	someColumns
	someTiles
	someExtremes
)

var (
	tasks32 = sync.Pool{New: func() any { return newTask[float32]() }}
	tasks64 = sync.Pool{New: func() any { return newTask[float64]() }}
)

func newTask[T Float]() *task[T] {
	t := &task[T]{}
	t.body = func(lo, hi int) {
		c := t.chunk()
		switch t.work {
		case somePieces:
			c.pieces(lo*noisePiece, min(hi*noisePiece, len(t.src)))
		case someBlocks:
			c.someBlocks(lo, hi)
		case someRows:
			c.sharedRows(lo, hi)
		case someElements:
			c.sharedElements(lo, hi)
		case someMaxima:
			c.columnMaxima(lo*len(t.exponents), hi*len(t.exponents))
		case someColumns:
			c.sharedColumns(lo*len(t.exponents), hi*len(t.exponents))
		case someTiles:
			c.tilesOf(lo, hi)
		case someExtremes:
			c.extremes(lo, hi)
		}
		t.mutex.Lock()
		t.total.Add(c.stats)
		t.mutex.Unlock()
		c.release()
	}
	return t
}

// takeTask returns a task for the tensor, which release gives back.
func takeTask[T Float](f Format, src []T, blocks Blocks, threads int) *task[T] {
	pool := &tasks64
	if isFloat32[T]() {
		pool = &tasks32
	}
	t := pool.Get().(*task[T])
	t.format, t.recipe, t.src, t.blocks, t.threads = f, f.recipe(), src, blocks, threads
	return t
}

// release gives the task back, without what belongs to others.
func (t *task[T]) release() {
	t.src, t.out, t.scales, t.clipped = nil, output[T]{}, nil, nil
	t.pointwise, t.striped, t.foreign, t.noisy, t.total = false, false, false, false, Stats{}
	clear(t.cells)
	t.cells = t.cells[:0]
	if isFloat32[T]() {
		tasks32.Put(t)
	} else {
		tasks64.Put(t)
	}
}

// share has threads do the work on consecutive ranges of 0..n.
func (t *task[T]) share(n, grain int, work work) {
	t.work = work
	parallel.For(n, grain, t.threads, t.body)
}

// shortRun is the number of neighbours in a block below which elements are taken with a step each.
const shortRun = 16

// pieces quantizes the elements lo to hi.
func (c *chunk[T]) pieces(lo, hi int) {
	t := c.task
	if !t.noisy {
		c.run(lo, hi)
		return
	}
	for lo < hi {
		next := nextMultiple(lo, hi, noisePiece)
		c.before = append(c.before[:0], t.src[lo:next]...) // the values may take the place of the elements
		c.run(lo, next)
		t.noise[lo/noisePiece] = noiseOf(c.before, t.out.values[lo:next])
		lo = next
	}
}

// run quantizes the elements lo to hi.
func (c *chunk[T]) run(lo, hi int) {
	t := c.task
	if t.pointwise {
		c.points(lo, hi)
		return
	}
	if t.striped {
		if t.columns.byKernel {
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
		end := t.blocks.RunEnd(lo, hi)
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
