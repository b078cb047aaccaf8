package kernel

import "unsafe"

// The shapes of the plain kernels.
var (
	float32TileGo  = tileKernel{4, 2, 8, func(t *tileArgs) { tileGo[float32](t, 4, 2, 8) }}
	float64TileGo  = tileKernel{4, 2, 8, func(t *tileArgs) { tileGo[float64](t, 4, 2, 8) }}
	float32OuterGo = outerKernel{8, 16, func(t *outerArgs) { outerGo[float32](t, 8, 16) }}
	float64OuterGo = outerKernel{8, 16, func(t *outerArgs) { outerGo[float64](t, 8, 16) }}
)

func size[E Float]() int { return int(unsafe.Sizeof(E(0))) }

// tileFor returns the tile kernel of the element type for rows of so many outputs.
func tileFor[E Float](columns int) tileKernel {
	switch any(E(0)).(type) {
	case float32:
		return float32Tile(columns)
	case float64:
		return float64Tile()
	}
	return pairTile(columns)
}

// outerFor returns the outer-product kernel of the element type for so many vectors side by side.
func outerFor[E Float](lanes int) outerKernel {
	switch any(E(0)).(type) {
	case float32:
		return float32Outer(lanes)
	case float64:
		return float64Outer(lanes)
	}
	return pairOuter(lanes)
}
