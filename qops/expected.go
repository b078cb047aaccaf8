package qops

import "github.com/halftone-go/halftone/internal/kernel"

// codesBefore is the width of the codes that sums can be taken over in int32, as far as formats tell before a run: 8 or 16,
// 0 if they cannot.
func (p product) codesBefore(of [2]Operand, cert Certificate, wide bool) int {
	if wide || !cert.Exact || cert.Codes || cert.Sum == kernel.Blockwise {
		return 0
	}
	bits, bound := 0, float64(p.terms.Count)
	for _, o := range of {
		low, high, ok := codesWithin(o.Format)
		f := codeFactor{low: low, high: high}
		if !ok || f.bits() == 0 {
			return 0
		}
		bits, bound = max(bits, f.bits()), bound*f.most()
	}
	if bound >= exactInt32 {
		return 0
	}
	return bits
}

// Expected implements Summing.
func (o *Dense) Expected(a, b Operand, wide bool) Arithmetic {
	cert, p, of := o.Certificate(a, b, wide), o.product(), [2]Operand{a, b}
	bits := p.codesBefore(of, cert, wide)
	if cert.Codes && !wide {
		bits = p.widthOfCodes(of)
	}
	switch {
	case bits == 8 && kernel.HoldsInt8(o.k):
		return Int8
	case bits > 0:
		return Int16
	}
	return cert.arithmetic()
}

// Expected implements Summing.
func (o *Conv) Expected(a, b Operand, wide bool) Arithmetic {
	cert, of, p := o.Certificate(a, b, wide), [2]Operand{a, b}, o.product()
	if !wide && o.expectsInt8(of, cert) {
		return Int8
	}
	if cert.Codes && !wide && p.widthOfCodes(of) > 0 {
		return Int16
	}
	if p.codesBefore(of, cert, wide) == 0 {
		return cert.arithmetic()
	}
	if o.what != convForward { // kernels have exponents for samples only
		vs, _, _ := p.factors(of)
		first := o.what == convBackwardData && alongFirstAxis(a.Blocks, a.Shape)
		if vs[1] == constant && b.Blocks.Count > 1 || vs[0] == constant && a.Blocks.Count > 1 && !first {
			return cert.arithmetic()
		}
	}
	return Int16
}

// expectsInt8 says before a run what runInt8 will find.
func (o *Conv) expectsInt8(of [2]Operand, cert Certificate) bool {
	if !cert.Exact || cert.Codes || cert.Sum == kernel.Blockwise && o.what != convBackwardWeight {
		return false
	}
	for _, operand := range of {
		if !hasInt8Codes(operand.Format) || !alongFirstAxis(operand.Blocks, operand.Shape) {
			return false
		}
	}
	if k := o.Kernel; o.what == convBackwardWeight {
		return k.StrideW <= 2 && kernel.HoldsInt8(k.OH()*k.OW())
	}
	return (o.what == convBackwardData || o.Kernel.StrideW <= 2) && kernel.HoldsInt8(o.product().terms.Count)
}
