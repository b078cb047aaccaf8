package kernel

import "sync"

// Parallel calls body on consecutive ranges that cover 0..n, at most threads of them at the same time, and returns when
// all are done. Ranges are cut at multiples of grain. The split depends on n, grain and threads alone, and a body's
// results must not depend on it.
func Parallel(n, grain, threads int, body func(lo, hi int)) {
	if n <= 0 {
		return
	}
	grain = max(grain, 1)
	units := (n + grain - 1) / grain
	workers := min(max(threads, 1), units)
	if workers == 1 {
		body(0, n)
		return
	}
	var group sync.WaitGroup
	for w := 1; w < workers; w++ {
		lo, hi := units*w/workers*grain, min(units*(w+1)/workers*grain, n)
		group.Go(func() { body(lo, hi) })
	}
	body(0, units/workers*grain)
	group.Wait()
}
