package round

import (
	"sync"
	"unsafe"
)

// packLength is how many elements of short rows are rounded at a time, in a copy.
const packLength = 512

// scratch is memory of a call that rounds.
type scratch struct {
	window    [randomWindow]uint16 // random bits of the next elements
	inputs    [packLength]float32
	outputs   [packLength]float32 // or codes
	bits      [packLength]uint16
	exponents [packLength / 16]int16
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// outputsOf returns the memory for outputs.
func outputsOf[O output](s *scratch) []O {
	return unsafe.Slice((*O)(unsafe.Pointer(&s.outputs)), len(s.outputs))
}
