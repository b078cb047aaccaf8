package qops

import "github.com/halftone-go/halftone/internal/kernel"

// LeftFactors keeps a goroutine's latest left factors of products, for several products with one.
type LeftFactors struct {
	slots [4]struct {
		of   *Array
		left kernel.Left[float32]
	}
	next  int
	codes [4]struct {
		of   *Array
		bits int
		ok   bool
		left kernel.LeftCodes
	}
	nextCodes int
	exponents []int
}

// Renew forgets the factors of an earlier run.
func (l *LeftFactors) Renew() {
	for i := range l.slots {
		l.slots[i].of = nil
	}
	for i := range l.codes {
		l.codes[i].of = nil
	}
}

// of returns the rows of a, which must be the same at every call between two renewals.
func (l *LeftFactors) of(a *Array, lo, hi int) *kernel.Left[float32] {
	for i := range l.slots {
		if l.slots[i].of == a {
			return &l.slots[i].left
		}
	}
	s := &l.slots[l.next%len(l.slots)]
	l.next++
	k := a.Shape[1]
	s.of = a
	s.left.Set(a.F32[lo*k:hi*k], hi-lo, k)
	return &s.left
}

// onCodes returns the rows of a as codes of so many bits times the powers of two in l.exponents, false if they cannot be
// packed so. The rows must be the same at every call between two renewals.
func (l *LeftFactors) onCodes(a *Array, lo, hi, bits int) (*kernel.LeftCodes, bool) {
	for i := range l.codes {
		if s := &l.codes[i]; s.of == a && s.bits == bits {
			return &s.left, s.ok
		}
	}
	s := &l.codes[l.nextCodes%len(l.codes)]
	l.nextCodes++
	k := a.Shape[1]
	s.of, s.bits = a, bits
	s.ok = s.left.Set(bits, a.F32[lo*k:hi*k], hi-lo, k, l.exponents)
	return &s.left, s.ok
}
