package round

import (
	"slices"
	"unsafe"
)

// Steps are the steps of elements that each have one of their own, as the columns of a matrix may have, on grids that are
// alike otherwise.
type Steps struct {
	steps  []float32
	wide   []float64 // the same
	scales []float32 // their inverses
	single bool      // all of them suit float32 arithmetic
	shared Grid      // without a step
}

// stepSlack is the number of elements behind the run whose steps a kernel may read.
const stepSlack = 16

// Set makes s the given steps, so many times one after the other, for grids with the same Zero, Lo and Hi. It reports
// false if one of the grids does not fit (see [Grid.Fits]), or one of the steps is no float32 number. The memory of s is
// used again.
func (s *Steps) Set(steps []float64, repeats int, shared Grid) bool {
	n := len(steps) * repeats
	room := n + stepSlack
	s.steps = slices.Grow(s.steps[:0], room)[:room]
	s.wide = slices.Grow(s.wide[:0], room)[:room]
	s.scales = slices.Grow(s.scales[:0], room)[:room]
	s.shared, s.single = shared, true
	for i, step := range steps {
		g := shared
		g.Step = step
		if !g.Fits() || float64(float32(step)) != step {
			return false
		}
		s.single = s.single && singlePrecision(g)
		s.steps[i], s.wide[i], s.scales[i] = float32(step), step, float32(1/step)
	}
	for i := len(steps); i < n; i *= 2 {
		copy(s.steps[i:n], s.steps[:i])
		copy(s.wide[i:n], s.wide[:i])
		copy(s.scales[i:n], s.scales[:i])
	}
	for i := n; i < room; i++ {
		s.steps[i], s.wide[i], s.scales[i] = 1, 1, 1
	}
	return true
}

// ValuesEach is [Values] with a step for each element: element i has number first+i of the steps.
func ValuesEach(dst, src []float32, s *Steps, first int, rounding Mode, random Random) Counts {
	if len(dst) != len(src) {
		panic(badLength)
	}
	return roundEach(unsafe.Pointer(unsafe.SliceData(dst)), src, s, first, rounding, random, toValues)
}

// CodesEach is [Codes] with a step for each element.
func CodesEach(dst []int32, src []float32, s *Steps, first int, rounding Mode, random Random) Counts {
	if len(dst) != len(src) {
		panic(badLength)
	}
	return roundEach(unsafe.Pointer(unsafe.SliceData(dst)), src, s, first, rounding, random, toDoubleWords)
}

func roundEach(dst unsafe.Pointer, src []float32, s *Steps, first int, rounding Mode, random Random, result int) Counts {
	if first < 0 || first+len(src) > len(s.wide)-stepSlack {
		panic(badLength)
	}
	checkRandom(rounding, random)
	if len(src) == 0 {
		return Counts{}
	}
	args := newLinearArgs(dst, src, s.shared, result)
	args.each, args.first = s, first
	return args.run(src, 4, rounding, random, !s.single)
}

// pass sets where the steps of the elements from number i of the run on are.
func (r *linearArgs) pass(i int) {
	if r.each == nil {
		return
	}
	i += r.first
	r.at = i
	r.steps, r.scales = unsafe.Pointer(&r.each.steps[i]), unsafe.Pointer(&r.each.wide[i])
	if r.each.single {
		r.scales = unsafe.Pointer(&r.each.scales[i])
	}
}

// divider returns the divider of element i of this part of the run.
func (r *linearArgs) divider(i int) divider {
	if r.each == nil {
		return newDivider(r.step64)
	}
	return newDivider(r.each.wide[r.at+i])
}
