// Package parallel divides loops among the processors. The process has one pool of workers: a loop is worked on by its
// caller and by the workers that have nothing else to do.
//
// Kernels of convolutions and products use it, and so does whatever divides its elements before it calls kernels that do
// not: qops, qops/number, graph, optimizers.
package parallel

// For calls body on consecutive ranges that cover 0..n, on at most threads goroutines at a time, and returns when all
// are done. Each goroutine takes another range whenever it is through with one, in ascending order and shorter and
// shorter ones, so that all end together even if one of them is held up. Ranges are cut at multiples of grain. Which they
// are changes from call to call, and a body's results must not depend on it.
func For(n, grain, threads int, body func(lo, hi int)) {
	units := unitsOf(n, grain)
	if threads = min(threads, units); threads > 1 {
		workers.run(task{n: n, grain: max(grain, 1), units: units, threads: threads, body: body})
	} else if n > 0 {
		body(0, n)
	}
}

// ForEvenly is For on at most threads ranges of about the same length, for bodies for which every range costs
// something extra.
func ForEvenly(n, grain, threads int, body func(lo, hi int)) {
	units := unitsOf(n, grain)
	if threads = min(threads, units); threads > 1 {
		workers.run(task{n: n, grain: max(grain, 1), units: units, ranges: threads, threads: threads, body: body})
	} else if n > 0 {
		body(0, n)
	}
}

// Share is For for a body that sets something up: it is called once on each goroutine, and takes ranges with
// Next until there are none.
func Share(n, grain, threads int, body func(w *Work)) {
	if units := unitsOf(n, grain); units > 0 {
		workers.run(task{n: n, grain: max(grain, 1), units: units, threads: max(min(threads, units), 1), share: body})
	}
}

// unitsOf is how many units of grain elements n elements are.
func unitsOf(n, grain int) int {
	grain = max(grain, 1)
	return max(n+grain-1, 0) / grain
}
