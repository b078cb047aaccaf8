package number

import "math"

// latticer is a kind whose lines have a lattice.
type latticer interface {
	lattice(f Format) (unit, most float64, ok bool)
}

// Lattice tells in which whole multiples the values of a block come: each finite one is a multiple of unit times the
// step of the block (see Scales.Step), and of at most that many. It is what decides whether sums of products are exact.
// It returns false for formats whose values have no common unit: float32, levels, and powers of roots of 2.
func (f Format) Lattice() (unit, most float64, ok bool) {
	if f.width == 0 || f.compat != noCompat && f.kind != bfpIndex {
		return 0, 0, false
	}
	switch k := f.spec().(type) {
	case latticer:
		return k.lattice(f)
	case liner:
		if f.lined() {
			return 0, 0, false
		}
	}
	lo, hi := f.CodeRange()
	if f.zeroAuto || f.kind == intIndex { // the zero point may lie anywhere in the range
		return 1, float64(hi - lo), true
	}
	return 1, max(-float64(lo), float64(hi)), true
}

// lattice: QPyTorch's blocks have the same grid as the definition's, but for those that OnLattice tells.
func (bfpKind) lattice(f Format) (unit, most float64, ok bool) {
	lo, hi := f.CodeRange()
	return 1, max(-float64(lo), float64(hi)), f.compat != swalp
}

// OnLattice reports whether the values of a block with the step come in the multiples that Lattice tells. Those of
// QPyTorch's blocks with a subnormal maximum may be twice as many as there are codes, unless all are 0.
func (f Format) OnLattice(step float64) bool {
	return f.compat != qpytorch || f.kind != bfpIndex || step >= math.Ldexp(1, minFloat32Exponent-int(f.width)+2)
}

func (floatKind) lattice(f Format) (unit, most float64, ok bool) { return f.floatLattice() }

func (mxKind) lattice(f Format) (unit, most float64, ok bool) {
	if f.integer() {
		lo, hi := f.CodeRange()
		return 1, max(-float64(lo), float64(hi)), true
	}
	return f.floatLattice()
}

func (nvKind) lattice(f Format) (unit, most float64, ok bool) { return f.floatLattice() }

// floatLattice is made of the smallest subnormal number.
func (f Format) floatLattice() (unit, most float64, ok bool) {
	l := newFloatLine(f, 1)
	unit = l.magnitude(1)
	return unit, l.magnitude(l.most) / unit, true
}
