package kernel

import "unsafe"

// codePackArgs are the arguments of kernels that pack codes of 8 or 16 bits from rows of float32:
//
//	straight    dst[j] = code(src[0][j])
//	interleave  dst[t·j + i] = code(src[i][j]) for t rows i, which is 4 for codes of 8 bits and 2 for those of 16
//	code(x) = x·rowScales[row]·columnScales[j] + half
//
// with half of the range of codes, 128 or 32768; flip is combined with each 32 bits of codes by exclusive or, so that half
// can be taken away again. In straight, flip acts on one code. A row is whole vectors of 16 columns, then a rest of less.
// wrong is set to nonzero if a value times the scales is no code. Every field has 8 bytes.
type codePackArgs struct {
	src                     [4]unsafe.Pointer
	dst                     unsafe.Pointer
	rowScales, columnScales unsafe.Pointer // float32
	rows                    int            // or groups of t rows, at least 1; the kernel counts them down
	vectors, rest           int
	srcPitch, dstPitch      int // bytes; srcPitch of a group of rows
	flip, wrong             uint64
}

// codeTileArgs are the arguments of kernels that compute tiles of a product of matrices on codes, one below the other:
//
//	output[r][c] = (corrections[c] + sum) · (rowScales[r] · columnScales[c])
//	sum = Σ over l < terms  Σ over i < t  left[r·leftPitch + l·leftStep][i] · right[l][c][i]
//
// t is 4 for codes of 8 bits, those on the left without sign, and 2 for codes of 16 bits with sign, which have no
// corrections. Sums are taken in arithmetic modulo 2^32, and may be the output themselves. Every field has 8 bytes.
type codeTileArgs struct {
	left                    unsafe.Pointer
	right                   unsafe.Pointer // terms × columns × t codes
	corrections             unsafe.Pointer // int32
	rowScales, columnScales unsafe.Pointer // float32
	output                  unsafe.Pointer // float32
	leftPitch, leftStep     int            // bytes
	pitch                   int            // bytes from a row of the output to the next
	terms                   int            // of t products, at least 1
	count                   int            // of tiles; the kernel counts them down
	sums                    int            // not 0 if the output is corrections + sum, as int32
}
