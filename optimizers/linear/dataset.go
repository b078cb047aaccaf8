package linear

import (
	"math"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// Dataset is a matrix of features, one example per row, and a label for each row.
type Dataset struct {
	Rows, Columns int
	// X is the matrix in row-major order.
	X []float64
	// Y has one label per row.
	Y []float64
}

// NewDataset checks sizes and values: there must be at least one row and one column, and every number must be finite.
func NewDataset(rows, columns int, x, y []float64) (*Dataset, error) {
	if rows < 1 || columns < 1 {
		return nil, errors.Errorf("the data have %d rows and %d columns, want at least one of each", rows, columns)
	}
	if len(x)/columns != rows || len(x)%columns != 0 {
		return nil, errors.Errorf("a matrix of %d rows and %d columns cannot have %d elements", rows, columns, len(x))
	}
	if len(y) != rows {
		return nil, errors.Errorf("there are %d labels for %d rows", len(y), rows)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.Errorf("feature %d of row %d is %v", i%columns, i/columns, v)
		}
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.Errorf("label of row %d is %v", i, v)
		}
	}
	return &Dataset{Rows: rows, Columns: columns, X: x, Y: y}, nil
}

// FromArrays makes a data set of a matrix (rows, columns) and labels of shape (rows) or (rows, 1). Elements of any type are
// converted to float64; 64-bit integers beyond 2^53 are rounded.
func FromArrays(x, y *npy.Array) (*Dataset, error) {
	if len(x.Shape) != 2 {
		return nil, errors.Errorf("the features have shape %v, want a matrix of one row per example", x.Shape)
	}
	if len(y.Shape) != 1 && (len(y.Shape) != 2 || y.Shape[1] != 1) {
		return nil, errors.Errorf("the labels have shape %v, want one number per example", y.Shape)
	}
	features, err := toFloat64(x)
	if err != nil {
		return nil, errors.Wrap(err, "features")
	}
	labels, err := toFloat64(y)
	if err != nil {
		return nil, errors.Wrap(err, "labels")
	}
	return NewDataset(x.Shape[0], x.Shape[1], features, labels)
}

func toFloat64(a *npy.Array) ([]float64, error) {
	switch data := a.Data.(type) {
	case []float64:
		return data, nil
	case []float32:
		return convert(data), nil
	case []int8:
		return convert(data), nil
	case []int16:
		return convert(data), nil
	case []int32:
		return convert(data), nil
	case []int64:
		return convert(data), nil
	case []uint8:
		return convert(data), nil
	case []uint16:
		return convert(data), nil
	case []uint32:
		return convert(data), nil
	case []uint64:
		return convert(data), nil
	default:
		return nil, errors.Errorf("elements of type %T are not numbers", a.Data)
	}
}

func convert[E npy.Element](data []E) []float64 {
	converted := make([]float64, len(data))
	for i, v := range data {
		converted[i] = float64(v)
	}
	return converted
}

// Standardize returns a copy whose columns have mean 0 and variance 1 (the mean square over the rows, not over rows - 1).
// A constant column becomes zeros. Labels are unchanged.
func (d *Dataset) Standardize() *Dataset {
	s := &Dataset{Rows: d.Rows, Columns: d.Columns, X: append([]float64(nil), d.X...), Y: d.Y}
	for c := range s.Columns {
		mean := s.columnMean(c, func(v float64) float64 { return v })
		variance := s.columnMean(c, func(v float64) float64 { return float64((v - mean) * (v - mean)) })
		factor := 0.0
		if variance > 0 {
			factor = 1 / math.Sqrt(variance)
		}
		for i := c; i < len(s.X); i += s.Columns {
			s.X[i] = (s.X[i] - mean) * factor
		}
	}
	return s
}

func (d *Dataset) columnMean(column int, f func(float64) float64) float64 {
	sum := 0.0
	for i := column; i < len(d.X); i += d.Columns {
		sum += f(d.X[i])
	}
	return sum / float64(d.Rows)
}

// WithIntercept returns a copy with a last column of ones, whose weight is the intercept.
func (d *Dataset) WithIntercept() *Dataset {
	x := make([]float64, 0, d.Rows*(d.Columns+1))
	for r := range d.Rows {
		x = append(x, d.row(r)...)
		x = append(x, 1)
	}
	return &Dataset{Rows: d.Rows, Columns: d.Columns + 1, X: x, Y: d.Y}
}

func (d *Dataset) row(r int) []float64 { return d.X[r*d.Columns : (r+1)*d.Columns] }
