package qops

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops/number"
)

// The exponents of a sample for which sums are taken as the formats promise are those with which the certificate of all
// samples says the same, up to both ends of float32: none too many, and at most one too few.
func TestSamplesAreWithinTheBoundsOfTheirCertificate(t *testing.T) {
	for _, f := range [][2]string{
		{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat"},
		{"bfp:w8e8,block=sample,rne,sat", "fixed:w8f4,rne,sat"},
		{"bfp:w12e8,block=sample,rne,sat", "bfp:w12e8,block=channel,rne,sat"},
		{"bfp:w7e8,block=sample,rne,sym+qpytorch", "bfp:w5e8,block=tensor,rne,sat"},
	} {
		for _, channels := range []int{1, 3, 4, 64} { // bounds that are powers of two, and others
			for _, spread := range []int{0, 3} {
				for _, base := range []int{-60, 0, 40} {
					g := gorgonia.NewGraph()
					shapes := [2][]int{{2, channels, 4, 4}, {3, channels, 2, 2}}
					var in [2]*gorgonia.Node
					for i, s := range shapes {
						in[i] = gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(s...), gorgonia.WithName(fmt.Sprint(i)))
					}
					n, err := NewConv(in[0], in[1], ConvShape{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}})
					require.NoError(t, err)
					p := n.Op().(*Conv).product()
					formats := [2]number.Format{number.MustParse(f[0]), number.MustParse(f[1])}
					c := &Call{Out: NewArray(tensor.Float32, n.Shape()), In: []*Array{NewArray(tensor.Float32, shapes[0]), NewArray(tensor.Float32, shapes[1])}}
					for e := range c.In[0].F32 {
						c.In[0].F32[e] = 1
					}
					at := base
					if formats[1].Step() > 0 { // of all values
						at = 2
					}
					for e := range c.In[1].F32 {
						c.In[1].F32[e] = float32(math.Ldexp(1, at-e/(4*channels)*spread))
					}
					for i, x := range c.In {
						x.Grid = &Grid{Format: formats[i]}
						_, err := number.Quantize(formats[i], x.F32, x.F32, shapes[i], number.Options{Scales: &x.Grid.Scales})
						require.NoError(t, err)
					}
					s, err := p.decideBySample(c)
					require.NoError(t, err)
					_, fs, terms := p.factors([2]Operand{
						{formats[0], c.In[0].Grid.Scales.Blocks, shapes[0]}, {formats[1], c.In[1].Grid.Scales.Blocks, shapes[1]},
					})
					var weight steps
					require.True(t, weight.set(c.In[1]))
					lowest, highest, _ := weight.extremes()
					tooFew := 0
					for e := -140; e < 128; e++ {
						c.In[0].Grid.Scales.Step[1] = math.Ldexp(1, e)
						exponent, within := s.exponent(c.In[0], 1)
						require.Equal(t, e, exponent)
						if !formats[0].OnLattice(math.Ldexp(1, e)) {
							require.False(t, within)
							continue
						}
						certificate := Certify(fs[0], fs[1], terms, Exponents{Lowest: e + lowest, Highest: e + highest}, false)
						same := certificate.Sum == s.sum && certificate.Exact
						require.False(t, within && !same, "%v, %d channels, exponent %d: %v", f, channels, e, certificate.Reason)
						if same && !within {
							tooFew++
						}
					}
					require.True(t, s.exact)
					require.LessOrEqual(t, tooFew, 1)
				}
			}
		}
	}
}
