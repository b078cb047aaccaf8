package linear

import (
	"math"

	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Problem is the mean loss of a linear model over a data set, split into batches of rows:
//
//	f(w)   = 1/B * sum of f_b(w) over the batches
//	f_b(w) = B/N * sum of loss(x_i·w, y_i) over the rows i of batch b
//
// The factor B/N instead of one over the batch's own size gives a last batch of fewer rows its share, so that f is the mean
// over all N rows whatever the batch size, and the same in every outer loop.
//
// Sums are taken in the order of columns (dot products) and of the rows of a batch, in float64 without fused operations.
type Problem struct {
	data   *Dataset
	labels []float64
	loss   Loss
	batch  int
	rows   number.Stream
	order  []int
	weight *optimizers.Parameter
}

var _ optimizers.Problem = (*Problem)(nil)

// WeightName is the canonical name of the one parameter, of shape (columns).
const WeightName = "weight"

// NewProblem returns the problem at w = 0. The rows of each outer loop are shuffled by seed and number of the outer loop.
func NewProblem(data *Dataset, loss Loss, batch int, seed uint64, formats optimizers.Formats) (*Problem, error) {
	if batch < 1 || batch > data.Rows {
		return nil, errors.Errorf("a batch of %d rows: want 1 to %d, the number of rows", batch, data.Rows)
	}
	p := &Problem{
		data: data, loss: loss, batch: batch,
		labels: make([]float64, data.Rows),
		rows:   number.NewStream(seed, "linear/rows"),
		order:  make([]int, data.Rows),
		weight: &optimizers.Parameter{
			Name: WeightName, Shape: []int{data.Columns}, Formats: formats,
			Value:    optimizers.Vector{F64: make([]float64, data.Columns)},
			Gradient: optimizers.Vector{F64: make([]float64, data.Columns)},
		},
	}
	for i, y := range data.Y {
		label, err := loss.Label(y)
		if err != nil {
			return nil, errors.Wrapf(err, "row %d", i)
		}
		p.labels[i] = label
		p.order[i] = i
	}
	return p, nil
}

// Parameters returns the weight.
func (p *Problem) Parameters() []*optimizers.Parameter { return []*optimizers.Parameter{p.weight} }

// Batches returns B, the last batch included where it has fewer rows.
func (p *Problem) Batches() int { return (p.data.Rows + p.batch - 1) / p.batch }

// NextOuter shuffles the rows (Fisher and Yates, from the last row down).
func (p *Problem) NextOuter(outer int) error {
	if outer < 0 || int64(outer) > math.MaxUint32 {
		return errors.Errorf("outer loop %d is beyond the random streams", outer)
	}
	draw := number.Draw{Stream: p.rows, Execution: uint32(outer), Domain: number.Data}
	for i := range p.order {
		p.order[i] = i
	}
	for i := len(p.order) - 1; i > 0; i-- {
		j := optimizers.Choose(draw, uint64(i), i+1)
		p.order[i], p.order[j] = p.order[j], p.order[i]
	}
	return nil
}

// Gradient evaluates f_b. The pass is not used: nothing in the evaluation is random.
func (p *Problem) Gradient(batch int, _ optimizers.Pass) (loss float64, err error) {
	if batch < 0 || batch >= p.Batches() {
		return 0, errors.Errorf("batch %d of %d", batch, p.Batches())
	}
	first := batch * p.batch
	rows := p.order[first:min(first+p.batch, len(p.order))]
	w, g := p.weight.Value.F64, p.weight.Gradient.F64
	clear(g)
	for _, r := range rows {
		loss += p.accumulate(r, w, g)
	}
	share := float64(p.data.Rows) / float64(p.Batches()) // rows of an average batch
	for j := range g {
		g[j] /= share
	}
	return loss / share, nil
}

// accumulate adds the gradient of one row to g and returns its loss.
func (p *Problem) accumulate(r int, w, g []float64) float64 {
	x := p.data.row(r)
	prediction := 0.0
	for j, v := range x {
		prediction += float64(v * w[j])
	}
	slope := p.loss.Slope(prediction, p.labels[r])
	for j, v := range x {
		g[j] += float64(slope * v)
	}
	return p.loss.Value(prediction, p.labels[r])
}

// Objective returns f(w) + decay/2 * |w|² and the 2-norm of its gradient, over all rows in their own order.
func (p *Problem) Objective(w []float64, decay float64) (loss, gradientNorm float64) {
	g := make([]float64, len(w))
	for r := range p.data.Rows {
		loss += p.accumulate(r, w, g)
	}
	rows := float64(p.data.Rows)
	penalty, squares := 0.0, 0.0
	for j, v := range w {
		penalty += float64(v * v)
		total := g[j]/rows + float64(decay*v)
		squares += float64(total * total)
	}
	return loss/rows + float64(decay/2*penalty), math.Sqrt(squares)
}
