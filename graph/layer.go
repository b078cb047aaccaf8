package graph

import (
	"runtime"
	"strings"
	"sync"
	"weak"

	"gorgonia.org/gorgonia"
)

// layerSpan says that the nodes of a graph from index first up to last (exclusive), in the order of their making,
// were made inside Layer(path).
type layerSpan struct {
	path        string
	first, last int
}

// layerBook keeps the spans of one graph. Spans are appended when they close, so inner ones come before outer ones.
type layerBook struct {
	mu    sync.Mutex
	open  []string
	spans []layerSpan
}

var (
	booksMu sync.Mutex
	// books are keyed by weak pointers: these do not keep a graph alive, and unlike addresses two graphs never have the
	// same one. An entry goes when its graph is collected.
	books = map[weak.Pointer[gorgonia.ExprGraph]]*layerBook{}
)

// Layer gives the nodes that build makes in g the layer path `path`, below the path of an enclosing Layer if there
// is one: Layer(g, "stage3", func() { Layer(g, "block1", f) }) names the layer "stage3/block1". A node belongs to
// the layer that first made it. Policies match these paths.
func Layer(g *gorgonia.ExprGraph, path string, build func()) {
	book := bookOf(g)
	book.mu.Lock()
	book.open = append(book.open, strings.Trim(path, "/"))
	full := strings.Join(book.open, "/")
	book.mu.Unlock()
	first := len(g.AllNodes())
	defer func() {
		book.mu.Lock()
		defer book.mu.Unlock()
		book.open = book.open[:len(book.open)-1]
		book.spans = append(book.spans, layerSpan{path: full, first: first, last: len(g.AllNodes())})
	}()
	build()
}

// layerPaths returns the layer path of every node of g that was made inside a Layer. The innermost layer wins.
func layerPaths(g *gorgonia.ExprGraph) map[*gorgonia.Node]string {
	book := bookOf(g)
	book.mu.Lock()
	defer book.mu.Unlock()
	nodes := g.AllNodes()
	paths := make(map[*gorgonia.Node]string, len(nodes))
	for _, span := range book.spans {
		for _, n := range nodes[span.first:min(span.last, len(nodes))] {
			if _, inner := paths[n]; !inner {
				paths[n] = span.path
			}
		}
	}
	return paths
}

func bookOf(g *gorgonia.ExprGraph) *layerBook {
	key := weak.Make(g)
	booksMu.Lock()
	defer booksMu.Unlock()
	book, ok := books[key]
	if !ok {
		book = &layerBook{}
		books[key] = book
		runtime.AddCleanup(g, func(k weak.Pointer[gorgonia.ExprGraph]) {
			booksMu.Lock()
			defer booksMu.Unlock()
			delete(books, k)
		}, key)
	}
	return book
}
