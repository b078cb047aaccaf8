package kernel

// RightInt8 is the right factor of products of matrices whose values are codes of 8 bits times powers of two, packed once
// for many products with it. Their sums are taken over codes in int32, exactly, and rounded once to float32: the bits of
// MatMul wherever its sum is exact.
//
// Values are code·2^e with codes from -128 to 127. The methods report whether they did the work; where they did not, what
// they were to set holds anything. They do not without the instruction for such sums, where a sum has more than int8Terms
// terms or an exponent lies outside of -74 to 63, and where a value is infinite, NaN or has a code out of range. That
// values are whole multiples of 2^e, the caller vouches for.
type RightInt8 struct {
	right  codeRight
	packer codePacker
}

// Pack takes op(b), which is (k, n), row-major or stored as (n, k) if trans, with one exponent or one for each column.
func (r *RightInt8) Pack(b []float32, k, n int, trans bool, exponents []int) bool {
	if k < 0 || n < 0 || len(b) != k*n {
		panic(badLength)
	}
	if k > int8Terms || !r.right.prepare(8, k, n, exponents) {
		return false
	}
	defer r.packer.release()
	return r.packer.right(&r.right, b, trans, 0, r.right.panels())
}

// LeftInt8 is the left factor of products of matrices on codes of 8 bits; see RightInt8. It holds the memory that
// products work in, so that each goroutine has its own.
type LeftInt8 struct{ left codeLeft }

// Set takes a, which is (m, k), row-major, with one exponent or one for each row. a may change afterwards.
func (l *LeftInt8) Set(a []float32, m, k int, exponents []int) bool {
	if m < 0 || k < 0 || len(a) != m*k {
		panic(badLength)
	}
	return hasInt8() && k <= int8Terms && l.left.set(8, a, m, k, false, k, 0, exponents)
}

// SetTransposed takes op(a), which is (m, k) and stored as (k, m), with one exponent or one for each row of op(a).
func (l *LeftInt8) SetTransposed(a []float32, m, k int, exponents []int) bool {
	if m < 0 || k < 0 || len(a) != m*k {
		panic(badLength)
	}
	return hasInt8() && k <= int8Terms && l.left.set(8, a, m, k, true, m, 0, exponents)
}

// Multiply sets c, which is (m, n), to the product of the two matrices, on the calling goroutine alone.
func (l *LeftInt8) Multiply(c []float32, right *RightInt8) {
	l.left.product(c, &right.right)
}

// HoldsInt8 reports whether there are kernels for codes of 8 bits under the current instruction set, and sums of so many
// terms have room in their int32.
func HoldsInt8(terms int) bool { return hasInt8() && terms <= int8Terms }
