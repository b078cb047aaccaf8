package kernel

import (
	"sync"
	"sync/atomic"
	"unsafe"
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
	p.check(len(x), len(w), len(y))
	if !codeExponents(xExponents, p.N) || !codeExponents(wExponents, p.OC) {
		return false
	}
	shared := int16Workspaces.Get().(*int16Workspace)
	defer shared.release()
	taps := p.KH * p.KW
	terms := (p.C + 1) / 2 * taps
	weights := grow(&shared.codes, p.OC*terms)
	for o := range p.OC {
		if !shared.pack(weights[o*terms:], w[o*p.C*taps:(o+1)*p.C*taps], p.C, taps, exponentOf(wExponents, o)) {
			return false
		}
	}
	q := p
	q.C = (p.C + 1) / 2
	return int16Samples{
		n: p.N, in: x, out: y, inPlanes: p.C, outPlanes: p.OC, inExponents: xExponents, outExponents: wExponents,
		run: func(n int, out, in []pair, threads int) {
			q := q
			q.N = n
			convForward[pair, pair](q, out, in, pairsOf(weights), Sequence, threads)
		},
	}.do(threads)
}

// ConvBackwardDataInt16 is ConvBackwardData on values in multiples of 2^dyExponents, one or one for each sample, and of
// 2^wExponent.
func ConvBackwardDataInt16(p Conv, dx, dy, w []float32, dyExponents []int, wExponent int, threads int) bool {
	p.check(len(dx), len(w), len(dy))
	if !codeExponents(dyExponents, p.N) || !codeExponents([]int{wExponent}, 1) {
		return false
	}
	shared := int16Workspaces.Get().(*int16Workspace)
	defer shared.release()
	columns := p.C * p.KH * p.KW
	weights := grow(&shared.codes, (p.OC+1)/2*columns)
	if !shared.pack(weights, w, p.OC, columns, wExponent) {
		return false
	}
	q := p
	q.OC = (p.OC + 1) / 2
	return int16Samples{
		n: p.N, in: dy, out: dx, inPlanes: p.OC, outPlanes: p.C, inExponents: dyExponents, outExponents: []int{wExponent},
		run: func(n int, out, in []pair, threads int) {
			q := q
			q.N = n
			convBackwardData[pair, pair](q, out, in, pairsOf(weights), Sequence, threads)
		},
	}.do(threads)
}

// ConvBackwardWeightInt16 is ConvBackwardWeight, exact over all samples, on values in multiples of 2^xExponent and
// 2^dyExponent.
func ConvBackwardWeightInt16(p Conv, dw, x, dy []float32, xExponent, dyExponent int, threads int) bool {
	p.check(len(x), len(dw), len(dy))
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
	Parallel(q.N, 1, threads, func(lo, hi int) {
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
	shared.scale(dw, 1, xExponent+dyExponent, []int{0})
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

// scale turns the sums of so many planes into values, of an exponent and one more for all or for each plane.
func (w *int16Workspace) scale(sums []float32, planes, exponent int, more []int) {
	scales := grow(&w.scales, planes)
	for i := range scales {
		scales[i] = power(exponent + exponentOf(more, i))
	}
	area := len(sums) / planes
	w.sums = scaleSumsArgs{place: address(sums), scales: address(scales), rows: planes, columns: area, pitch: 4 * area}
	scaleSums(&w.sums)
}

// int16Samples is the part of a convolution that goes sample by sample.
type int16Samples struct {
	n                         int
	in, out                   []float32
	inPlanes, outPlanes       int
	inExponents, outExponents []int // of samples, of planes of the output
	run                       func(n int, out, in []pair, threads int)
}

// int16ChunkBytes is about how much of the tensors is done at a time, so that codes and sums stay in a near cache.
const int16ChunkBytes = 1 << 19

func (s int16Samples) do(threads int) bool {
	in, out := len(s.in)/s.n, len(s.out)/s.n
	pairs := in / s.inPlanes * ((s.inPlanes + 1) / 2)
	chunk, inner := min(max(int16ChunkBytes/(4*(in+out)), 1), max(s.n/threads, 1)), 1
	if s.n < threads {
		threads, inner = 1, threads
	}
	var bad atomic.Bool
	Parallel(s.n, chunk, threads, func(lo, hi int) {
		w := int16Workspaces.Get().(*int16Workspace)
		defer w.release()
		for first := lo; first < hi && !bad.Load(); first += chunk {
			count := min(chunk, hi-first)
			codes := grow(&w.codes, count*pairs)
			for i := range count {
				sample := s.in[(first+i)*in : (first+i+1)*in]
				if !w.pack(codes[i*pairs:], sample, s.inPlanes, in/s.inPlanes, exponentOf(s.inExponents, first+i)) {
					bad.Store(true)
					return
				}
			}
			results := s.out[first*out : (first+count)*out]
			sums, _ := sameType[pair](results)
			s.run(count, sums, pairsOf(codes), inner)
			for i := range count {
				w.scale(results[i*out:(i+1)*out], s.outPlanes, exponentOf(s.inExponents, first+i), s.outExponents)
			}
		}
	})
	return !bad.Load()
}
