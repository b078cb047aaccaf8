package qops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Gradients of weights over codes have, by samples in any order, the bits that they have on planes at once, in whichever way
// the exponents of the samples let their sums be added; where they let them not be exact, that is found behind the last one.
func TestWeightGradientsOverCodesBySamples(t *testing.T) {
	p := kernel.Conv{N: 4, C: 16, H: 16, W: 24, OC: 16, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	whole, bySample := 0, 0
	sums := map[kernel.Sum]int{}
	onEveryISA(t, func(t *testing.T) {
		for i, format := range []string{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,rne,sat", "fixed:w8f4,rne,sat", "float:e2m1noinf,rne,sat", "bfp:w8e8,block=sample,rne,sym+qpytorch"} {
			for _, spread := range []int{0, 1, 4, 40, 130} {
				name := fmt.Sprintf("%s, spread %d", format, spread)
				rng := rand.New(rand.NewPCG(uint64(i), uint64(spread)))
				made := func(shape ...int) *Array {
					a, q := random(rng, shape...), quantizer(format)
					for k := range a.F32 {
						a.F32[k] *= float32(math.Ldexp(1, -(k/(len(a.F32)/p.N))%3*spread))
					}
					require.NoError(t, q.Run(&Call{In: []*Array{a}, Out: a, Threads: 1}))
					return a
				}
				x, dy := made(p.N, p.C, p.H, p.W), made(p.N, p.OC, p.OH(), p.OW())
				out := []int{p.OC, p.C, p.KH, p.KW}
				want := &Call{In: []*Array{x, dy}, Out: &Array{Shape: out, F32: make([]float32, size(out))}, Threads: 1}
				op := &Conv{what: convBackwardWeight, Kernel: p}
				require.NoError(t, op.Run(want))

				c := &Call{Out: &Array{Shape: out, F32: make([]float32, size(out))}, Threads: 2, Codes: true}
				for _, a := range want.In {
					b := codedBlocks(a, []string{"codes", "values and codes"}[spread%2])
					b.Coded = true
					c.In = append(c.In, b)
				}
				runner, _ := BySamples(op)
				operands, ok := runner.BySample(c)
				require.Equal(t, hasByteKernels(), ok)
				require.Equal(t, ok, SumsCodesBySample(op, c))
				require.Equal(t, []bool{true, true}, operands)
				if !ok {
					continue
				}
				run := func() error {
					require.NoError(t, runner.BeginSamples(c))
					for _, n := range []int{2, 0} {
						if err := runner.RunSamples(c, nil, n, n+2); err != nil {
							return err
						}
					}
					return runner.EndSamples(c)
				}
				err := run()
				if errors.Is(err, ErrWhole) {
					whole++
					require.False(t, op.product().decide(c).Exact && c.In[0].hasBytes() && c.In[1].hasBytes(), name)
					continue
				}
				require.NoError(t, err)
				bySample++
				sums[op.product().decide(c).Sum]++
				require.Equal(t, Int8, op.RanIn())
				requireSameArray(t, want.Out, c.Out, name)

				if c.In[1].Fleeting {
					continue // there is nothing but codes
				}
				c.In[1].Grid.uncoded.Store(true)
				require.ErrorIs(t, run(), ErrWhole, "a value without a code")
				c.In[1].Grid.uncoded.Store(false)
			}
		}
	})
	if hasByteKernels() {
		require.Greater(t, bySample, 10)
		require.Positive(t, whole)
		require.Positive(t, sums[kernel.Blockwise])
		require.Positive(t, sums[kernel.Whole]+sums[kernel.Sequence])
	}
	wide := &Call{In: []*Array{coded([]int{2, 64, 8, 8}), coded([]int{2, 64, 8, 8})}, Codes: true, Out: &Array{}}
	many := &Conv{what: convBackwardWeight, Kernel: kernel.Conv{N: 2, C: 64, H: 8, W: 8, OC: 64, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}}
	_, ok := many.BySample(wide)
	require.False(t, ok, "more sums than elements")
}
