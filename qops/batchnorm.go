package qops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Running holds the running statistics of one batch norm, which evaluation uses in place of the batch's own.
// After a training pass that updates statistics, with momentum m and n values per channel,
//
//	mean <- (1-m)*mean + m*batch mean,   variance <- (1-m)*variance + m*batch variance*n/(n-1).
type Running struct {
	Mean, Variance []float64
	Momentum       float64
}

// NewRunning returns running statistics of mean 0 and variance 1.
func NewRunning(channels int, momentum float64) *Running {
	r := &Running{Mean: make([]float64, channels), Variance: make([]float64, channels), Momentum: momentum}
	for i := range r.Variance {
		r.Variance[i] = 1
	}
	return r
}

// NewBatchNorm adds batch normalisation over all axes but 1 as the five points that it computes:
//
//	mean = sum(x)/n, variance = sum((x-mean)^2)/n, invstd = 1/sqrt(variance+epsilon),
//	normalised = (x-mean)*invstd, out = gamma*normalised + beta.
//
// gamma and beta have C elements. In evaluation mean and variance are the running ones.
func NewBatchNorm(x, gamma, beta *gorgonia.Node, epsilon float64, running *Running) (*gorgonia.Node, error) {
	if err := channelShaped("batch norm's scale", x, gamma); err != nil {
		return nil, err
	}
	if err := channelShaped("batch norm's bias", x, beta); err != nil {
		return nil, err
	}
	channels := x.Shape()[1]
	if len(running.Mean) != channels {
		return nil, errors.Errorf("qops: batch norm of %d channels with running statistics of %d", channels, len(running.Mean))
	}
	vector := []int{channels}
	mean := apply(&BatchMean{base: newBase("batchnorm", "mean", vector, x), Running: running}, x)
	variance := apply(&BatchVariance{base: newBase("batchnorm", "variance", vector, x, mean).of("input", "mean"), Running: running}, x, mean)
	invstd := apply(&InverseDeviation{newBase("batchnorm", "invstd", vector, variance).of("variance"), epsilon}, variance)
	normalised := apply(&Normalise{newBase("batchnorm", "normalised", x.Shape(), x, mean, invstd).of("input", "mean", "invstd")}, x, mean, invstd)
	return apply(&ScaleShift{newBase("batchnorm", "out", x.Shape(), normalised, gamma, beta).of("normalised", "scale", "bias")}, normalised, gamma, beta), nil
}

// BatchMean is a batch norm's mean per channel.
type BatchMean struct {
	base
	reducer
	Running *Running
}

// Do implements gorgonia.Op.
func (o *BatchMean) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// IsStatistic implements Statistic.
func (o *BatchMean) IsStatistic() bool { return true }

// Run implements Op.
func (o *BatchMean) Run(c *Call) error { return o.run(c, o.reduction(c)) }

func (o *BatchMean) reduction(c *Call) reduction {
	if c.Out.F64 != nil {
		return batchMean[float64](o, c)
	}
	return batchMean[float32](o, c)
}

func batchMean[T Float](o *BatchMean, c *Call) reduction {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	if c.Evaluation {
		return running(out, o.Running.Mean)
	}
	return reduction{
		plane: func(lo, hi int) float64 { return kernel.PlaneSum(x[lo:hi]) },
		block: func(s *kernel.BlockSums, lo, hi, _ int) { s.Sum(c.In[0].F32[lo:hi]) },
		store: func(ch int, s float64, count int) {
			out[ch] = T(s / float64(count))
			if c.UpdateStatistics {
				o.Running.Mean[ch] = move(o.Running.Mean[ch], float64(out[ch]), o.Running.Momentum)
			}
		},
	}
}

// Stored is implemented by ops that give in evaluation what training has stored: of their operands they read no more than
// the shapes then.
type Stored interface{ stored() }

func (*BatchMean) stored()     {}
func (*BatchVariance) stored() {}

// running is a reduction that takes the running statistics in place of the batch's.
func running[T Float](out []T, statistics []float64) reduction {
	return reduction{store: func(ch int, _ float64, _ int) { out[ch] = T(statistics[ch]) }}
}

func move(old, batch, momentum float64) float64 {
	return float64((1-momentum)*old) + float64(momentum*batch)
}

// BatchVariance is a batch norm's variance per channel (divided by n).
type BatchVariance struct {
	base
	reducer
	Running *Running
}

// Do implements gorgonia.Op.
func (o *BatchVariance) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// IsStatistic implements Statistic.
func (o *BatchVariance) IsStatistic() bool { return true }

// Run implements Op.
func (o *BatchVariance) Run(c *Call) error { return o.run(c, o.reduction(c)) }

func (o *BatchVariance) reduction(c *Call) reduction {
	if c.Out.F64 != nil {
		return batchVariance[float64](o, c)
	}
	return batchVariance[float32](o, c)
}

func batchVariance[T Float](o *BatchVariance, c *Call) reduction {
	x, mean, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	if c.Evaluation {
		return running(out, o.Running.Variance)
	}
	channels, inner := c.In[0].Shape[1], size(c.In[0].Shape[2:])
	return reduction{
		plane: func(lo, hi int) float64 {
			return kernel.PlaneSquares(x[lo:hi], float64(mean[(lo/inner)%channels]))
		},
		block: func(s *kernel.BlockSums, lo, hi, channel int) {
			var centers kernel.BlockSums
			for i, m := range mean[channel : channel+channelsOfBlock] {
				centers[i] = float64(m)
			}
			s.Squares(c.In[0].F32[lo:hi], &centers)
		},
		store: func(ch int, s float64, count int) {
			out[ch] = T(s / float64(count))
			if c.UpdateStatistics {
				unbiased := float64(out[ch]) * float64(count) / float64(max(1, count-1))
				o.Running.Variance[ch] = move(o.Running.Variance[ch], unbiased, o.Running.Momentum)
			}
		},
	}
}

// InverseDeviation is 1/sqrt(variance + epsilon), computed in float64 and rounded once.
type InverseDeviation struct {
	base
	Epsilon float64
}

// Do implements gorgonia.Op.
func (o *InverseDeviation) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// IsStatistic implements Statistic.
func (o *InverseDeviation) IsStatistic() bool { return true }

// Run implements Op.
func (o *InverseDeviation) Run(c *Call) error {
	return byType(c, func(c *Call) { inverseDeviation[float32](o, c) }, func(c *Call) { inverseDeviation[float64](o, c) })
}

func inverseDeviation[T Float](o *InverseDeviation, c *Call) {
	v, out := Data[T](c.In[0]), Data[T](c.Out)
	for i := range out {
		out[i] = T(1 / math.Sqrt(float64(v[i])+o.Epsilon))
	}
}

// Normalise is (x-mean)*invstd, each of the two operations rounded.
type Normalise struct{ base }

// Do implements gorgonia.Op.
func (o *Normalise) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *Normalise) Run(c *Call) error {
	if c.Out.Blocked {
		return byBlock(o, c, normaliseBlocks)
	}
	return byPlane(o, c, normalise[float32], normalise[float64])
}

func normalise[T Float](_ *Normalise, c *Call, from, to int) {
	x, mean, invstd, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.In[2]), Data[T](c.Out)
	channels, inner := planesOf(c)
	for p := from; p < to; p++ {
		ch, lo, hi := p%channels, p*inner, (p+1)*inner
		kernel.Normalise(out[lo:hi], x[lo:hi], mean[ch], invstd[ch])
	}
}

// DiffWRT implements gorgonia.SDOp: the gradient with respect to x includes that through mean and variance.
func (o *Normalise) DiffWRT(int) []bool { return []bool{true, false, false} }

// SymDiff implements gorgonia.SDOp. With d the gradient of the normalised values y,
//
//	dx = invstd * (d - mean(d) - y*mean(d*y)).
func (o *Normalise) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	vector := []int{o.shape[1]}
	mean := apply(&ChannelSum{base: newBase("batchnorm", "mean-error", vector, grad).of("error"), mean: true, statistic: true}, grad)
	dot := newChannelDot("batchnorm", "mean-product", grad, out, vector, true, true)
	dx := apply(&NormaliseGrad{newBase("batchnorm", "out", o.shape, grad, out, in[2], mean, dot).of("error", "normalised", "invstd", "mean-error", "mean-product")}, grad, out, in[2], mean, dot)
	return gorgonia.Nodes{dx, nil, nil}, nil
}

// NormaliseGrad is the gradient of Normalise with respect to x; its operands are the gradient d, the normalised
// values y, invstd, mean(d) and mean(d*y).
type NormaliseGrad struct{ base }

// Do implements gorgonia.Op.
func (o *NormaliseGrad) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *NormaliseGrad) Run(c *Call) error {
	if c.Out.Blocked {
		return byBlock(o, c, normaliseGradBlocks)
	}
	return byPlane(o, c, normaliseGrad[float32], normaliseGrad[float64])
}

func normaliseGrad[T Float](_ *NormaliseGrad, c *Call, from, to int) {
	d, y, invstd := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.In[2])
	mean, dot, out := Data[T](c.In[3]), Data[T](c.In[4]), Data[T](c.Out)
	channels, inner := planesOf(c)
	for p := from; p < to; p++ {
		ch, lo, hi := p%channels, p*inner, (p+1)*inner
		kernel.NormaliseGradient(out[lo:hi], d[lo:hi], y[lo:hi], mean[ch], dot[ch], invstd[ch])
	}
}

// ScaleShift is gamma*x + beta per channel, the product and the sum each rounded.
type ScaleShift struct{ base }

// Do implements gorgonia.Op.
func (o *ScaleShift) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ScaleShift) Run(c *Call) error {
	if c.Out.Blocked {
		return byBlock(o, c, scaleShiftBlocks)
	}
	return byPlane(o, c, scaleShift[float32], scaleShift[float64])
}

func scaleShift[T Float](_ *ScaleShift, c *Call, from, to int) {
	x, gamma, beta, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.In[2]), Data[T](c.Out)
	channels, inner := planesOf(c)
	for p := from; p < to; p++ {
		ch, lo, hi := p%channels, p*inner, (p+1)*inner
		kernel.ScaleShift(out[lo:hi], x[lo:hi], gamma[ch], beta[ch])
	}
}

// DiffWRT implements gorgonia.SDOp.
func (o *ScaleShift) DiffWRT(int) []bool { return []bool{true, true, true} }

// SymDiff implements gorgonia.SDOp: dx = gamma*d, dgamma = sum(d*x), dbeta = sum(d).
func (o *ScaleShift) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	dx := apply(&Scale{newBase("batchnorm", "out", o.shape, grad, in[1]).of("error", "scale")}, grad, in[1])
	dgamma := newChannelDot("batchnorm", "out", grad, in[0], in[1].Shape(), false, false)
	dbeta := apply(&ChannelSum{base: newBase("batchnorm", "out", in[2].Shape(), grad).of("error")}, grad)
	return gorgonia.Nodes{dx, dgamma, dbeta}, nil
}

// Scale is gamma*x per channel.
type Scale struct{ base }

// Do implements gorgonia.Op.
func (o *Scale) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *Scale) Run(c *Call) error {
	if c.Out.Blocked {
		return byBlock(o, c, scaleBlocks)
	}
	return byPlane(o, c, scale[float32], scale[float64])
}

func scale[T Float](_ *Scale, c *Call, from, to int) {
	x, gamma, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	channels, inner := planesOf(c)
	for p := from; p < to; p++ {
		ch, lo, hi := p%channels, p*inner, (p+1)*inner
		kernel.Scale(out[lo:hi], x[lo:hi], gamma[ch])
	}
}
