package kernel

// sampleFunc computes the outputs of one sample in a range of panels.
type sampleFunc func(n, panelLo, panelHi int)

// overSamples spreads n samples of so many panels over threads. Each goroutine makes its own sampleFunc and calls it with
// samples in ascending order.
func overSamples[E Float](n, panels, threads int, start func(*workspace[E]) sampleFunc) {
	// Few samples are cut into parts of their panels.
	parts := 1
	if n < threads {
		parts = min((threads+n-1)/n, panels)
	}
	ParallelWork(n*parts, 1, threads, func(w *Work) {
		local := getWorkspace[E]()
		defer local.release()
		sample := start(local)
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			for i := lo; i < hi; i++ {
				part := i % parts
				sample(i/parts, panels*part/parts, panels*(part+1)/parts)
			}
		}
	})
}
