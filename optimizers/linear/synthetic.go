package linear

import (
	"math"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/elementary"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
)

// Synthetic describes a random problem of known condition number. The columns of the features are orthogonal combinations of
// directions whose mean squares run from 1 down to 1/Condition in equal ratios, so that X'X/Rows, the Hessian of least
// squares, has exactly these eigenvalues, up to rounding.
type Synthetic struct {
	Rows, Columns int
	// Condition is the ratio of the largest to the smallest eigenvalue, at least 1.
	Condition float64
	// Noise is the standard deviation of what is added to the labels of a regression; for a classification, the fraction of
	// labels that are flipped.
	Noise float64
	Seed  uint64
}

// maxSynthetic bounds the elements of a synthetic matrix, to 1 GiB.
const maxSynthetic = 1 << 27

func (s Synthetic) check() error {
	switch {
	case s.Rows < 1 || s.Columns < 1 || s.Rows < s.Columns:
		return errors.Errorf("synthetic data of %d rows and %d columns: want at least 1 column and no more columns than rows", s.Rows, s.Columns)
	case s.Rows > maxSynthetic/s.Columns:
		return errors.Errorf("synthetic data of %d rows and %d columns: want at most %d elements", s.Rows, s.Columns, maxSynthetic)
	case !(s.Condition >= 1) || math.IsInf(s.Condition, 0):
		return errors.Errorf("condition number %v: want a number from 1", s.Condition)
	case !(s.Noise >= 0) || math.IsInf(s.Noise, 0):
		return errors.Errorf("noise %v: want a number that is not negative", s.Noise)
	}
	return nil
}

// Regression returns labels y = x·w + Noise*e with weights uniform in [-1, 1) and e near normal with variance 1.
func (s Synthetic) Regression() (*Dataset, error) {
	d, err := s.features()
	if err != nil {
		return nil, err
	}
	noise := s.draw("noise")
	for r, y := range d.Y {
		d.Y[r] = y + float64(s.Noise*normal(noise, uint64(r)))
	}
	return d, nil
}

// Classification returns labels -1 and 1, the sign of x·w, flipped in the fraction Noise of rows.
func (s Synthetic) Classification() (*Dataset, error) {
	if s.Noise > 1 {
		return nil, errors.Errorf("noise %v: want a fraction of labels, at most 1", s.Noise)
	}
	d, err := s.features()
	if err != nil {
		return nil, err
	}
	noise := s.draw("noise")
	for r, y := range d.Y {
		label := 1.0
		if y < 0 {
			label = -1
		}
		if uniform(noise, uint64(r)) < s.Noise {
			label = -label
		}
		d.Y[r] = label
	}
	return d, nil
}

// features returns the features, with x·w as labels.
func (s Synthetic) features() (*Dataset, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	columns := randomOrthogonal(s.draw("features"), s.Columns, s.Rows)
	directions := randomOrthogonal(s.draw("directions"), s.Columns, s.Columns)
	x := make([]float64, s.Rows*s.Columns)
	for k, column := range columns {
		scale := math.Sqrt(float64(s.Rows) * s.eigenvalue(k))
		for r, v := range column {
			for j := range s.Columns {
				x[r*s.Columns+j] += float64(float64(scale*v) * directions[k][j])
			}
		}
	}
	d := &Dataset{Rows: s.Rows, Columns: s.Columns, X: x, Y: make([]float64, s.Rows)}
	weights := s.draw("weights")
	for r := range d.Y {
		for j, v := range d.row(r) {
			d.Y[r] += float64(v * (float64(2*uniform(weights, uint64(j))) - 1))
		}
	}
	return d, nil
}

// eigenvalue returns Condition^(-k/(Columns-1)).
func (s Synthetic) eigenvalue(k int) float64 {
	if s.Columns == 1 {
		return 1
	}
	return elementary.Exp(-elementary.Log(s.Condition) * float64(k) / float64(s.Columns-1))
}

func (s Synthetic) draw(name string) number.Draw {
	return number.Draw{Stream: number.NewStream(s.Seed, "linear/"+name), Domain: number.Data}
}

// randomOrthogonal returns count orthonormal vectors of the given length: near normal random vectors, orthogonalised by
// Gram and Schmidt, twice against rounding.
func randomOrthogonal(draw number.Draw, count, length int) [][]float64 {
	vectors := make([][]float64, count)
	for k := range vectors {
		v := make([]float64, length)
		for i := range v {
			v[i] = normal(draw, uint64(k*length+i))
		}
		for range 2 {
			for _, u := range vectors[:k] {
				along := dot(u, v)
				for i := range v {
					v[i] -= float64(along * u[i])
				}
			}
		}
		length := math.Sqrt(dot(v, v))
		for i := range v {
			v[i] /= length
		}
		vectors[k] = v
	}
	return vectors
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

// uniform returns a multiple of 2^-30 in [0, 1).
func uniform(draw number.Draw, index uint64) float64 {
	return float64(optimizers.Choose(draw, index, 1<<30)) / (1 << 30)
}

// normal returns the sum of 12 uniform numbers less 6: mean 0, variance 1, and nearly the normal distribution's shape, with
// the same bits on every processor.
func normal(draw number.Draw, index uint64) float64 {
	sum := 0.0
	for k := range uint64(12) {
		sum += float64(draw.Bits(12*index+k)) + 0.5 // the middle of an interval of 2^-16
	}
	return float64(sum/(1<<16)) - 6
}
