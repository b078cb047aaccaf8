package kernel

// Conv is the shape of a two-dimensional convolution. Layouts are row-major: x (N, C, H, W), w (OC, C, KH, KW),
// y (N, OC, OH, OW), and
//
//	y[n,o,i,j] = Σ over (c, p, q)  x[n, c, i·StrideH - PadTop + p·DilationH, j·StrideW - PadLeft + q·DilationW] · w[o,c,p,q]
//
// where x is 0 outside of its plane.
type Conv struct {
	N, C, H, W                           int
	OC, KH, KW                           int
	PadTop, PadLeft, PadBottom, PadRight int
	StrideH, StrideW                     int
	DilationH, DilationW                 int
}

// OH is the number of rows of the output.
func (p Conv) OH() int {
	return (p.H+p.PadTop+p.PadBottom-p.DilationH*(p.KH-1)-1)/p.StrideH + 1
}

// OW is the number of columns of the output.
func (p Conv) OW() int {
	return (p.W+p.PadLeft+p.PadRight-p.DilationW*(p.KW-1)-1)/p.StrideW + 1
}

// maxSample bounds the elements of a sample with its padding: distances in it are 32-bit numbers.
const maxSample = 1<<31 - 1<<16

// Check panics unless the shape makes sense and fits the lengths.
func (p Conv) Check(x, w, y int) {
	smallest := min(p.N, p.C, p.H, p.W, p.OC, p.KH, p.KW, p.StrideH, p.StrideW, p.DilationH, p.DilationW)
	if smallest <= 0 || min(p.PadTop, p.PadLeft, p.PadBottom, p.PadRight) < 0 || p.OH() <= 0 || p.OW() <= 0 {
		panic(badShape)
	}
	height, width := p.H+p.PadTop+p.PadBottom+p.DilationH*p.KH, p.W+p.PadLeft+p.PadRight+p.DilationW*p.KW
	if max(p.C, p.OC) > maxSample/height/width {
		panic(badShape)
	}
	if x != p.N*p.C*p.H*p.W || w != p.OC*p.C*p.KH*p.KW || y != p.N*p.OC*p.OH()*p.OW() {
		panic(badLength)
	}
}

// flat returns the same convolution, as one over a single row where each output has its own input.
func (p Conv) flat() Conv {
	if p.KH == 1 && p.KW == 1 && p.StrideH == 1 && p.StrideW == 1 && p.PadTop+p.PadLeft+p.PadBottom+p.PadRight == 0 {
		p.H, p.W = 1, p.H*p.W
	}
	return p
}
