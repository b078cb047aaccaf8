package kernel

// Sum says how a sum of products a[0]·b[0] + a[1]·b[1] + ... is taken, roundings included.
type Sum int

const (
	// Sequence starts at +0 and takes the terms in ascending order, each by one fused multiply-add in the element type.
	Sequence Sum = iota
	// Whole is the exact sum, rounded once to the element type. It is computed with float64 multiply-adds in an open
	// order: the caller certifies that every partial sum is a float64 number.
	Whole
	// Blockwise takes each block of terms in Sequence from +0, and adds the blocks' sums in ascending order to a total
	// that starts at +0, one rounding to the element type per addition.
	Blockwise
)

// String gives the name of the sum.
func (s Sum) String() string {
	switch s {
	case Sequence:
		return "sequence"
	case Whole:
		return "whole"
	case Blockwise:
		return "blockwise"
	}
	return "unknown"
}
