package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// rowsGo is the plain form of the kernels for rows.
func (s Shared) rowsGo(a *sharedArgs) {
	n := a.length()
	r := a.slices(n * a.rows)
	largest := unsafe.Slice((*uint32)(a.exponents), a.rows)
	for i := range largest {
		m := LargestBits(r.src[i*n:][:n])
		if m != 0 && m-a.first > a.span {
			return
		}
		largest[i] = m
		for e := i * n; e < (i+1)*n; e++ {
			s.element(a, r, e, min(max(m&infinityBits, a.lowest), a.highest))
		}
		a.rows--
	}
}

// columnsGo is the plain form of the kernels for columns.
func (s Shared) columnsGo(a *sharedArgs) {
	n := a.length()
	r := a.slices(n * a.rows)
	exponents := unsafe.Slice((*uint32)(a.exponents), n)
	for e := range r.src {
		s.element(a, r, e, exponents[e%n])
	}
}

// sharedRun is what the plain forms work on.
type sharedRun struct {
	dst, src []float32
	random   []uint16
}

func (a *sharedArgs) slices(n int) sharedRun {
	return sharedRun{unsafe.Slice((*float32)(a.dst), n), unsafe.Slice((*float32)(a.src), n), unsafe.Slice((*uint16)(a.random), n)}
}

// element rounds an element, whose block has the exponent.
func (s Shared) element(a *sharedArgs, r sharedRun, e int, exponent uint32) {
	x, random := r.src[e], uint32(r.random[e])
	if s.Shifted {
		base, most := math.Float32frombits(a.shift+exponent), math.Float32frombits(a.leading+exponent)
		add := a.added
		if !a.nearest {
			add = random & a.added << a.left >> a.right
		}
		t := float32(x + base)
		value := float32(math.Float32frombits((math.Float32bits(t)+add)&a.cut) - base)
		r.dst[e] = max(min(value, most), -most) + 0
		a.tally(x, value != r.dst[e], value == 0)
		return
	}
	step := float64(math.Float32frombits(a.step + exponent))
	quotient := float64(x) / step // exact
	lo, hi, code := float64(a.lo), float64(a.hi), math.RoundToEven(quotient)
	if !a.nearest {
		const unit = 1 << mantissaBits // of drawn; what it does not show of the quotient makes no difference
		code = math.Floor((math.Floor(quotient*unit) + float64(random<<(mantissaBits-philox.BitsPerElement)&a.drawn)) / unit)
		lo, hi = lo-1, hi-1
	}
	kept := max(min(code, hi), lo)
	r.dst[e] = float32(kept*step) + 0 // never -0
	a.tally(x, kept != code, code == 0)
}

// tally counts an element.
func (a *sharedArgs) tally(x float32, clipped, isZero bool) {
	if clipped {
		a.clipped++
	} else if isZero && x != 0 {
		a.underflowed++
	}
}
