package mac

import "github.com/halftone-go/halftone/internal/kernel"

// ConvForward is kernel.ConvForward with the interior of its sums as m says. Terms are taken in the order (c, kh, kw), those in
// the padding as zeros.
func ConvForward[E kernel.Float](p kernel.Conv, y, x, w []E, m Arithmetic, threads int) {
	p.Check(len(x), len(w), len(y))
	r := newRule[E](m)
	oh, ow, terms := p.OH(), p.OW(), p.C*p.KH*p.KW
	g := forwardPlanes(p)
	c := correlation[E]{
		outputs: outputs{oh, ow, p.StrideH * g.columns, p.StrideW},
		offsets: forwardOffsets(p, &g), pitch: roundedUp(terms, r.order.length()), row: ow, column: 1,
	}
	c.factors = padRows(w, p.OC, terms, c.pitch)
	correlate(r, &g, []correlation[E]{c}, y, x, p.N, p.OC, oh*ow, threads)
}

// forwardPlanes is the shape of x for the terms of a convolution.
func forwardPlanes(p kernel.Conv) planes {
	return planes{
		planes: p.C, height: p.H, width: p.W, top: p.PadTop, left: p.PadLeft,
		rows:    max(p.PadTop+p.H, (p.OH()-1)*p.StrideH+(p.KH-1)*p.DilationH+1),
		columns: max(p.PadLeft+p.W, (p.OW()-1)*p.StrideW+(p.KW-1)*p.DilationW+1),
	}
}

// forwardOffsets are the distances of the terms (c, kh, kw).
func forwardOffsets(p kernel.Conv, g *planes) []int {
	offsets := make([]int, 0, p.C*p.KH*p.KW)
	for c := range p.C {
		for kh := range p.KH {
			for kw := range p.KW {
				offsets = append(offsets, g.at(c, kh*p.DilationH, kw*p.DilationW))
			}
		}
	}
	return offsets
}

// padRows copies rows with zeros behind each.
func padRows[E kernel.Float](src []E, rows, columns, pitch int) []E {
	if columns == pitch {
		return src
	}
	dst := make([]E, rows*pitch)
	for i := range rows {
		copy(dst[i*pitch:], src[i*columns:][:columns])
	}
	return dst
}

// ConvBackwardData is kernel.ConvBackwardData with the interior of its sums as m says. Terms are taken in the order
// (oc, kh, kw). Taps that no stride reaches are left out; those whose output lies outside of dy enter as zeros.
func ConvBackwardData[E kernel.Float](p kernel.Conv, dx, dy, w []E, m Arithmetic, threads int) {
	p.Check(len(dx), len(w), len(dy))
	r := newRule[E](m)
	vertical := macClasses(p.H, p.OH(), p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := macClasses(p.W, p.OW(), p.KW, p.PadLeft, p.StrideW, p.DilationW)
	g := planes{
		planes: p.OC, height: p.OH(), width: p.OW(), top: vertical.before, left: horizontal.before,
		rows: vertical.length, columns: horizontal.length,
	}
	var cs []correlation[E]
	for i, v := range vertical.taps {
		for j, h := range horizontal.taps {
			c := correlation[E]{
				outputs: outputs{(p.H - i + p.StrideH - 1) / p.StrideH, (p.W - j + p.StrideW - 1) / p.StrideW, g.columns, 1},
				place:   i*p.W + j, row: p.StrideH * p.W, column: p.StrideW,
				pitch: roundedUp(p.OC*len(v)*len(h), r.order.length()),
			}
			c.factors = make([]E, p.C*c.pitch)
			for o := range p.OC {
				for _, kh := range v {
					for _, kw := range h {
						l := len(c.offsets)
						c.offsets = append(c.offsets, g.at(o, g.top+kh.distance, g.left+kw.distance))
						for ch := range p.C {
							c.factors[ch*c.pitch+l] = w[((o*p.C+ch)*p.KH+kh.tap)*p.KW+kw.tap]
						}
					}
				}
			}
			cs = append(cs, c)
		}
	}
	correlate(r, &g, cs, dx, dy, p.N, p.C, p.H*p.W, threads)
}

// macAxis holds the taps of the inputs along an axis, by the inputs' remainder to the stride.
type macAxis struct {
	taps           [][]macTap
	before, length int // zeros before the outputs, and the length with those after them
}

// macTap is a tap that the i-th input of a class takes from output i + distance.
type macTap struct{ tap, distance int }

func macClasses(inputs, outputs, taps, pad, stride, dilation int) macAxis {
	a := macAxis{length: outputs}
	after := 0
	for remainder := range min(stride, inputs) {
		class := []macTap{}
		last := (inputs - 1 - remainder) / stride
		for tap := range taps {
			if d := remainder + pad - tap*dilation; d%stride == 0 {
				class = append(class, macTap{tap, d / stride})
				a.before = max(a.before, -d/stride)
				after = max(after, last+d/stride-outputs+1)
			}
		}
		a.taps = append(a.taps, class)
		after = max(after, last-outputs+1)
	}
	a.length += a.before + after
	return a
}
