package kernel

// RightCodes is the right factor of products of matrices whose values are codes of 8 or 16 bits times powers of two, packed
// once for many products with it. Their sums are taken over codes in int32, exactly, and rounded once to float32: the bits
// of MatMul wherever its sum is exact. The caller certifies that sums, and those of some of their terms, lie below 2^31.
//
// Values are code·2^e with codes from -128 to 127, or from -32768 to 32767. The methods report whether they did the work;
// where they did not, what they were to set holds anything. They do not without the instruction for sums of 8-bit codes,
// where such a sum has more than int8Terms terms or an exponent lies outside of -74 to 63, and where a value is infinite,
// NaN or has a code out of range. That values are whole multiples of 2^e, the caller vouches for.
type RightCodes struct {
	right  codeRight
	packer codePacker
}

// Pack takes op(b), which is (k, n), row-major or stored as (n, k) if trans, with one exponent or one for each column.
func (r *RightCodes) Pack(bits int, b []float32, k, n int, trans bool, exponents []int) bool {
	if k < 0 || n < 0 || len(b) != k*n {
		panic(badLength)
	}
	if !hasCodes(bits, k) || !r.right.prepare(bits, k, n, exponents) {
		return false
	}
	defer r.packer.release()
	return r.packer.right(&r.right, b, trans, 0, r.right.panels())
}

// LeftCodes is the left factor of products of matrices on codes; see RightCodes. It holds the memory that products work
// in, so that each goroutine has its own.
type LeftCodes struct{ left codeLeft }

// Set takes a, which is (m, k), row-major, with one exponent or one for each row. a may change afterwards.
func (l *LeftCodes) Set(bits int, a []float32, m, k int, exponents []int) bool {
	if m < 0 || k < 0 || len(a) != m*k {
		panic(badLength)
	}
	defer l.left.packer.release()
	return hasCodes(bits, k) && l.left.set(bits, a, m, k, false, k, 0, exponents)
}

// Multiply sets c, which is (m, n), to the product of the two matrices, which have codes of one width, on the calling
// goroutine alone.
func (l *LeftCodes) Multiply(c []float32, right *RightCodes) { l.left.product(c, &right.right) }

// HoldsInt8 reports whether there are kernels for codes of 8 bits under the current instruction set, and sums of so many
// terms have room in their int32.
func HoldsInt8(terms int) bool { return hasInt8() && terms <= int8Terms }

// hasCodes reports whether sums of so many terms can be taken over codes of so many bits.
func hasCodes(bits, terms int) bool { return bits != 8 || HoldsInt8(terms) }
