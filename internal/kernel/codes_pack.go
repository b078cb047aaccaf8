package kernel

import "unsafe"

// codePacker is the memory that one goroutine packs codes in.
type codePacker struct {
	ones []float32
	// termScales are factors of the rows that interleave sums over, in place of ones.
	termScales []float32
	rest       [4]float32 // scales of the last rows that are packed together
	plain      []int32
	pack       codePackArgs
	negative   int8OuterArgs
}

// setOnes makes room for n ones.
func (w *codePacker) setOnes(n int) {
	if len(w.ones) < n {
		w.ones = make([]float32, n)
		for i := range w.ones {
			w.ones[i] = 1
		}
	}
}

// release drops the pointers to the caller's slices.
func (w *codePacker) release() {
	w.pack, w.negative, w.termScales = codePackArgs{}, int8OuterArgs{}, nil
}

// straight packs rows, of which the first has the number first, whose neighbours are summed over: row after row, pitch
// elements of codes each. It reports whether all values are codes.
func (w *codePacker) straight(c *codeMatrix, dst []int32, pitch int, src []float32, first, rows, columns int) bool {
	w.setOnes(columns)
	p := &w.pack
	*p = codePackArgs{
		src: [4]unsafe.Pointer{address(src)}, dst: address(dst), rowScales: address(c.inverses[first:]), columnScales: address(w.ones),
		rows: rows, vectors: columns / 16, rest: columns % 16, srcPitch: 4 * columns, dstPitch: 4 * pitch,
	}
	if !c.unsigned {
		p.flip = 1 << (c.bits - 1)
	}
	codeStraight(p, c.bits)
	return p.wrong == 0
}

// interleave packs columns, from the first on, whose neighbouring rows are summed over: t rows side by side, in rows of
// pitch elements. It reports whether all values are codes.
func (w *codePacker) interleave(c *codeMatrix, dst []int32, pitch int, src []float32, srcPitch, rows, first, columns int) bool {
	scales := w.termScales
	if scales == nil {
		w.setOnes(rows)
		scales = w.ones
	}
	p := &w.pack
	*p = codePackArgs{
		columnScales: address(c.inverses[first:]), vectors: columns / 16, rest: columns % 16,
		srcPitch: 4 * c.together() * srcPitch, dstPitch: 4 * pitch,
	}
	if !c.unsigned {
		p.flip = 0x80808080
		if c.bits == 16 {
			p.flip = 0x80008000
		}
	}
	t := c.together()
	whole := rows / t
	wrong := uint64(0)
	if whole > 0 {
		for i := range t {
			p.src[i] = unsafe.Pointer(&src[i*srcPitch+first])
		}
		p.dst, p.rowScales, p.rows = address(dst), address(scales), whole
		codeInterleave(p, c.bits)
		wrong = p.wrong
	}
	if rest := rows % t; rest > 0 {
		// Rows behind the last one are codes of 0: another row times 0.
		w.rest = [4]float32{}
		for i := range t {
			row := whole*t + min(i, rest-1)
			if i < rest {
				w.rest[i] = scales[whole*t+i]
			}
			p.src[i] = unsafe.Pointer(&src[row*srcPitch+first])
		}
		p.dst, p.rowScales, p.rows = unsafe.Pointer(&dst[whole*pitch]), unsafe.Pointer(&w.rest), 1
		codeInterleave(p, c.bits)
		wrong |= p.wrong
	}
	return wrong == 0
}

// right packs some panels of b, which is stored as (n, k) if trans. It reports whether all values are codes.
func (w *codePacker) right(r *codeRight, b []float32, trans bool, lo, hi int) bool {
	lanes, terms := r.kernels.lanes, r.terms(r.k)
	if terms == 0 {
		return true
	}
	for panel := lo; panel < hi; panel++ {
		first := panel * lanes
		columns := min(lanes, r.n-first)
		to := r.codes[first*terms:][:lanes*terms]
		if !trans {
			if !w.interleave(&r.codeMatrix, to, lanes, b, r.n, r.k, first, columns) {
				return false
			}
		} else {
			plain := grow(&w.plain, columns*terms)
			if r.k%r.together() > 0 {
				clear(plain)
			}
			if !w.straight(&r.codeMatrix, plain, terms, b[first*r.k:], first, columns, r.k) {
				return false
			}
			// Codes move as the float32 that have their bits.
			Transpose(floatsOf(to), lanes, floatsOf(plain), terms, columns, terms)
		}
		if r.bits == 8 {
			w.correct(r, first)
		}
	}
	return true
}

// correct sums the codes of a panel's columns, which the left factor's 128 too many are taken away by.
func (w *codePacker) correct(r *codeRight, first int) {
	terms, lanes := r.terms(r.k), r.kernels.lanes
	for v := 0; v < lanes; v += 16 {
		w.negative = int8OuterArgs{
			vectors: unsafe.Pointer(&r.codes[first*terms+v]), pitch: 4 * lanes, lines: terms,
			output: unsafe.Pointer(&r.corrections[first+v]),
		}
		int8Negative(&w.negative)
	}
}

func floatsOf(s []int32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}
