package qops_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// bySamples runs an op a sample at a time, all at once.
func bySamples(op qops.Op, c *qops.Call) error {
	runner, ok := qops.BySamples(op)
	if !ok {
		return errors.New("not by samples")
	}
	if err := runner.BeginSamples(c); err != nil {
		return err
	}
	faults := make([]error, c.In[0].Shape[0])
	var group sync.WaitGroup
	for n := range faults {
		group.Go(func() { faults[n] = runner.RunSamples(c, &qops.View{}, n, n+1) })
	}
	group.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return runner.EndSamples(c)
}

// Convolutions give by samples what they give at once, or say that samples decide together: where formats make them, or
// where a sample's exponent changes how all are summed.
func TestConvolutionsBySamples(t *testing.T) {
	cases := convCases(geometry{n: 5, c: 3, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1})
	cases = append(cases, convCases(geometry{n: 3, c: 5, h: 7, w: 5, oc: 3, kernel: 2, pad: 1, stride: 2, dilation: 2})...)
	cases = append(cases, convCases(geometry{n: 2, c: 18, h: 6, w: 17, oc: 17, kernel: 1, pad: 0, stride: 1, dilation: 1})...)
	ran, whole := 0, 0
	for i, a := range operandFormats {
		for j, b := range operandFormats {
			for k, p := range cases {
				if k%3 == 2 {
					continue // the gradient of the weight
				}
				rng := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				fa, fb := fillings[(i+k)%len(fillings)], fillings[(j+2*k)%len(fillings)]
				what := fmt.Sprintf("%s of %s %s and %s %s", p.name, a, fa.name, b, fb.name)
				va, vb := fa.fill(rng, p.shapes[0]), fb.fill(rng, p.shapes[1])
				for _, ok := range []bool{sameBySamples[float32](t, what, p, a, b, va, vb), sameBySamples[float64](t, what, p, a, b, va, vb)} {
					if ok {
						ran++
					} else {
						whole++
					}
				}
			}
		}
	}
	require.Greater(t, ran, whole/4)
	require.Positive(t, whole)
}

// sameBySamples returns false if samples decide together.
func sameBySamples[T qops.Float](t *testing.T, what string, p productCase, formatA, formatB string, va, vb []float64) bool {
	t.Helper()
	a := quantized[T](t, number.MustParse(formatA), p.channelAxis[0], p.shapes[0], va)
	b := quantized[T](t, number.MustParse(formatB), p.channelAxis[1], p.shapes[1], vb)
	op := p.op(dtypeOf[T]())
	n := elements(p.out)
	want, got := array[T](p.out, make([]float64, n)), array[T](p.out, make([]float64, n))
	require.NoError(t, op.Run(&qops.Call{Out: want, In: []*qops.Array{a, b}, Threads: 2}))
	err := bySamples(op, &qops.Call{Out: got, In: []*qops.Array{a, b}, Threads: 1})
	if errors.Is(err, qops.ErrWhole) {
		return false
	}
	require.NoError(t, err, what)
	requireSameBits(t, qops.Data[T](want), qops.Data[T](got), fmt.Sprintf("%s in %T", what, T(0)))
	return true
}

// Of samples whose products with the weight lie below the smallest float32, one is enough to make all sums inexact.
func TestASampleDecidesForAll(t *testing.T) {
	p := convCases(geometry{n: 3, c: 2, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1})[1]
	weight := fillings[2].fill(rand.New(rand.NewPCG(1, 2)), p.shapes[1]) // channels whose sums float64 takes
	const format = "bfp:w8e8,block=sample,rne,sat"
	errors := fillings[0].fill(rand.New(rand.NewPCG(1, 3)), p.shapes[0])
	require.True(t, sameBySamples[float32](t, "normal", p, format, "bfp:w8e8,block=channel,rne,sat", errors, weight))
	per := len(errors) / 3
	for i := range errors[per : 2*per] {
		errors[per+i] *= 0x1p-120
	}
	weights := append([]float64(nil), weight...)
	for i := range weights {
		weights[i] *= 0x1p-30
	}
	require.False(t, sameBySamples[float32](t, "tiny", p, format, "bfp:w8e8,block=channel,rne,sat", errors, weights))
	for i := range errors[per : 2*per] {
		errors[per+i] = 0
	}
	require.True(t, sameBySamples[float32](t, "zeros", p, format, "bfp:w8e8,block=channel,rne,sat", errors, weights))
}

// What cannot run by samples says so.
func TestConvolutionsThatDoNotRunBySamples(t *testing.T) {
	for k, p := range convCases(geometry{n: 3, c: 2, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1}) {
		op := p.op(dtypeOf[float32]())
		runner, ok := qops.BySamples(op)
		require.True(t, ok)
		c := &qops.Call{Out: array[float32](p.out, make([]float64, elements(p.out)))}
		for _, s := range p.shapes {
			c.In = append(c.In, array[float32](s, make([]float64, elements(s))))
		}
		operands, ok := runner.BySample(c)
		require.Equal(t, k != 2, ok, "the gradient of a weight on planes needs all samples")
		require.Equal(t, []bool{true, k == 2}, operands)
		c.Interior = &qops.Interior{}
		_, ok = runner.BySample(c)
		require.False(t, ok, "simulated accumulators have kernels of their own")
	}
}

// The gradient of a weight runs by samples on blocks, where a sample has few sums beside its elements: in any order of the
// samples it has the bits that it has at once.
func TestWeightGradientsBySamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for _, g := range []geometry{
		{n: 5, c: 16, h: 32, w: 32, oc: 16, kernel: 3, pad: 1, stride: 1, dilation: 1},
		{n: 3, c: 16, h: 32, w: 32, oc: 32, kernel: 1, stride: 2, dilation: 1},
		{n: 2, c: 3, h: 24, w: 24, oc: 16, kernel: 3, pad: 1, stride: 1, dilation: 1},
		{n: 2, c: 64, h: 8, w: 8, oc: 64, kernel: 3, pad: 1, stride: 1, dilation: 1}, // many sums
	} {
		p := convCases(g)[2]
		op := p.op(dtypeOf[float32]())
		call := func() *qops.Call {
			return &qops.Call{Out: array[float32](p.out, make([]float64, elements(p.out))), Threads: 2}
		}
		whole, bySample := call(), call()
		for _, s := range p.shapes {
			values := make([]float64, elements(s))
			for i := range values {
				values[i] = rng.NormFloat64()
			}
			in := array[float32](s, values)
			in.Blocked = s[1]%16 == 0
			whole.In, bySample.In = append(whole.In, in), append(bySample.In, in)
		}
		runner, ok := qops.BySamples(op)
		require.True(t, ok)
		_, ok = runner.BySample(bySample)
		require.Equal(t, g.c < 64, ok)
		if !ok {
			continue
		}
		require.NoError(t, op.Run(whole))
		require.NoError(t, runner.BeginSamples(bySample))
		for n := g.n - 1; n >= 0; n-- {
			require.NoError(t, runner.RunSamples(bySample, nil, n, n+1))
		}
		require.NoError(t, runner.EndSamples(bySample))
		require.Equal(t, whole.Out.F32, bySample.Out.F32)
		require.NotZero(t, bySample.Out.F32[0])
	}
}
