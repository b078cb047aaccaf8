package number

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// recipe is what a format alone determines of how its tensors are quantized.
type recipe struct {
	lined     bool // blocks have lines and not grids
	cell      cell // of all blocks, if lined and the format gives their values
	whole     bool // there is that cell
	minifloat round.Minifloat
	float     bool                  // there is a cell, and it is the minifloat
	table     atomic.Pointer[table] // of that cell, once it was worth making
	tiles     round.Tiles
	tiled     bool // kernels take blocks of neighbours as tiles
	shared    round.Shared
	sharing   bool        // kernels take blocks as they share exponents
	steps     sharedSteps // if sharing
}

// recipes holds those that were asked for. A format is a small value, and a program has few.
var recipes struct {
	known atomic.Pointer[map[Format]*recipe]
	mutex sync.Mutex // of changes
}

// maxRecipes is how many are kept.
const maxRecipes = 1 << 10

// recipe returns the recipe of the format.
func (f Format) recipe() *recipe {
	known := recipes.known.Load()
	if known != nil {
		if r, ok := (*known)[f]; ok {
			return r
		}
	}
	r := newRecipe(f)
	recipes.mutex.Lock()
	defer recipes.mutex.Unlock()
	next := map[Format]*recipe{f: r}
	if known = recipes.known.Load(); known != nil && len(*known) < maxRecipes {
		maps.Copy(next, *known)
	}
	recipes.known.Store(&next)
	return r
}

func newRecipe(f Format) *recipe {
	r := &recipe{lined: f.lined()}
	if l, ok := f.spec().(liner); ok && r.lined && l.points(f) == 0 && !f.scaledByBlock() {
		r.whole, r.cell = true, cell{format: f, line: l.line(f, blockValues{step: f.fixedStep()})}
		r.minifloat, r.float = minifloatOf(f, r.cell.line)
	}
	_, known := kernelRounding(f.rounding)
	if k, ok := f.spec().(tiler); ok && known {
		r.tiles, r.tiled = k.tiles(f)
		r.tiles.Length = int(f.tile.Width)
	}
	if f.kind == bfpIndex && f.compat != swalp && known {
		r.shared, r.sharing = sharedOf(f)
		r.steps = newSharedSteps(f)
	}
	return r
}
