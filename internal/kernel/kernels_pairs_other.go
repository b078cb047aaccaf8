//go:build !amd64 || noasm

package kernel

func pairTile(int) tileKernel { return pairTileGo }

func pairOuter(int) outerKernel { return pairOuterGo }

func scaleSums(args *scaleSumsArgs) { scaleSumsGo(args, 0) }
