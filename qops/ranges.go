package qops

import "github.com/halftone-go/halftone/internal/kernel/parallel"

// grain is the least number of elements that is worth a thread of its own.
const grain = 16384

// byElement runs an op's float32 or float64 body, whichever the output is of, on ranges of the output's elements that
// cover it, on the call's threads. A call on one thread allocates nothing; so bodies are functions that capture nothing.
func byElement[O any](o O, c *Call, f32, f64 func(o O, c *Call, lo, hi int)) error {
	return inRanges(o, c, c.Out.Size(), grain, f32, f64)
}

// byPlane is byElement on ranges of planes: the elements of one index of axes 0 and 1 of the first operand. For matrices
// planes are single elements.
func byPlane[O any](o O, c *Call, f32, f64 func(o O, c *Call, lo, hi int)) error {
	channels, inner := planesOf(c)
	return inRanges(o, c, c.In[0].Shape[0]*channels, max(1, 4096/max(1, inner)), f32, f64)
}

// planesOf returns the number of planes of a sample, and of elements of a plane.
func planesOf(c *Call) (channels, inner int) { return c.In[0].Shape[1], size(c.In[0].Shape[2:]) }

func inRanges[O any](o O, c *Call, n, grain int, f32, f64 func(o O, c *Call, lo, hi int)) error {
	body := f32
	if c.Out.F64 != nil {
		body = f64
	}
	if c.Threads <= 1 {
		body(o, c, 0, n)
	} else {
		onThreads(o, c, n, grain, body)
	}
	return nil
}

// onThreads is by itself, so that its closure costs nothing where there is one thread.
func onThreads[O any](o O, c *Call, n, grain int, body func(o O, c *Call, lo, hi int)) {
	parallel.For(n, grain, c.Threads, func(lo, hi int) { body(o, c, lo, hi) })
}
