package linear

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// halpOnLeastSquares is HALP with batches of one row, from the paper's pseudo-code: z is kept as integer codes.
func halpOnLeastSquares(d *Dataset, rate, mu float64, outers int, seed uint64, stochastic bool) []float64 {
	anchor := make([]float64, d.Columns)
	step := 0
	for outer := range outers {
		order := shuffledRows(d.Rows, outer, seed)
		slope := func(w []float64, r int) float64 { return dot(d.row(r), w) - d.Y[r] }
		full := make([]float64, d.Columns)
		for _, r := range order {
			for j, x := range d.row(r) {
				full[j] += slope(anchor, r) * x
			}
		}
		for j := range full {
			full[j] /= float64(d.Rows)
		}
		s := math.Sqrt(dot(full, full)) / (mu * 127)
		codes := make([]int64, d.Columns)
		for inner := range d.Rows {
			draw := number.Draw{Stream: number.NewStream(seed, "optimizer/batch"), Execution: uint32(outer), Domain: number.Data}
			r := order[optimizers.Choose(draw, uint64(inner), d.Rows)]
			w := make([]float64, d.Columns)
			for j := range w {
				w[j] = anchor[j] + float64(codes[j])*s
			}
			before, now := slope(anchor, r), slope(w, r)
			random := number.Draw{Stream: number.NewStream(seed, "weight.offset"), Execution: uint32(step)}
			for j, x := range d.row(r) {
				moved := (float64(codes[j])*s - rate*(now*x-before*x+full[j])) / s
				u := 0.5
				if stochastic {
					u = float64(random.Bits(uint64(j))) / 65536
					moved = math.Floor(moved*65536) / 65536 // 16 random bits look at 16 bits of the quotient
				}
				codes[j] = int64(max(-128, min(127, math.Floor(moved+u))))
			}
			step++
		}
		for j := range anchor {
			anchor[j] += float64(codes[j]) * s
		}
	}
	return anchor
}

func shuffledRows(n, outer int, seed uint64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	draw := number.Draw{Stream: number.NewStream(seed, "linear/rows"), Execution: uint32(outer), Domain: number.Data}
	for i := n - 1; i > 0; i-- {
		j := optimizers.Choose(draw, uint64(i), i+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

func TestHALPAgainstPseudoCode(t *testing.T) {
	d, err := Synthetic{Rows: 50, Columns: 5, Condition: 4, Noise: 0.1, Seed: 3}.Regression()
	require.NoError(t, err)
	for format, stochastic := range map[string]bool{"int:w8,scale=run,sr,sat": true, "int:w8,scale=run,rnu,sat": false} {
		config := &optimizers.HALP{Descent: optimizers.Descent{LearningRate: 0.05}, Mu: 0.5}
		fit, err := Run(context.Background(), d, Squares{}, config, Options{
			Batch: 1, Epochs: 6, Seed: 11, Formats: optimizers.Formats{Offset: number.MustParse(format)},
		})
		require.NoError(t, err)
		want := halpOnLeastSquares(d, 0.05, 0.5, 6, 11, stochastic)
		assert.InDeltaSlice(t, want, fit.Weights, 1e-12, "one code that differs would show")
		assert.Equal(t, 300, fit.Steps)
		assert.Equal(t, 6*50+2*300, fit.Evaluations)
	}
}

// Without rounding, SVRG and HALP are the same algorithm but for where sums are rounded.
func TestHALPWithoutRoundingIsSVRG(t *testing.T) {
	d := small(t)
	o := Options{Batch: 4, Epochs: 5, Seed: 2}
	descent := optimizers.Descent{LearningRate: 0.1, Momentum: 0.5, Decay: 0.1}
	for _, loss := range allLosses() {
		svrg, err := Run(context.Background(), d, loss, &optimizers.SVRG{Descent: descent}, o)
		require.NoError(t, err)
		halp, err := Run(context.Background(), d, loss, &optimizers.HALP{Descent: descent, Mu: 1}, o)
		require.NoError(t, err)
		assert.InDeltaSlice(t, svrg.Weights, halp.Weights, 1e-14)
	}
}

// SVRG reaches the optimum of every loss with a penalty: the gradient of the objective vanishes.
func TestSVRGConverges(t *testing.T) {
	d := small(t)
	config := &optimizers.SVRG{Descent: optimizers.Descent{LearningRate: 0.1, Decay: 0.1}}
	for _, loss := range allLosses() {
		var seen []Point
		fit, err := Run(context.Background(), d, loss, config, Options{Batch: 4, Epochs: 300, Seed: 2, Observe: func(p Point) { seen = append(seen, p) }})
		require.NoError(t, err)
		assert.Less(t, fit.Last().GradientNorm, 1e-10, "%#v", loss)
		assert.Equal(t, fit.Trace, seen)
		assert.Equal(t, 300, fit.Last().Epoch)
		assert.Less(t, fit.Last().Loss, fit.Trace[0].Loss)
	}
}

func TestSWALPReportsItsAverage(t *testing.T) {
	d := small(t)
	config := &optimizers.SWALP{Descent: optimizers.Descent{LearningRate: 0.1}, Start: optimizers.Span{Count: 30}, Every: optimizers.Span{Count: 1}}
	o := Options{Batch: 4, Epochs: 40, Seed: 2, Formats: optimizers.Formats{Master: number.MustParse("fixed:w8f3,sr,sat")}}
	fit, err := Run(context.Background(), d, Squares{}, config, o)
	require.NoError(t, err)
	onGrid := true
	for _, w := range fit.Weights {
		onGrid = onGrid && w*8 == math.Floor(w*8)
	}
	assert.False(t, onGrid, "the average is finer than the grid")
	plain, err := Run(context.Background(), d, Squares{}, &optimizers.LPSGD{Descent: config.Descent}, o)
	require.NoError(t, err)
	assert.Less(t, fit.Last().GradientNorm, plain.Last().GradientNorm)
}

func TestRunRefusesAndDiverges(t *testing.T) {
	d := small(t)
	_, err := Run(context.Background(), d, Squares{}, &optimizers.SGD{Descent: optimizers.Descent{LearningRate: 1}}, Options{Batch: 1})
	assert.EqualError(t, err, "0 epochs, want at least 1")
	_, err = Run(context.Background(), d, Squares{}, &optimizers.SGD{Descent: optimizers.Descent{LearningRate: 1e6}}, Options{Batch: 1, Epochs: 100})
	require.ErrorIs(t, err, optimizers.ErrNotFinite)
	assert.ErrorContains(t, err, "epoch ")
	assert.ErrorContains(t, err, "lower the learning rate")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Run(ctx, d, Squares{}, &optimizers.SGD{Descent: optimizers.Descent{LearningRate: 1}}, Options{Batch: 1, Epochs: 1})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestWriteTrace(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTrace(&b, []Point{{0, 0.1, 2}, {1, 1e-17, 1.0 / 3}}))
	assert.Equal(t, "epoch,loss,gradient_norm\n0,0.1,2\n1,1e-17,0.3333333333333333\n", b.String())
}

// The project's figure: HALP in 8 bits ends at a gradient norm at least a million times smaller than the other optimizers in
// 8 bits, at SVRG's rate.
func TestBitCentering(t *testing.T) {
	points := 0
	fits, err := BitCentering(context.Background(), 1, func(string, Point) { points++ })
	require.NoError(t, err)
	last := map[string]float64{}
	for _, f := range fits {
		last[f.Name] = f.Last().GradientNorm
		assert.Len(t, f.Trace, 61)
	}
	assert.Equal(t, 5*61, points)
	assert.Greater(t, last["LP-SGD 8 bits"], 1e6*last["HALP 8 bits"])
	assert.Greater(t, last["LP-SVRG 8 bits"], 1e6*last["HALP 8 bits"])
	assert.LessOrEqual(t, last["HALP 8 bits"], last["SVRG float64"])

	// Factor per epoch between epochs 5 and 25, before either meets the accuracy of float64.
	factor := func(f *Fit) float64 {
		return math.Pow(f.Trace[25].GradientNorm/f.Trace[5].GradientNorm, 1.0/20)
	}
	assert.InDelta(t, factor(fits[1]), factor(fits[4]), 0.05)
	assert.Less(t, factor(fits[4]), 0.6)
}
