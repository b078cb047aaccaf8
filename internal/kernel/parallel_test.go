package kernel

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParallelCoversEachElementOnce(t *testing.T) {
	for _, n := range []int{0, 1, 5, 64, 100} {
		for _, grain := range []int{0, 1, 3, 64} {
			for _, threads := range []int{-1, 0, 1, 2, 3, 7, 200} {
				var mutex sync.Mutex
				seen := make([]int, n)
				ranges := 0
				Parallel(n, grain, threads, func(lo, hi int) {
					mutex.Lock()
					defer mutex.Unlock()
					ranges++
					assert.Less(t, lo, hi)
					assert.Zero(t, lo%max(grain, 1))
					for i := lo; i < hi; i++ {
						seen[i]++
					}
				})
				for _, times := range seen {
					require.Equal(t, 1, times)
				}
				assert.LessOrEqual(t, ranges, max(threads, 1))
			}
		}
	}
}

func TestSetISA(t *testing.T) {
	before := ISA()
	require.NoError(t, SetISA("go"))
	assert.Equal(t, "go", ISA())
	require.NoError(t, SetISA(before))
	assert.ErrorContains(t, SetISA("sse9"), "known are avx512, avx2, go")
	assert.Equal(t, before, ISA())
}
