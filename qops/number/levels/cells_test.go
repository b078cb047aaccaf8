package levels

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCellsCoverTheValues: cells, and what they are split into, follow one another without gaps, and hold all of the
// values that are equal to one of theirs.
func TestCellsCoverTheValues(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for name, x := range samples(400, random) {
		if len(slices.Compact(slices.Clone(x))) < 4 {
			continue
		}
		d := newSeries(x, 1)
		for _, count := range []int{3, 7, 50, 1000} {
			cells := partition(d, count)
			checkCells(t, x, cell{0, len(x) - 1}, cells, name)
			assert.LessOrEqual(t, len(cells), max(count, 3))
			for _, c := range cells {
				checkCells(t, x, c, c.split(d, nil), name)
				values := c.values(d, nil)
				checkCells(t, x, c, values, name)
				for _, v := range values {
					assert.Equal(t, x[v.first], x[v.last])
					assert.Equal(t, v, c.around(d, v.last))
				}
				if !c.single(d) {
					a, b := c.median(d)
					checkCells(t, x, c, []cell{a, b}, name)
				}
			}
		}
	}
}

func checkCells(t *testing.T, x []float32, whole cell, cells []cell, name string) {
	t.Helper()
	next := whole.first
	for _, c := range cells {
		require.Equal(t, next, c.first, name)
		require.LessOrEqual(t, c.first, c.last, name)
		if c.first > 0 {
			require.Less(t, x[c.first-1], x[c.first], name)
		}
		next = c.last + 1
	}
	require.Equal(t, whole.last+1, next, name)
}
