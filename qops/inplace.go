package qops

import (
	"slices"
	"unsafe"
)

// InPlace reports that an op may write its output over an operand: every element of the output is computed from the
// element of that operand that it takes the place of, and from no other.
func InPlace(op Op, c *Call, operand int) bool {
	switch op.(type) {
	case *Reshape:
		return true
	case *Quantize, *scaledReLUGrad:
		return operand == 0
	case *SoftmaxLossGrad, *Relayout: // of a whole row; of a whole block
		return false
	}
	_, ok := op.(independent)
	return ok && slices.Equal(c.In[operand].Shape, c.Out.Shape)
}

// sameMemory reports whether two slices begin at the same place.
func sameMemory[T Float](a, b []T) bool {
	return len(a) > 0 && len(b) > 0 && unsafe.SliceData(a) == unsafe.SliceData(b)
}
