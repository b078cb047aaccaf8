package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestProductSumsAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testProductSum[float32])
		t.Run("float64", testProductSum[float64])
	})
}

func testProductSum[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	var s ProductSum[T]
	tiny := kerneltest.Filling{Name: "tiny", Fill: func(rng *rand.Rand) float64 { return -rng.Float64() * 1e-200 }} // products that round to -0
	for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials, tiny} {
		for _, shape := range [][4]int{{1, 1, 1, 1}, {3, 16, 64, 50}, {4, 17, 33, 5}, {2, 7, 100, 9}, {5, 128, 65, 3}} {
			count, m, n, k := shape[0], shape[1], shape[2], shape[3]
			var as, bs [][]T
			want := make([]T, m*n)
			for i := range count {
				as, bs = append(as, kerneltest.Data[T](rng, f, k*m)), append(bs, kerneltest.Data[T](rng, f, k*n))
				one := make([]T, m*n)
				plainMatMul(one, as[i], bs[i], m, n, k, true, false, Sequence, 0, 1)
				for j, x := range one {
					if i == 0 {
						want[j] = x
					} else {
						want[j] += x
					}
				}
			}
			c, check := kerneltest.Guarded[T](m * n)
			for i := range count {
				s.Add(c, as[i], bs[i], m, n, k, i == 0)
			}
			kerneltest.RequireSameBits(t, want, c, f.Name, shape)
			check(t)
		}
	}
}

func TestProductSumsRefuseLengthsThatDoNotFit(t *testing.T) {
	var s ProductSum[float32]
	one := make([]float32, 1)
	assert.PanicsWithValue(t, badLength, func() { s.Add(one, one, nil, 1, 1, 1, true) })
	assert.PanicsWithValue(t, badLength, func() { s.Add(one, nil, one, 1, 1, 1, true) })
	assert.PanicsWithValue(t, badLength, func() { s.Add(nil, one, one, 1, 1, 1, true) })
	assert.PanicsWithValue(t, badLength, func() { s.Add(nil, one, one, 0, 1, 1, true) })
}
