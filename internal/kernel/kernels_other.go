//go:build !amd64 || noasm

package kernel

func float32Tile(int) tileKernel { return float32TileGo }

func tallerTile(k tileKernel) (tileKernel, bool) { return k, false }

func float64Tile() tileKernel { return float64TileGo }

func float32Outer(int) outerKernel { return float32OuterGo }

func float64Outer(int) outerKernel { return float64OuterGo }

func moveKernel(*rowArgs, int, int) bool { return false }

func splitKernel(*rowArgs, int, int) bool { return false }

func joinKernel(*rowArgs, int, int) bool { return false }

func transposeKernel(*rowArgs, int, int) bool { return false }

func pointwiseKernel(pointwiseOp, *pointwiseArgs) bool { return false }

func columnKernel(*columnArgs) bool { return false }

func planeKernel(planeOp, *planeArgs) bool { return false }
