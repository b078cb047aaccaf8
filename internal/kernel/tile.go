package kernel

import "unsafe"

// A tile is a rectangle of outputs that a kernel computes at once: rows × (segments × lanes). A segment's outputs lie
// one beside the other in memory, and so do the terms that they take from the source. Output i of row r and segment s is
//
//	Σ over the terms l  weights[l·rows + r] · (bases[s] + offsets[l])[i]
//
// in ascending l, one FMA each.

// What a tile's sums start from and where they go.
const (
	startZero     = iota // from +0; the output is replaced
	startAdd             // from +0; added to the output, with one rounding
	startContinue        // from the output, which continues a sum that was begun before
)

// tileArgs are the arguments of a tile kernel. Every field has 8 bytes; pointers point to elements of the kernel's type.
type tileArgs struct {
	weights unsafe.Pointer // rows weights per term
	offsets unsafe.Pointer // int32: elements from a segment's base to the source of each term
	bases   [4]unsafe.Pointer
	outputs [4]unsafe.Pointer // the segments' outputs in row 0
	pitches [4]int            // bytes from a row of outputs to the next
	terms   int               // terms of a block, at least 1
	blocks  int               // blocks of terms, at least 1
	start   int               // startZero, ...; applies to each block
}

// tileKernel is an implementation for tiles of one shape.
type tileKernel struct {
	rows, segments, lanes int
	run                   func(*tileArgs)
}

// tileGo is the plain form of all tile kernels.
func tileGo[T Float](t *tileArgs, rows, segments, lanes int) {
	bytes := size[T]()
	weights := unsafe.Slice((*T)(t.weights), t.blocks*t.terms*rows)
	offsets := unsafe.Slice((*int32)(t.offsets), t.blocks*t.terms)
	var sums [maxLanes]T
	for block := range t.blocks {
		for s := range segments {
			for r := range rows {
				sum := sums[:lanes]
				out := unsafe.Slice((*T)(unsafe.Add(t.outputs[s], r*t.pitches[s])), lanes)
				clear(sum)
				if t.start == startContinue {
					copy(sum, out)
				}
				for l := block * t.terms; l < (block+1)*t.terms; l++ {
					source := unsafe.Add(t.bases[s], int(offsets[l])*bytes)
					fmaRow(sum, unsafe.Slice((*T)(source), lanes), weights[l*rows+r])
				}
				if t.start == startAdd {
					for i, x := range sum {
						out[i] += x
					}
				} else {
					copy(out, sum)
				}
			}
		}
	}
}

// maxLanes bounds the lanes of a segment.
const maxLanes = 32
