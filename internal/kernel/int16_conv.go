package kernel

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// Convolutions on values that are codes of 16 bits times powers of two take their sums over codes in int32, two terms at a
// time, and round once to float32: the bits of the other kernels wherever their sum is exact. The caller certifies that
// sums, and those of some of their terms, lie below 2^31.
//
// The functions report whether they did the work; where they did not, the result holds anything. They do not where an
// exponent lies outside of -74 to 63, and where a value is infinite, NaN or has a code out of range; that values are whole
// multiples of 2^e, the caller vouches for.

// ConvForwardInt16 is ConvForward on values in multiples of 2^xExponents, one or one for each sample, and 2^wExponents, one
// or one for each output channel.
func ConvForwardInt16(p Conv, y, x, w []float32, xExponents, wExponents []int, threads int) bool {
	c := packedConvsInt16.Get().(*PackedConvInt16)
	defer packedConvsInt16.Put(c)
	return c.forward(p, y, x, w, xExponents, wExponents, threads, false)
}

// ConvForwardSums is ConvForward on codes of 16 bits, with sums in arithmetic modulo 2^32.
func ConvForwardSums(p Conv, y []int32, x, w []float32, threads int) bool {
	c := packedConvsInt16.Get().(*PackedConvInt16)
	defer packedConvsInt16.Put(c)
	return c.forward(p, floatsOf(y), x, w, noExponent, noExponent, threads, true)
}

// ConvBackwardDataInt16 is ConvBackwardData on values in multiples of 2^dyExponents, one or one for each sample, and of
// 2^wExponent.
func ConvBackwardDataInt16(p Conv, dx, dy, w []float32, dyExponents []int, wExponent int, threads int) bool {
	c := packedConvsInt16.Get().(*PackedConvInt16)
	defer packedConvsInt16.Put(c)
	return c.backwardData(p, dx, dy, w, dyExponents, wExponent, threads, false)
}

// ConvBackwardDataSums is ConvBackwardData on codes of 16 bits, with sums in arithmetic modulo 2^32.
func ConvBackwardDataSums(p Conv, dx []int32, dy, w []float32, threads int) bool {
	c := packedConvsInt16.Get().(*PackedConvInt16)
	defer packedConvsInt16.Put(c)
	return c.backwardData(p, floatsOf(dx), dy, w, noExponent, 0, threads, true)
}

// ConvBackwardWeightInt16 is ConvBackwardWeight, exact over all samples, on values in multiples of 2^xExponent and
// 2^dyExponent.
func ConvBackwardWeightInt16(p Conv, dw, x, dy []float32, xExponent, dyExponent int, threads int) bool {
	if !convBackwardWeightSums(p, dw, x, dy, xExponent, dyExponent, threads) {
		return false
	}
	local := int16Workspaces.Get().(*int16Workspace)
	defer local.release()
	local.scale(dw, len(dw), 0, xExponent+dyExponent, noExponent)
	return true
}

// ConvBackwardWeightSums is ConvBackwardWeight over all samples on codes of 16 bits, with sums in arithmetic modulo 2^32.
func ConvBackwardWeightSums(p Conv, dw []int32, x, dy []float32, threads int) bool {
	return convBackwardWeightSums(p, floatsOf(dw), x, dy, 0, 0, threads)
}

// convBackwardWeightSums leaves sums of codes in the places of values.
func convBackwardWeightSums(p Conv, dw, x, dy []float32, xExponent, dyExponent int, threads int) bool {
	p.Check(len(x), len(dw), len(dy))
	if !codeExponents([]int{xExponent, dyExponent}, 2) {
		return false
	}
	shared := int16Workspaces.Get().(*int16Workspace)
	defer shared.release()
	// Pairs are those of two samples.
	q := p
	q.N = (p.N + 1) / 2
	inputs, errors := grow(&shared.codes, q.N*len(x)/p.N), grow(&shared.second, q.N*len(dy)/p.N)
	var bad atomic.Bool
	parallel.For(q.N, 1, threads, func(lo, hi int) {
		local := int16Workspaces.Get().(*int16Workspace)
		defer local.release()
		for n := lo; n < hi; n++ {
			samples := min(2, p.N-2*n)
			of := func(s []float32, codes []int32, exponent int) bool {
				columns := len(s) / p.N
				return local.pack(codes[n*columns:], s[2*n*columns:(2*n+samples)*columns], samples, columns, exponent)
			}
			if !of(x, inputs, xExponent) || !of(dy, errors, dyExponent) {
				bad.Store(true)
				return
			}
		}
	})
	if bad.Load() {
		return false
	}
	out, _ := sameType[pair](dw)
	convBackwardWeight[pair, pair](q, out, pairsOf(inputs), pairsOf(errors), threads)
	return true
}

// codeExponents reports whether exponents are one or n, and all such that products of their powers are float32 numbers.
func codeExponents(exponents []int, n int) bool {
	for _, e := range exponents {
		if e < lowestCodeExponent || e > highestCodeExponent {
			return false
		}
	}
	return len(exponents) == 1 || len(exponents) == n
}

func pairsOf(s []int32) []pair {
	return unsafe.Slice((*pair)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// int16Workspace is the memory that one goroutine, or one call, works in. It is kept between calls.
type int16Workspace struct {
	packer        codePacker
	matrix        codeMatrix // whose inverses are all the same
	codes, second []int32
	scales        []float32
	sums          scaleSumsArgs
}

var int16Workspaces = sync.Pool{New: func() any { return &int16Workspace{matrix: codeMatrix{bits: 16}} }}

// release gives the workspace back, without pointers to the caller's slices.
func (w *int16Workspace) release() {
	w.packer.release()
	w.sums = scaleSumsArgs{}
	int16Workspaces.Put(w)
}

// pack makes pairs of neighbouring rows of a matrix. It reports whether all values are codes.
func (w *int16Workspace) pack(dst []int32, src []float32, rows, columns, exponent int) bool {
	scale := power(-exponent)
	if have := w.matrix.inverses; len(have) < columns || have[0] != scale {
		inverses := grow(&w.matrix.inverses, max(columns, len(have)))
		for i := range inverses {
			inverses[i] = scale
		}
	}
	return w.packer.interleave(&w.matrix, dst, columns, src, columns, rows, 0, columns)
}

// scale turns the sums of planes of so many elements into values. Planes from the first on have the exponent, and one more
// for all or for each.
func (w *int16Workspace) scale(sums []float32, area, first, exponent int, more []int) {
	planes := len(sums) / area
	scales := grow(&w.scales, planes)
	for i := range scales {
		scales[i] = power(exponent + exponentOf(more, first+i))
	}
	w.sums = scaleSumsArgs{place: address(sums), scales: address(scales), rows: planes, columns: area, pitch: 4 * area}
	scaleSums(&w.sums)
}
