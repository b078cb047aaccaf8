package kernel

// CodeGradient is the memory of products aᵀ·b over codes of 16 bits, whose terms are rows of a and b with an exponent each:
// the gradient of a weight, which sums over samples. Sums are taken over codes in int32 and rounded once to float32: the
// bits of MatMul wherever its sum is exact. The caller certifies that sums, and those of some of their terms, lie below 2^31
// in units of 2^lowest.
type CodeGradient struct {
	left   codeLeft
	right  codeRight
	scales [2][]float32
}

// normalExponent is the largest exponent for which 2^e and 2^-e are normal float32 numbers.
const normalExponent = 126

// Set sets c, which is (m, n), to aᵀ·b. a is (k, m) and b is (k, n), row-major. The rows of a are codes times
// 2^exponents[row]; those of b times a's 2^exponents[row] are codes times 2^lowest. It runs on the calling goroutine alone,
// and reports whether it did the work; where it did not, c holds anything. It does not where a value is infinite, NaN or
// has a code out of range, nor where exponents are far from 0.
func (g *CodeGradient) Set(c, a, b []float32, m, n, k int, exponents []int, lowest int) bool {
	if m <= 0 || n <= 0 || k <= 0 || len(c) != m*n || len(a) != k*m || len(b) != k*n || len(exponents) != k {
		panic(badLength)
	}
	half := lowest >> 1 // of the exponent of the products is the left factor's, the rest the right one's
	within := func(e, low, high int) bool { return e >= low && e <= high }
	if !within(half, lowestCodeExponent, highestCodeExponent) || !within(lowest-half, lowestCodeExponent, highestCodeExponent) {
		return false
	}
	left, right := grow(&g.scales[0], k), grow(&g.scales[1], k)
	for i, e := range exponents {
		if !within(e, -normalExponent, normalExponent) || !within(e-lowest, -normalExponent, normalExponent) {
			return false
		}
		left[i], right[i] = power(-e), power(e-lowest)
	}
	l, r := &g.left, &g.right
	if !r.prepare(16, k, n, []int{0}) {
		return false
	}
	defer l.packer.release()
	l.packer.termScales = right
	packed := l.packer.right(r, b, false, 0, r.panels())
	l.packer.termScales = left
	if !packed || !l.set(16, a, m, k, true, m, 0, noExponent) {
		return false
	}
	fillWith(l.scales, power(half))
	fillWith(r.scales[:n], power(lowest-half))
	l.product(c, r)
	return true
}
