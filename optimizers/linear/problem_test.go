package linear

import (
	"math"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func allLosses() []Loss {
	return []Loss{Squares{}, Logistic{}, SVM{Smoothing: 1}, SVM{Smoothing: 0.25}}
}

// The slope is the derivative of the value, by central differences.
func TestSlopes(t *testing.T) {
	const h = 1e-5
	for _, l := range append(allLosses(), SVM{}) {
		for _, label := range []float64{-1, 1} {
			for p := -3.03; p < 3; p += 0.25 {
				want := (l.Value(p+h, label) - l.Value(p-h, label)) / (2 * h)
				assert.InDelta(t, want, l.Slope(p, label), 1e-8, "%#v at %v, label %v", l, p, label)
			}
		}
	}
}

func TestLossesAtTheirEdges(t *testing.T) {
	assert.InEpsilon(t, math.Ln2, Logistic{}.Value(0, 1), 1e-15)
	assert.InEpsilon(t, 1000, Logistic{}.Value(-1000, 1), 1e-15, "no overflow")
	assert.InEpsilon(t, math.Exp(-100), Logistic{}.Value(100, 1), 1e-14, "small losses are accurate")
	assert.InEpsilon(t, -math.Exp(-100), Logistic{}.Slope(100, 1), 1e-14)
	assert.Equal(t, 0.0, SVM{Smoothing: 1}.Value(1, 1))
	assert.Equal(t, 0.5, SVM{Smoothing: 1}.Value(0, 1), "the quadratic part ends where the linear one begins")
	assert.Equal(t, 1.5, SVM{Smoothing: 1}.Value(-1, 1))
	assert.Equal(t, 2.0, SVM{}.Value(1, -1), "the hinge itself")
}

func TestLossNames(t *testing.T) {
	assert.Equal(t, []string{"squares", "logistic", "svm"}, LossNames())
	for _, name := range LossNames() {
		l, err := ParseLoss(name)
		require.NoError(t, err)
		assert.Equal(t, name, l.Name())
	}
	_, err := ParseLoss("hinge")
	assert.EqualError(t, err, `unknown loss "hinge"; there are: squares, logistic, svm`)
}

func small(t *testing.T) *Dataset {
	t.Helper()
	data, err := Synthetic{Rows: 23, Columns: 4, Condition: 3, Noise: 0.1, Seed: 5}.Classification()
	require.NoError(t, err)
	return data
}

// The mean of the batches' gradients is the gradient over all rows, also when the last batch has fewer rows, and the gradient
// is the derivative of the objective.
func TestBatchesMakeUpTheObjective(t *testing.T) {
	data := small(t)
	w := []float64{0.3, -0.7, 0.2, 1.1}
	for _, loss := range allLosses() {
		for _, batch := range []int{1, 5, 23} {
			p, err := NewProblem(data, loss, batch, 1, optimizers.Formats{})
			require.NoError(t, err)
			copy(p.weight.Value.F64, w)
			require.NoError(t, p.NextOuter(3))
			mean, value := make([]float64, 4), 0.0
			for b := range p.Batches() {
				l, err := p.Gradient(b, optimizers.Pass{})
				require.NoError(t, err)
				value += l / float64(p.Batches())
				for j, g := range p.weight.Gradient.F64 {
					mean[j] += g / float64(p.Batches())
				}
			}
			want, length := p.Objective(w, 0)
			assert.InDelta(t, want, value, 1e-14)
			assert.InDelta(t, math.Sqrt(dot(mean, mean)), length, 1e-14)
			const h = 1e-5
			for j := range w {
				up, down := append([]float64(nil), w...), append([]float64(nil), w...)
				up[j] += h
				down[j] -= h
				above, _ := p.Objective(up, 0)
				below, _ := p.Objective(down, 0)
				assert.InDelta(t, (above-below)/(2*h), mean[j], 1e-7, "%#v", loss)
			}
		}
	}
}

func TestObjectiveWithDecay(t *testing.T) {
	p, err := NewProblem(small(t), Squares{}, 1, 1, optimizers.Formats{})
	require.NoError(t, err)
	w := []float64{1, 2, 0, 0}
	plain, _ := p.Objective(w, 0)
	penalised, length := p.Objective(w, 0.5)
	assert.InDelta(t, plain+0.5/2*5, penalised, 1e-14)
	_, far := p.Objective([]float64{1e6, 0, 0, 0}, 1e6)
	assert.InEpsilon(t, 1e12, far, 1e-5)
	assert.Positive(t, length)
}

// The batches of an outer loop are a function of its number, whatever came before.
func TestNextOuter(t *testing.T) {
	a, err := NewProblem(small(t), Squares{}, 4, 1, optimizers.Formats{})
	require.NoError(t, err)
	b, err := NewProblem(small(t), Squares{}, 4, 1, optimizers.Formats{})
	require.NoError(t, err)
	require.NoError(t, a.NextOuter(0))
	first := append([]int(nil), a.order...)
	require.NoError(t, a.NextOuter(7))
	require.NoError(t, b.NextOuter(7))
	assert.Equal(t, b.order, a.order)
	assert.NotEqual(t, first, a.order)
	seen := make([]bool, 23)
	for _, r := range a.order {
		seen[r] = true
	}
	assert.NotContains(t, seen, false)
	assert.Error(t, a.NextOuter(-1))
	_, err = a.Gradient(6, optimizers.Pass{})
	assert.EqualError(t, err, "batch 6 of 6")
}

func TestBadData(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		rows, columns int
		x, y          []float64
		want          string
	}{
		{0, 1, nil, nil, "the data have 0 rows and 1 columns, want at least one of each"},
		{1, 2, []float64{1}, []float64{1}, "a matrix of 1 rows and 2 columns cannot have 1 elements"},
		{2, 1, []float64{1, 2}, []float64{1}, "there are 1 labels for 2 rows"},
		{2, 2, []float64{1, 2, 3, nan}, []float64{1, 2}, "feature 1 of row 1 is NaN"},
		{2, 1, []float64{1, 2}, []float64{1, math.Inf(1)}, "label of row 1 is +Inf"},
	} {
		_, err := NewDataset(c.rows, c.columns, c.x, c.y)
		assert.EqualError(t, err, c.want)
	}
	data, err := NewDataset(2, 1, []float64{1, 2}, []float64{1, 2})
	require.NoError(t, err)
	_, err = NewProblem(data, Logistic{}, 1, 1, optimizers.Formats{})
	assert.EqualError(t, err, "row 1: label 2: the labels of two classes are 0 and 1, or -1 and 1")
	_, err = NewProblem(data, Squares{}, 3, 1, optimizers.Formats{})
	assert.EqualError(t, err, "a batch of 3 rows: want 1 to 2, the number of rows")
}

func TestFromArrays(t *testing.T) {
	for _, data := range []any{
		[]float64{1, 0},
		[]float32{1, 0},
		[]int8{1, 0},
		[]int16{1, 0},
		[]int32{1, 0},
		[]int64{1, 0},
		[]uint8{1, 0},
		[]uint16{1, 0},
		[]uint32{1, 0},
		[]uint64{1, 0},
	} {
		for _, shape := range [][]int{{2}, {2, 1}} {
			d, err := FromArrays(&npy.Array{Shape: []int{2, 1}, Data: data}, &npy.Array{Shape: shape, Data: data})
			require.NoError(t, err)
			assert.Equal(t, &Dataset{Rows: 2, Columns: 1, X: []float64{1, 0}, Y: []float64{1, 0}}, d)
		}
	}
	matrix := &npy.Array{Shape: []int{1, 2}, Data: []float64{1, 0}}
	vector := &npy.Array{Shape: []int{2}, Data: []float64{1, 0}}
	_, err := FromArrays(vector, vector)
	assert.EqualError(t, err, "the features have shape [2], want a matrix of one row per example")
	_, err = FromArrays(matrix, matrix)
	assert.EqualError(t, err, "the labels have shape [1 2], want one number per example")
	_, err = FromArrays(matrix, vector)
	assert.EqualError(t, err, "there are 2 labels for 1 rows")
	_, err = FromArrays(&npy.Array{Shape: []int{1, 1}, Data: []string{""}}, vector)
	assert.EqualError(t, err, "features: elements of type []string are not numbers")
	_, err = FromArrays(&npy.Array{Shape: []int{0, 3}, Data: []float64{}}, &npy.Array{Shape: []int{0}, Data: []float64{}})
	assert.EqualError(t, err, "the data have 0 rows and 3 columns, want at least one of each")
}

func TestStandardizeAndIntercept(t *testing.T) {
	d, err := NewDataset(3, 2, []float64{1, 5, 2, 5, 6, 5}, []float64{1, 2, 3})
	require.NoError(t, err)
	s := d.Standardize()
	assert.InDelta(t, 0, s.X[0]+s.X[2]+s.X[4], 1e-15)
	assert.InDelta(t, 3, s.X[0]*s.X[0]+s.X[2]*s.X[2]+s.X[4]*s.X[4], 1e-14)
	assert.Equal(t, []float64{0, 0, 0}, []float64{s.X[1], s.X[3], s.X[5]}, "a constant column")
	assert.Equal(t, []float64{1, 5, 2, 5, 6, 5}, d.X, "the original is not touched")
	one := d.WithIntercept()
	assert.Equal(t, &Dataset{Rows: 3, Columns: 3, X: []float64{1, 5, 1, 2, 5, 1, 6, 5, 1}, Y: d.Y}, one)
}
