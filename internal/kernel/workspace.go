package kernel

import "sync"

// workspace is the memory that one goroutine works in. It is kept between calls, so that calls do not allocate.
type workspace[E Float] struct {
	source   []E // a sample's planes with zeros around
	weights  []E // packed weights, or vectors of an outer product
	result   []E // outputs that are not yet in their place
	scratch  []E // one tile
	offsets  []int32
	segments []segment
	tile     tileArgs
	outer    outerArgs
}

var (
	workspaces32 = sync.Pool{New: func() any { return new(workspace[float32]) }}
	workspaces64 = sync.Pool{New: func() any { return new(workspace[float64]) }}
)

func getWorkspace[E Float]() *workspace[E] {
	if size[E]() == 4 {
		return workspaces32.Get().(*workspace[E])
	}
	return workspaces64.Get().(*workspace[E])
}

// release gives the workspace back, without pointers to the caller's slices.
func (w *workspace[E]) release() {
	w.tile, w.outer = tileArgs{}, outerArgs{}
	if size[E]() == 4 {
		workspaces32.Put(w)
	} else {
		workspaces64.Put(w)
	}
}

// grow returns *s with n elements of any value, and keeps it.
func grow[E any](s *[]E, n int) []E {
	if cap(*s) < n {
		*s = make([]E, n)
	}
	*s = (*s)[:n]
	return *s
}
