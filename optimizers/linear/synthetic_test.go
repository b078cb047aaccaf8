package linear

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secondMoments returns X'X/N.
func secondMoments(d *Dataset) [][]float64 {
	m := make([][]float64, d.Columns)
	for a := range m {
		m[a] = make([]float64, d.Columns)
		for b := range m[a] {
			for r := range d.Rows {
				m[a][b] += d.row(r)[a] * d.row(r)[b] / float64(d.Rows)
			}
		}
	}
	return m
}

// largestEigenvalue returns the largest eigenvalue of shift*I + sign*m by power iteration.
func largestEigenvalue(m [][]float64, shift, sign float64) float64 {
	v := make([]float64, len(m))
	for i := range v {
		v[i] = 1 + 0.1*float64(i)
	}
	value := 0.0
	for range 20000 {
		next := make([]float64, len(m))
		for i := range m {
			next[i] = shift*v[i] + sign*dot(m[i], v)
		}
		value = math.Sqrt(dot(next, next))
		for i := range next {
			next[i] /= value
		}
		v = next
	}
	return value
}

func TestSyntheticConditionNumber(t *testing.T) {
	for _, condition := range []float64{1, 10, 1000} {
		d, err := Synthetic{Rows: 200, Columns: 6, Condition: condition, Seed: 1}.Regression()
		require.NoError(t, err)
		m := secondMoments(d)
		largest := largestEigenvalue(m, 0, 1)
		smallest := 1 - largestEigenvalue(m, 1, -1)
		if condition == 1 {
			smallest = largest
			for a := range m {
				for b := range m {
					want := 0.0
					if a == b {
						want = 1
					}
					assert.InDelta(t, want, m[a][b], 1e-12)
				}
			}
		}
		assert.InDelta(t, 1, largest, 1e-9)
		assert.InEpsilon(t, 1/condition, smallest, 1e-6)
		assert.Less(t, math.Abs(m[0][1])+math.Abs(m[2][3]), 1.0)
	}
}

func TestSyntheticLabels(t *testing.T) {
	clean := Synthetic{Rows: 4000, Columns: 3, Condition: 2, Seed: 1}
	noisy := clean
	noisy.Noise = 0.25
	a, err := clean.Regression()
	require.NoError(t, err)
	b, err := noisy.Regression()
	require.NoError(t, err)
	mean, square := 0.0, 0.0
	for r := range a.Y {
		mean += (b.Y[r] - a.Y[r]) / 4000
		square += (b.Y[r] - a.Y[r]) * (b.Y[r] - a.Y[r]) / 4000
	}
	assert.InDelta(t, 0, mean, 4*0.25/math.Sqrt(4000))
	assert.InDelta(t, 0.25, math.Sqrt(square), 0.02)

	c, err := clean.Classification()
	require.NoError(t, err)
	d, err := noisy.Classification()
	require.NoError(t, err)
	flipped := 0
	for r := range c.Y {
		assert.Equal(t, 1.0, math.Abs(c.Y[r]))
		assert.Equal(t, a.Y[r] >= 0, c.Y[r] > 0)
		if c.Y[r] != d.Y[r] {
			flipped++
		}
	}
	assert.InDelta(t, 1000, flipped, 110) // four standard deviations
}

func TestSyntheticRefuses(t *testing.T) {
	for _, s := range []Synthetic{
		{Rows: 3, Columns: 4, Condition: 1},
		{Rows: 3, Columns: 0, Condition: 1},
		{Rows: 1 << 20, Columns: 1 << 20, Condition: 1},
		{Rows: 4, Columns: 2, Condition: 0.5},
		{Rows: 4, Columns: 2, Condition: math.Inf(1)},
		{Rows: 4, Columns: 2, Condition: math.NaN()},
		{Rows: 4, Columns: 2, Condition: 1, Noise: -1},
	} {
		_, err := s.Regression()
		assert.Error(t, err)
		_, err = s.Classification()
		assert.Error(t, err)
	}
	_, err := Synthetic{Rows: 4, Columns: 2, Condition: 1, Noise: 1.5}.Classification()
	assert.EqualError(t, err, "noise 1.5: want a fraction of labels, at most 1")
	one, err := Synthetic{Rows: 4, Columns: 1, Condition: 10}.Regression()
	require.NoError(t, err)
	assert.Len(t, one.X, 4)
}
