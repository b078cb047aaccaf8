package kernel

import "sync"

// workspace is the memory that one goroutine works in. It is kept between calls, so that calls do not allocate.
type workspace[E Float] struct {
	source       []E // a sample's planes with zeros around
	weights      []E // packed weights, or vectors of an outer product
	result       []E // outputs that are not yet in their place
	scratch      []E // one tile
	offsets      []int32
	segments     []segment
	tile         tileArgs
	outer        outerArgs
	blocked      blockedTileArgs
	blockedOuter blockedOuterArgs
}

var (
	workspaces32 = sync.Pool{New: func() any { return new(workspace[float32]) }}
	workspaces64 = sync.Pool{New: func() any { return new(workspace[float64]) }}
	// Of pairs of codes.
	workspacesPair = sync.Pool{New: func() any { return new(workspace[pair]) }}
)

func workspacesOf[E Float]() *sync.Pool {
	switch any(E(0)).(type) {
	case float32:
		return &workspaces32
	case float64:
		return &workspaces64
	}
	return &workspacesPair
}

func getWorkspace[E Float]() *workspace[E] { return workspacesOf[E]().Get().(*workspace[E]) }

// release gives the workspace back, without pointers to the caller's slices.
func (w *workspace[E]) release() {
	w.tile, w.outer, w.blocked, w.blockedOuter = tileArgs{}, outerArgs{}, blockedTileArgs{}, blockedOuterArgs{}
	workspacesOf[E]().Put(w)
}

// grow returns *s with n elements of any value, and keeps it.
func grow[E any](s *[]E, n int) []E {
	if cap(*s) < n {
		*s = make([]E, n)
	}
	*s = (*s)[:n]
	return *s
}
