package mac

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel"
)

// A MAC tile is macRows × macLanes sums: of each row's factors, which lie side by side, with vectors of factors.
const (
	macRows  = 8
	macLanes = 16
)

// macArgs are the arguments of the kernels of MAC tiles. Every field has 8 bytes or is a pair of two 4-byte ones; pointers
// point to elements of the kernel's type.
type macArgs struct {
	rows    [macRows]unsafe.Pointer // factors of the rows, one per term
	vectors unsafe.Pointer          // macLanes factors per term
	sums    unsafe.Pointer          // macRows × macLanes totals, which the kernel goes on with
	queue   unsafe.Pointer          // of trees: macQueue elements
	terms   int                     // of a block, at least 1
	blocks  int                     // blocks of terms
	direct  int                     // 1 where terms are added to the totals one by one, 0 where blocks' sums are
	product macRound
	sum     macRound
	// A sum that is only limited, and whose magnitude is at most that of the float32 pattern calm, reaches no limit within
	// a piece of so many terms.
	piece int
	calm  uint64
}

// macRound is a format as the assembly takes it: float32 patterns. A number of 1.5·2^23 units is the larger one of the
// value's exponent and least, plus shift.
type macRound struct {
	least, shift uint32
	low, high    uint32
}

// macQueue is the number of elements of a tree's leaves and nodes, for a whole tile.
const macQueue = (2*treeLeaves - 1) * macRows * macLanes

// macKind is what kernels differ in.
type macKind struct {
	product, sum bool // is rounded and limited
	limit        bool // sums are only limited
	tree         bool
}

// macRule is a MAC as tiles are run with.
type macRule struct {
	product, sum macFormat
	order        Order
	kind         macKind
	fits         bool // the assembly rounds as the MAC says
	args         [2]macRound
	piece        int
	calm         uint64
}

func newRule[E kernel.Float](m Arithmetic) *macRule {
	r := &macRule{product: newFormat(m.Product), sum: newFormat(m.Sum), order: m.Order}
	p, s := m.Product.active(), m.Sum.active()
	r.kind = macKind{product: p, sum: m.Sum.Rounds, limit: s && !m.Sum.Rounds, tree: m.Order == InTreesOf16}
	var fits [2]bool
	r.args[0], fits[0] = m.Product.pattern()
	r.args[1], fits[1] = m.Sum.pattern()
	r.fits = unsafe.Sizeof(E(0)) == 4 && fits[0] && fits[1] && (m.Product.Rounds && !r.kind.limit || !p && s)
	r.piece, r.calm = m.piece()
	return r
}

// calmTerms is the length of a piece of terms, if no order makes them shorter.
const calmTerms = 16

// piece is the length of pieces of terms, and the pattern of the magnitude of a sum up to which none of it reaches a limit.
func (m Arithmetic) piece() (terms int, calm uint64) {
	terms = calmTerms
	if n := m.Order.length(); n > 1 {
		terms = min(terms, n)
	}
	bound := min(m.Sum.High, -m.Sum.Low) - float64(terms)*m.Most
	if !(m.Most > 0 && bound >= 0) {
		return math.MaxInt, 0
	}
	largest := float32(bound)
	if float64(largest) > bound {
		largest = math.Nextafter32(largest, 0)
	}
	return terms, uint64(math.Float32bits(largest))
}

// active reports whether anything becomes of values.
func (f Format) active() bool { return f.Rounds || f.Limit != Unlimited }

// tile goes on with the sums of a tile over so many terms, a multiple of the order's length.
func (r *macRule) tile(t *macArgs, elementBytes, terms int) {
	t.product, t.sum, t.piece, t.calm = r.args[0], r.args[1], r.piece, r.calm
	t.terms, t.blocks, t.direct = terms, 1, 1
	if n := r.order.length(); n > 1 {
		t.terms, t.blocks, t.direct = n, terms/n, 0
	}
	switch {
	case elementBytes == 4 && r.fits && macKernel(r.kind, t):
	case elementBytes == 4:
		macTileGo[float32](r, t)
	default:
		macTileGo[float64](r, t)
	}
}

// macTileGo is the plain form of all kernels of MAC tiles.
func macTileGo[E kernel.Float](r *macRule, t *macArgs) {
	sums := unsafe.Slice((*E)(t.sums), macRows*macLanes)
	vectors := unsafe.Slice((*E)(t.vectors), t.blocks*t.terms*macLanes)
	for row := range macRows {
		factors := unsafe.Slice((*E)(t.rows[row]), t.blocks*t.terms)
		for lane := range macLanes {
			total := &sums[row*macLanes+lane]
			for block := range t.blocks {
				first := block * t.terms
				term := func(l int) E {
					return macProduct(&r.product, factors[first+l], vectors[(first+l)*macLanes+lane])
				}
				switch {
				case r.kind.tree:
					*total = macAdd(&r.sum, *total, macTree(&r.sum, term))
				case t.direct == 1:
					for l := range t.terms {
						*total = macAdd(&r.sum, *total, term(l))
					}
				default:
					var inner E
					for l := range t.terms {
						inner = macAdd(&r.sum, inner, term(l))
					}
					*total = macAdd(&r.sum, *total, inner)
				}
			}
		}
	}
}

// macTree adds sixteen terms: every node of the tree follows its two children in a queue.
func macTree[E kernel.Float](f *macFormat, term func(l int) E) E {
	var queue [2*treeLeaves - 1]E
	for l := range treeLeaves {
		queue[l] = term(l)
	}
	for i := range treeLeaves - 1 {
		queue[treeLeaves+i] = macAdd(f, queue[2*i], queue[2*i+1])
	}
	return queue[len(queue)-1]
}
