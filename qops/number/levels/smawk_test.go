package levels

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRowMinima compares with a look at every element, on random Monge matrices of all shapes with many ties, and counts
// the elements that are looked at.
func TestRowMinima(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		rows, columns := 1+random.IntN(60), 1+random.IntN(60)
		m := monge(rows, columns, random)
		looks := 0
		best := rowMinima(rows, columns, func(r, c int32) float64 {
			looks++
			return m[r][c]
		})
		for r := range rows {
			want := 0
			for c := range columns {
				if m[r][c] < m[r][want] {
					want = c
				}
			}
			assert.Equal(t, m[r][want], m[r][best[r]], "row %d of %dx%d", r, rows, columns)
		}
		assert.LessOrEqual(t, looks, 8*(rows+columns), "%dx%d", rows, columns)
	}
}

// monge returns a matrix whose rows and columns are shifted by anything, and whose mixed differences are not positive.
func monge(rows, columns int, random *rand.Rand) [][]float64 {
	shift := make([]float64, columns)
	for c := range shift {
		shift[c] = float64(random.IntN(40))
	}
	m := make([][]float64, rows)
	for r := range m {
		m[r] = make([]float64, columns)
		if r == 0 {
			copy(m[r], shift)
			continue
		}
		var sum float64
		for c := range m[r] {
			sum -= float64(random.IntN(2))
			m[r][c] = m[r-1][c] + sum
		}
	}
	return m
}
