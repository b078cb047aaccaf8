package qops_test

import (
	"math"

	"github.com/halftone-go/halftone/qops"
)

// how is the way in which a product's sums are taken.
type how string

const (
	whole   how = "exact, rounded once"
	blocks  how = "exact per block, blocks added"
	ofCodes how = "exact over codes, scaled once"
	inOrder how = "multiply-adds in order"
	ordered how = "multiply-adds in order per block, blocks added" // blocks whose own sums are not exact
)

// factor is an operand as its definition sees it.
type factor struct {
	array  *qops.Array
	values []float64
	grid   *qops.Grid // nil for float32
	dead   []bool     // blocks that are all zero
}

func newFactor(a *qops.Array) factor {
	f := factor{array: a, grid: a.Grid, values: append([]float64(nil), a.F64...)}
	for _, v := range a.F32 {
		f.values = append(f.values, float64(v))
	}
	if f.grid != nil {
		f.dead = make([]bool, f.grid.Scales.Blocks.Count)
		for b := range f.dead {
			f.dead[b] = true
		}
		for i, v := range f.values {
			if v != 0 {
				f.dead[f.block(i)] = false
			}
		}
	}
	return f
}

func (f factor) at(i int) float64 {
	if i < 0 {
		return 0
	}
	return f.values[i]
}

func (f factor) block(i int) int { return f.grid.Scales.Blocks.Of(i) }

// largestCode is the largest magnitude of a code less its zero point, of floats the largest in units.
func (f factor) largestCode() float64 {
	_, most, _ := f.grid.Format.Lattice()
	return most
}

// unit returns the exponent of what all values of a block are multiples of; false if there is no such power of two.
func (f factor) unit(block int) (exponent int, ok bool) {
	unit, _, ok := f.grid.Format.Lattice()
	step := f.grid.Scales.Step[block]
	fraction, _ := math.Frexp(step)
	return math.Ilogb(step) + math.Ilogb(unit), ok && fraction == 0.5
}

// even reports that every block has such a unit.
func (f factor) even() bool {
	for b := range f.grid.Scales.Step {
		if _, ok := f.unit(b); !ok {
			return false
		}
	}
	for i, v := range f.values { // other programs' blocks do not always keep to their codes
		exponent, _ := f.unit(f.block(i))
		if code := math.Ldexp(v, -exponent); code != math.Trunc(code) || math.Abs(code) > f.largestCode() {
			return false
		}
	}
	return true
}

// pairs calls use with the blocks that meet in each term of output i.
func (p productCase) pairs(i int, a, b factor, use func(blockA, blockB int)) {
	for _, group := range p.terms(i) {
		for _, t := range group {
			if t.a >= 0 && t.b >= 0 {
				use(a.block(t.a), b.block(t.b))
			}
		}
	}
}

// decide says how the sums are taken, by the definition.
func (p productCase) decide(a, b factor, double bool) how {
	if a.grid == nil || b.grid == nil {
		return inOrder
	}
	terms := float64(p.count)
	bound := terms * a.largestCode() * b.largestCode()
	varies := false
	lo, hi, spread := math.MaxInt32, math.MinInt32, 0
	for i := range elements(p.out) {
		first, touched := [2]int{}, false
		least, most := math.MaxInt32, math.MinInt32
		p.pairs(i, a, b, func(blockA, blockB int) {
			if !touched {
				first, touched = [2]int{blockA, blockB}, true
			}
			varies = varies || first != [2]int{blockA, blockB}
			if !a.dead[blockA] && !b.dead[blockB] {
				unitA, _ := a.unit(blockA)
				unitB, _ := b.unit(blockB)
				e := unitA + unitB
				least, most = min(least, e), max(most, e)
			}
		})
		if least <= most {
			spread = max(spread, most-least)
			lo, hi = min(lo, least), max(hi, most)
		}
	}
	if a.tiled() || b.tiled() { // the tiles of a sum are not told apart from the others
		varies = true
		lo, hi, spread = 0, 0, 0
		for operand, f := range []factor{a, b} {
			low, high, live := f.extremes()
			if !live {
				lo, hi, spread = 0, 0, 0
				break
			}
			lo, hi = lo+low, hi+high
			if f.tiled() || p.changes(operand, f) {
				spread += high - low
			}
		}
	}
	if a.grid.Format.Kind() == "int" || b.grid.Format.Kind() == "int" {
		if varies || bound > 1<<53 {
			return inOrder
		}
		return ofCodes
	}
	if !a.even() || !b.even() {
		return inOrder
	}
	if !double && lo <= hi && (lo < -149 || !fits(a) || !fits(b) || bound*math.Ldexp(1, hi) >= 0x1p128) {
		return inOrder
	}
	if !varies {
		if bound > 1<<53 {
			return inOrder
		}
		return whole
	}
	if bound*math.Ldexp(1, spread) < 1<<31 {
		return whole
	}
	if a.tiled() || b.tiled() || !p.regular(a, b) {
		return inOrder
	}
	limit := 0x1p24
	if double {
		limit = 0x1p53
	}
	if float64(p.count/len(p.terms(0)))*a.largestCode()*b.largestCode() <= limit {
		return blocks
	}
	return ordered
}

// tiled reports whether blocks lie otherwise than along one axis.
func (f factor) tiled() bool { return f.grid.Scales.Blocks.Layout.Width > 0 }

// extremes are the lowest and highest unit of blocks that are not zero.
func (f factor) extremes() (low, high int, live bool) {
	low, high = math.MaxInt32, math.MinInt32
	for b, dead := range f.dead {
		if !dead {
			unit, _ := f.unit(b)
			low, high, live = min(low, unit), max(high, unit), true
		}
	}
	return low, high, live
}

// changes reports whether a sum meets several blocks of the operand.
func (p productCase) changes(operand int, f factor) bool {
	for i := range elements(p.out) {
		first := -1
		for _, group := range p.terms(i) {
			for _, t := range group {
				e := []int{t.a, t.b}[operand]
				if e < 0 {
					continue
				}
				if first >= 0 && f.block(e) != first {
					return true
				}
				first = f.block(e)
			}
		}
	}
	return false
}

// regular reports that every group of terms meets one block of each operand.
func (p productCase) regular(a, b factor) bool {
	for i := range elements(p.out) {
		for _, group := range p.terms(i) {
			first, touched := [2]int{}, false
			for _, t := range group {
				if t.a < 0 || t.b < 0 {
					continue
				}
				of := [2]int{a.block(t.a), b.block(t.b)}
				if touched && of != first {
					return false
				}
				first, touched = of, true
			}
		}
	}
	return true
}

// fits reports that the steps of all blocks are float32 numbers.
func fits(f factor) bool {
	for b, s := range f.grid.Scales.Step {
		if !f.dead[b] && s < 0x1p-149 {
			return false
		}
	}
	return true
}

// sums computes the product by the definition.
func sums[T qops.Float](p productCase, a, b factor, way how) []T {
	out := make([]T, elements(p.out))
	e := newExact()
	for i := range out {
		groups := p.terms(i)
		switch {
		case way == whole:
			e.reset()
			for _, group := range groups {
				for _, t := range group {
					e.addProduct(a.at(t.a), b.at(t.b))
				}
			}
			out[i] = round[T](&e.sum)
		case way == ofCodes:
			out[i] = codeSum[T](p, e, i, a, b)
		case way == blocks:
			for _, group := range groups {
				e.reset()
				for _, t := range group {
					e.addProduct(a.at(t.a), b.at(t.b))
				}
				out[i] += round[T](&e.sum)
			}
		case way == ordered || p.grouped:
			for _, group := range groups {
				var block T
				for _, t := range group {
					block = fma(e, T(a.at(t.a)), T(b.at(t.b)), block)
				}
				out[i] += block
			}
		default:
			for _, group := range groups {
				for _, t := range group {
					out[i] = fma(e, T(a.at(t.a)), T(b.at(t.b)), out[i])
				}
			}
		}
	}
	return out
}

// codeSum is T(float64(sum of codes) * (scale of a * scale of b)); a power-of-two step is no scale, but part of the
// value.
func codeSum[T qops.Float](p productCase, e *exact, i int, a, b factor) T {
	e.reset()
	scaleA, scaleB := 1.0, 1.0
	for _, group := range p.terms(i) {
		for _, t := range group {
			if t.a < 0 || t.b < 0 {
				continue
			}
			var x, y float64
			x, scaleA = a.codeAndScale(t.a)
			y, scaleB = b.codeAndScale(t.b)
			e.addProduct(x, y)
		}
	}
	sum, _ := e.sum.Float64()
	return T(sum * (scaleA * scaleB))
}

// codeAndScale splits a value into the code less its zero point, and the scale.
func (f factor) codeAndScale(i int) (code, scale float64) {
	step := f.grid.Scales.Step[f.block(i)]
	if f.grid.Format.Kind() != "int" {
		return f.values[i], 1
	}
	return math.Round(f.values[i] / step), step
}
