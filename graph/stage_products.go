package graph

import (
	"container/heap"
	"slices"

	"github.com/halftone-go/halftone/qops"
)

// stackedRows is how many rows a left factor should have. A few more cost less than what a product takes besides; with many
// more, what is read and written no longer stays in the cache.
const stackedRows = 48

// factor is a matrix on the right of products, read in one way.
type factor struct {
	of         *qops.Array
	transposed bool
}

func factorOf(s *step) (factor, bool) {
	dense, ok := s.op.(*qops.Dense)
	if !ok {
		return factor{}, false
	}
	return factor{s.call.In[1], dense.TransB}, true
}

// together says how many steps run together from one on, products of so many left factors; others than the first of such
// products have 1 of each, as all other steps.
type together struct{ steps, lefts int }

// joinProducts puts the products of a stage of rows that run together behind each other, all other steps around them behind
// those that they read, and returns how many run together from each step on.
//
// Together run the products of one left factor, such as the gates of a step in time. Where a thread has few rows, so do
// those of several left factors with one right factor, if none of them comes about by that factor: the input of an LSTM's
// layer at several steps in time, or the errors on the way back to it, but never its state.
func joinProducts(steps []step, rowsOfThread int) []together {
	units := findUnits(steps, max(stackedRows/max(rowsOfThread, 1), 1))
	order, ok := orderUnits(steps, units)
	if !ok { // units of several steps in time wait for each other
		units = findUnits(steps, 1)
		order, _ = orderUnits(steps, units)
	}
	out := make([]together, 0, len(steps))
	sorted := make([]step, 0, len(steps))
	for _, u := range order {
		for k, i := range units[u].steps {
			sorted = append(sorted, steps[i])
			out = append(out, together{1, 1})
			if k == 0 {
				out[len(out)-1] = together{len(units[u].steps), units[u].lefts}
			}
		}
	}
	copy(steps, sorted)
	return out
}

// unit is one step, or products that run together: those of each left factor with the first right one, then the next.
type unit struct {
	steps []int
	lefts int
}

// findUnits returns every step's unit, in the order of their first steps. A unit has at most so many left factors.
func findUnits(steps []step, most int) []unit {
	recurring := recurringFactors(steps)
	open := map[factor]int{} // the unit that a factor's next product belongs to
	var units []unit
	for i := range steps {
		f, ok := factorOf(&steps[i])
		if !ok {
			units = append(units, unit{steps: []int{i}, lefts: 1})
			continue
		}
		if u, ok := open[f]; ok && !recurring[f] && len(units[u].steps) < most {
			units[u].steps = append(units[u].steps, i)
			units[u].lefts++
			continue
		}
		open[f] = len(units)
		units = append(units, unit{steps: []int{i}, lefts: 1})
	}
	return joinGates(steps, units)
}

// joinGates joins units of products that have the same left factors.
func joinGates(steps []step, units []unit) []unit {
	byLeft := map[*qops.Array][]int{}
	var out []unit
	left := func(i int) *qops.Array { return steps[i].call.In[0] }
	for _, u := range units {
		if _, ok := factorOf(&steps[u.steps[0]]); !ok {
			out = append(out, u)
			continue
		}
		first := left(u.steps[0])
		with := slices.IndexFunc(byLeft[first], func(at int) bool {
			return out[at].lefts == u.lefts && !slices.ContainsFunc(seq(u.lefts), func(k int) bool { return left(out[at].steps[k]) != left(u.steps[k]) })
		})
		if with >= 0 {
			at := byLeft[first][with]
			out[at].steps = append(out[at].steps, u.steps...)
			continue
		}
		byLeft[first] = append(byLeft[first], len(out))
		out = append(out, u)
	}
	return out
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// recurringFactors are those with products that come about by other ones with the same factor.
func recurringFactors(steps []step) map[factor]bool {
	const most = 1024 // factors that are looked at, so that this takes time in proportion to the steps
	number := map[factor]int{}
	recurring := map[factor]bool{}
	behind := map[*qops.Array][]uint64{} // which factors' products an array comes about by
	for i := range steps {
		c := &steps[i].call
		var by []uint64
		owned := false
		for _, in := range c.In {
			by, owned = union(by, behind[in], owned)
		}
		if f, ok := factorOf(&steps[i]); ok {
			n, known := number[f]
			if !known {
				n = len(number)
				number[f] = n
			}
			if n >= most || has(by, n) {
				recurring[f] = true
			}
			if n < most && !has(by, n) {
				by = append(slices.Clone(by), make([]uint64, max(0, n/64+1-len(by)))...)
				by[n/64] |= 1 << (n % 64)
			}
		}
		behind[c.Out] = by
	}
	return recurring
}

func has(set []uint64, n int) bool { return n/64 < len(set) && set[n/64]>>(n%64)&1 != 0 }

// union returns all that is in two sets, in memory of its own or in a's if that is owned, or one of them where the other one
// adds nothing.
func union(a, b []uint64, owned bool) (all []uint64, own bool) {
	if len(a) < len(b) {
		a, b, owned = b, a, false
	}
	for i, v := range b {
		if a[i]|v == a[i] {
			continue
		}
		if !owned {
			a, owned = slices.Clone(a), true
		}
		a[i] |= v
	}
	return a, owned
}

// orderUnits sorts units so that each is behind those that it reads, else by their first steps. It returns false if some
// wait for each other.
func orderUnits(steps []step, units []unit) ([]int, bool) {
	maker := map[*qops.Array]int{}
	for u := range units {
		for _, i := range units[u].steps {
			maker[steps[i].call.Out] = u
		}
	}
	readers, missing := make([][]int, len(units)), make([]int, len(units))
	for u := range units {
		for _, i := range units[u].steps {
			for _, in := range steps[i].call.In {
				if m, ok := maker[in]; ok && m != u {
					readers[m] = append(readers[m], u)
					missing[u]++
				}
			}
		}
	}
	var ready intHeap
	var order []int
	for u, n := range missing {
		if n == 0 {
			heap.Push(&ready, u)
		}
	}
	for ready.Len() > 0 {
		u := heap.Pop(&ready).(int)
		order = append(order, u)
		for _, r := range readers[u] {
			if missing[r]--; missing[r] == 0 {
				heap.Push(&ready, r)
			}
		}
	}
	return order, len(order) == len(units)
}
