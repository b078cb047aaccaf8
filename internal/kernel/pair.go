package kernel

import "unsafe"

// pair is two codes of 16 bits that enter a sum together, the first one in the lower half; as a type of element it lets
// convolutions on codes run as those on floats do. It stands for numbers nowhere: elements are moved, and only the kernels
// for pairs take sums, which are int32 in the place of a pair.
type pair float32

// The shapes of the plain kernels.
var (
	pairTileGo  = tileKernel{4, 2, 8, func(t *tileArgs) { tilePairsGo(t, 4, 2, 8) }}
	pairOuterGo = outerKernel{8, 16, func(t *outerArgs) { outerPairsGo(t, 8, 16) }}
)

// addPairs adds to each sum the products of the codes of two pairs.
func addPairs(sums []int32, pairs [][2]int16, by [2]int16) {
	for i, p := range pairs[:len(sums)] {
		sums[i] += int32(p[0])*int32(by[0]) + int32(p[1])*int32(by[1])
	}
}

// tilePairsGo is the plain form of all tile kernels for pairs.
func tilePairsGo(t *tileArgs, rows, segments, lanes int) {
	weights := unsafe.Slice((*[2]int16)(t.weights), t.blocks*t.terms*rows)
	offsets := unsafe.Slice((*int32)(t.offsets), t.blocks*t.terms)
	for block := range t.blocks {
		for s := range segments {
			for r := range rows {
				out := unsafe.Slice((*int32)(unsafe.Add(t.outputs[s], r*t.pitches[s])), lanes)
				if t.start == startZero {
					clear(out)
				}
				for l := block * t.terms; l < (block+1)*t.terms; l++ {
					source := unsafe.Add(t.bases[s], 4*int(offsets[l]))
					addPairs(out, unsafe.Slice((*[2]int16)(source), lanes), weights[l*rows+r])
				}
			}
		}
	}
}

// outerPairsGo is the plain form of all outer-product kernels for pairs.
func outerPairsGo(t *outerArgs, rows, lanes int) {
	vectors := unsafe.Slice((*[2]int16)(t.vectors), t.lines*t.columns*lanes)
	for r := range rows {
		out := unsafe.Slice((*int32)(unsafe.Add(t.output, r*t.pitch)), lanes)
		for line := range t.lines {
			for column := range t.columns {
				position := line*t.columns + column
				at := position*t.step + line*t.skip
				addPairs(out, vectors[position*lanes:(position+1)*lanes], *(*[2]int16)(unsafe.Add(t.rows[r], at)))
			}
		}
	}
	t.lines = 0
}

// scaleSumsArgs are the arguments of kernels that turn rows of int32 into float32, in place:
//
//	place[r][j] = float32(place[r][j]) · scales[r]
//
// Every field has 8 bytes.
type scaleSumsArgs struct {
	place, scales unsafe.Pointer
	rows, columns int // at least 1; kernels count rows down
	vectors, rest int // columns in kernels' vectors, and after the last one
	pitch         int // bytes
}

// scaleSumsGo is the plain form, from a column on.
func scaleSumsGo(p *scaleSumsArgs, first int) {
	for row := range p.rows {
		scale := *(*float32)(unsafe.Add(p.scales, 4*row))
		at := unsafe.Add(p.place, row*p.pitch)
		sums, values := unsafe.Slice((*int32)(at), p.columns), unsafe.Slice((*float32)(at), p.columns)
		for i := first; i < p.columns; i++ {
			values[i] = float32(sums[i]) * scale
		}
	}
}
