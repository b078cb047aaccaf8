package kernel

// MatMulInt16 is MatMul on values that are codes of 16 bits times 2^aExponents, one or one for each row of op(a), and
// 2^bExponents, one or one for each column of op(b). Sums are taken over codes in int32 and rounded once to float32. The
// caller certifies that they, and those of some of their terms, lie below 2^31.
//
// It reports whether it did the work; where it did not, c holds anything. It does not where an exponent lies outside of -74
// to 63, and where a value is infinite, NaN or has a code out of range.
func MatMulInt16(c, a, b []float32, m, n, k int, transA, transB bool, aExponents, bExponents []int, threads int) bool {
	return matMulCodes(16, 0, c, a, b, m, n, k, transA, transB, aExponents, bExponents, threads)
}
