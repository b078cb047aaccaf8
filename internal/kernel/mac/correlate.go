package mac

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// correlation is a set of sums over one sample: of m rows of factors with the source at the places of the outputs.
type correlation[E kernel.Float] struct {
	outputs outputs
	offsets []int // of the terms, from an output's place
	factors []E   // m rows of pitch
	pitch   int   // the number of terms, raised to a multiple of the order's length
	// The output at (i, j) of row r is out[r·plane + place + i·row + j·column].
	place, row, column int
}

// panels is the number of vectors of outputs.
func (c *correlation[E]) panels() int {
	return (c.outputs.height*c.outputs.width + macLanes - 1) / macLanes
}

// memory is what a goroutine works in.
type memory[E kernel.Float] struct {
	source, vectors []E
	sums, queue     []E
	zeros           []E
	pieces          []macPiece
	args            macArgs
}

func newMemory[E kernel.Float](r *macRule, source, vectors, zeros int) *memory[E] {
	w := &memory[E]{source: make([]E, source), vectors: make([]E, vectors), sums: make([]E, macRows*macLanes), zeros: make([]E, zeros)}
	if r.kind.tree {
		w.queue = make([]E, macQueue)
		w.args.queue = unsafe.Pointer(&w.queue[0])
	}
	return w
}

// rows sets the factors of the rows from first on; rows from m on have zeros.
func (w *memory[E]) rows(factors []E, pitch, first, m int) {
	for i := range macRows {
		w.args.rows[i] = unsafe.Pointer(&w.zeros[0])
		if row := first + i; row < m {
			w.args.rows[i] = unsafe.Pointer(&factors[row*pitch])
		}
	}
}

// correlate computes the outputs of all samples: of n, each of inputs elements and of m planes of outputs. Items of work
// are vectors of outputs.
func correlate[E kernel.Float](r *macRule, g *planes, cs []correlation[E], out, in []E, n, m, plane, threads int) {
	perSample, terms := 0, 1
	for i := range cs {
		perSample += cs[i].panels()
		terms = max(terms, cs[i].pitch)
	}
	inputs := g.planes * g.height * g.width
	parallel.Share(n*perSample, 1, threads, func(work *parallel.Work) {
		w := newMemory[E](r, g.size(), terms*macLanes, terms)
		filled := -1
		for lo, hi, ok := work.Next(); ok; lo, hi, ok = work.Next() {
			for item := lo; item < hi; item++ {
				sample, panel := item/perSample, item%perSample
				if sample != filled {
					fillPlanes(g, w.source, in[sample*inputs:(sample+1)*inputs])
					filled = sample
				}
				i := 0
				for panel >= cs[i].panels() {
					panel -= cs[i].panels()
					i++
				}
				cs[i].run(r, w, out[sample*m*plane:(sample+1)*m*plane], panel, m, plane)
			}
		}
	})
}

func (c *correlation[E]) run(r *macRule, w *memory[E], out []E, panel, m, plane int) {
	first := panel * macLanes
	n := min(macLanes, c.outputs.height*c.outputs.width-first)
	w.pieces = c.outputs.pieces(w.pieces[:0], first, n)
	vectors := w.vectors[:c.pitch*macLanes]
	if n < macLanes {
		clear(vectors)
	} else {
		clear(vectors[len(c.offsets)*macLanes:])
	}
	if len(c.offsets) > 0 {
		packPieces(vectors, w.source, c.offsets, w.pieces, c.outputs.columnStep)
	}
	for row := 0; row < m; row += macRows {
		clear(w.sums)
		if len(c.offsets) > 0 {
			w.rows(c.factors, c.pitch, row, m)
			w.args.vectors, w.args.sums = unsafe.Pointer(&vectors[0]), unsafe.Pointer(&w.sums[0])
			r.tile(&w.args, int(unsafe.Sizeof(E(0))), c.pitch)
		}
		for i := range min(macRows, m-row) {
			for _, p := range w.pieces {
				to := out[(row+i)*plane+c.place+p.row*c.row+p.from*c.column:]
				for j, sum := range w.sums[i*macLanes+p.lane:][:p.n] {
					to[j*c.column] = sum
				}
			}
		}
	}
}
