package qops_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sample whose sums leave float32 on the way is summed in floats, not over codes, by samples as at once: over codes the
// sum would come back.
func TestSumsThatLeaveFloat32OnTheWay(t *testing.T) {
	for which, p := range convCases(geometry{n: 3, c: 1, h: 3, w: 5, oc: 1, kernel: 2, pad: 0, stride: 1, dilation: 1})[:2] {
		for _, width := range []int{8, 12} {
			format := fmt.Sprintf("bfp:w%de8,block=sample,rne,sat", width)
			x, w := make([]float64, elements(p.shapes[0])), make([]float64, elements(p.shapes[1]))
			for i := range x {
				x[i] = 0x1p65
				if i < len(x)/3 {
					x[i] = 1
				}
			}
			for i := range w { // that sums to 0
				w[i] = 0x1p64
				if i%2 > 0 {
					w[i] = -w[i]
				}
			}
			require.True(t, sameBySamples[float32](t, fmt.Sprint(p.name, which, width), p, format, fmt.Sprintf("bfp:w%de8,block=tensor,rne,sat", width), x, w))
		}
	}
}
