//go:build amd64 && !noasm

package kernel

// The kernels for linear grids: those that round to nearest and stochastically, in lanes of float32 and of float64.
var (
	linearAVX512 = [2][2]func(*linearArgs){{roundNearestAVX512, roundStochasticAVX512}, {roundNearestDoubleAVX512, roundStochasticDoubleAVX512}}
	linearAVX2   = [2][2]func(*linearArgs){{roundNearestAVX2, roundStochasticAVX2}, {roundNearestDoubleAVX2, roundStochasticDoubleAVX2}}
)

// linearKernel returns the kernel, or nil if there is none.
func linearKernel(nearest, double bool) func(*linearArgs) {
	i, j := 0, 1
	if double {
		i = 1
	}
	if nearest {
		j = 0
	}
	switch active() {
	case isaAVX512:
		return linearAVX512[i][j]
	case isaAVX2:
		return linearAVX2[i][j]
	}
	return nil
}

func maxAbsKernel(m *maxAbsArgs) bool {
	switch active() {
	case isaAVX512:
		maxAbsAVX512(m)
	case isaAVX2:
		maxAbsAVX2(m)
	default:
		return false
	}
	return true
}
