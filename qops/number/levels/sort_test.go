package levels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 5, 1000, radixWorth, radixWorth + 1, 50001} {
		x32, x64 := make([]float32, n), make([]float64, n)
		for k := range n {
			x32[k], x64[k] = math.Float32frombits(random.Uint32()), math.Float64frombits(random.Uint64())
		}
		checkSorted(t, x32)
		checkSorted(t, x64)
		for k := range n {
			x32[k], x64[k] = float32(k%7), 1 // digits that all values share
		}
		checkSorted(t, x32)
		checkSorted(t, x64)
	}
}

func checkSorted[T Float](t *testing.T, x []T) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(x), func(v T) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
	slices.Sort(want)
	for _, threads := range []int{1, 2, 5} {
		got := Sorted(x, threads)
		assert.True(t, slices.Equal(want, got), "%d values, %d threads", len(x), threads)
	}
}

func TestSortedZeros(t *testing.T) {
	x := make([]float32, radixWorth+3)
	for k := range x {
		x[k] = float32(math.Copysign(0, -1))
	}
	x[1], x[5], x[7], x[9] = -1, float32(math.NaN()), float32(math.Inf(1)), math.SmallestNonzeroFloat32
	got := Sorted(x, 2)
	assert.Len(t, got, len(x)-2)
	assert.Equal(t, float32(-1), got[0])
	assert.Equal(t, float32(math.SmallestNonzeroFloat32), got[len(got)-1])
	for _, v := range got[1 : len(got)-1] {
		assert.Zero(t, math.Float32bits(v))
	}
}
