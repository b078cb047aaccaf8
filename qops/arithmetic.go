package qops

import (
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Arithmetic is the kind of numbers that an op multiplied and added in its last run.
type Arithmetic int32

// The arithmetics; OfTensor is the type of the tensor itself.
const (
	OfTensor Arithmetic = iota
	Float64
	Int16
	Int8
)

// String gives the name of the arithmetic.
func (a Arithmetic) String() string {
	return [...]string{"tensor's", "float64", "int16", "int8"}[a]
}

// Multiplying is implemented by ops that choose among several arithmetics, run by run.
type Multiplying interface {
	// RanIn is the arithmetic of the last run.
	RanIn() Arithmetic
}

// RanIn is the arithmetic that an op's last run took.
func RanIn(op Op) Arithmetic {
	if m, ok := op.(Multiplying); ok {
		return m.RanIn()
	}
	return OfTensor
}

// arithmetic remembers the arithmetic of an op's last run, parts of which may run at the same time.
type arithmetic struct{ last atomic.Int32 }

func (a *arithmetic) ran(in Arithmetic) {
	if a.last.Load() != int32(in) { // or else threads would take it out of each other's cache
		a.last.Store(int32(in))
	}
}

// RanIn implements Multiplying.
func (a *arithmetic) RanIn() Arithmetic { return Arithmetic(a.last.Load()) }

// arithmetic is that of the kernels that take such sums in the tensor's type or wider.
func (c Certificate) arithmetic() Arithmetic {
	if c.Codes || c.Sum == kernel.Whole {
		return Float64
	}
	return OfTensor
}
