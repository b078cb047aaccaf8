package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel/elementary"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

var _ SampleRunner = (*SoftmaxLoss)(nil)

// SoftmaxLoss is the cross-entropy of softmax(x) against the targets t, both of shape (rows, classes):
//
//	loss = -factor * sum over rows r and classes j of t[r,j] * (x[r,j] - max_r - log(sum_j exp(x[r,j] - max_r))),
//
// in float64, rows and classes in ascending order, rounded once. The mean over rows has factor 1/rows.
type SoftmaxLoss struct {
	base
	Factor  float64
	perRows []float64
}

// NewSoftmaxLoss adds the loss of logits x against targets t.
func NewSoftmaxLoss(x, t *gorgonia.Node, factor float64) (*gorgonia.Node, error) {
	if x.Dims() != 2 || !x.Shape().Eq(t.Shape()) {
		return nil, errors.Errorf("qops: softmax loss of logits %v and targets %v: wanted two matrices of one shape", x.Shape(), t.Shape())
	}
	return apply(&SoftmaxLoss{base: newBase("softmaxloss", "out", nil, x, t).of("input", "target"), Factor: factor}, x, t), nil
}

// Do implements gorgonia.Op.
func (o *SoftmaxLoss) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp: targets are data.
func (o *SoftmaxLoss) DiffWRT(int) []bool { return []bool{true, false} }

// SymDiff implements gorgonia.SDOp.
func (o *SoftmaxLoss) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	op := &SoftmaxLossGrad{base: newBase("softmaxloss", "out", in[0].Shape(), in[0], in[1], grad).of("input", "target", "error"), Factor: o.Factor}
	return gorgonia.Nodes{apply(op, in[0], in[1], grad), nil}, nil
}

// Run implements Op.
func (o *SoftmaxLoss) Run(c *Call) error {
	o.begin(c)
	if err := inRanges(o, c, c.In[0].Shape[0], 64, softmaxLossRows[float32], softmaxLossRows[float64]); err != nil {
		return err
	}
	return o.EndSamples(c)
}

// BySample implements SampleRunner.
func (*SoftmaxLoss) BySample(*Call) ([]bool, bool) { return []bool{true, true}, true }

// BeginSamples implements SampleRunner.
func (o *SoftmaxLoss) BeginSamples(c *Call) error {
	o.begin(c)
	return nil
}

func (o *SoftmaxLoss) begin(c *Call) { o.perRows = resize(o.perRows, c.In[0].Shape[0]) }

// RunSamples implements SampleRunner.
func (o *SoftmaxLoss) RunSamples(c *Call, _ *View, lo, hi int) error {
	if c.Out.F64 != nil {
		softmaxLossRows[float64](o, c, lo, hi)
	} else {
		softmaxLossRows[float32](o, c, lo, hi)
	}
	return nil
}

// EndSamples implements SampleRunner.
func (o *SoftmaxLoss) EndSamples(c *Call) error {
	total := 0.0
	for _, l := range o.perRows {
		total += l
	}
	if loss := -o.Factor * total; c.Out.F64 != nil {
		c.Out.F64[0] = loss
	} else {
		c.Out.F32[0] = float32(loss)
	}
	return nil
}

// softmaxLossRows takes the sums of the rows lo to hi.
func softmaxLossRows[T Float](o *SoftmaxLoss, c *Call, lo, hi int) {
	classes := c.In[0].Shape[1]
	x, t := Data[T](c.In[0]), Data[T](c.In[1])
	var exps [expChunk]float64
	for r := lo; r < hi; r++ {
		row, target := x[r*classes:(r+1)*classes], t[r*classes:(r+1)*classes]
		top, sum := softmaxRow(row, &exps)
		logSum, loss := elementary.Log(sum), 0.0
		for j, v := range row {
			loss += float64(float64(target[j]) * (float64(v) - top - logSum))
		}
		o.perRows[r] = loss
	}
}

// softmaxRow returns the largest logit and the sum of exp(x - largest), in ascending order. The last exponentials are left
// in exps.
func softmaxRow[T Float](row []T, exps *[expChunk]float64) (top, sum float64) {
	top = float64(row[0])
	for _, v := range row[1:] {
		top = max(top, float64(v))
	}
	for rest := row; len(rest) > 0; {
		n := expsOf(exps, rest, top)
		for _, e := range exps[:n] {
			sum += e
		}
		rest = rest[n:]
	}
	return top, sum
}

// expChunk is the number of exponentials that are taken at a time.
const expChunk = 128

// expsOf sets the first exps to exp(x - top), as many as there are or fit, and returns their number.
func expsOf[T Float](exps *[expChunk]float64, x []T, top float64) int {
	n := min(len(x), expChunk)
	for i, v := range x[:n] {
		exps[i] = float64(v) - top
	}
	elementary.ExpSlice(exps[:n], exps[:n])
	return n
}

// SoftmaxLossGrad is factor*grad*(softmax(x)*sum_j t - t).
type SoftmaxLossGrad struct {
	base
	Factor float64
}

// Do implements gorgonia.Op.
func (o *SoftmaxLossGrad) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *SoftmaxLossGrad) Run(c *Call) error {
	return byType(c, func(c *Call) { softmaxLossGrad[float32](o, c) }, func(c *Call) { softmaxLossGrad[float64](o, c) })
}

func softmaxLossGrad[T Float](o *SoftmaxLossGrad, c *Call) {
	rows, classes := c.In[0].Shape[0], c.In[0].Shape[1]
	x, t, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	scale := o.Factor * float64(Data[T](c.In[2])[0])
	parallel.For(rows, 64, c.Threads, func(lo, hi int) {
		var exps [expChunk]float64
		for r := lo; r < hi; r++ {
			row, target := x[r*classes:(r+1)*classes], t[r*classes:(r+1)*classes]
			top, sum := softmaxRow(row, &exps)
			mass := 0.0
			for _, v := range target {
				mass += float64(v)
			}
			for first := 0; first < classes; {
				n := classes // all of which are there already
				if classes > expChunk {
					n = expsOf(&exps, row[first:], top)
				}
				for i, e := range exps[:n] {
					j := first + i
					out[r*classes+j] = T(scale * (float64(e/sum*mass) - float64(target[j])))
				}
				first += n
			}
		}
	})
}
