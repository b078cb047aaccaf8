package kernel

import (
	"reflect"
	"sync"
)

// paddedCopy is memory for a sample's planes with what lies around them, which copying leaves as it is.
type paddedCopy[E any] struct{ elements []E }

// paddedCopies keeps such memory from one sample to the next, of any convolution that has the same shape of copy.
type paddedCopies[E any] struct{ pool sync.Pool }

// copiesKey tells copies apart: by shape, and by the type of an element.
type copiesKey struct {
	shape   padded
	element reflect.Type
}

var allCopies sync.Map // of copiesKey to *paddedCopies

// copiesOf returns those of a shape, of so many elements that all have one value at first.
func copiesOf[E any](shape padded, elements int, around E) *paddedCopies[E] {
	key := copiesKey{shape, reflect.TypeFor[E]()}
	if c, ok := allCopies.Load(key); ok {
		return c.(*paddedCopies[E])
	}
	fresh := &paddedCopies[E]{}
	fresh.pool.New = func() any {
		p := &paddedCopy[E]{make([]E, elements)}
		fillWith(p.elements, around)
		return p
	}
	c, _ := allCopies.LoadOrStore(key, fresh)
	return c.(*paddedCopies[E])
}

func (c *paddedCopies[E]) take() *paddedCopy[E]  { return c.pool.Get().(*paddedCopy[E]) }
func (c *paddedCopies[E]) give(p *paddedCopy[E]) { c.pool.Put(p) }

// fillWith sets all elements to the same value.
func fillWith[E any](s []E, value E) {
	s[0] = value
	for n := 1; n < len(s); n *= 2 {
		copy(s[n:], s[:n])
	}
}
