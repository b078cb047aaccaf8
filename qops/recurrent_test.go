package qops

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/elementary"
	"github.com/halftone-go/halftone/qops/number"
)

func random(rng *rand.Rand, shape ...int) *Array {
	a := NewArray(tensor.Float32, shape)
	for i := range a.F32 {
		a.F32[i] = float32(rng.NormFloat64())
	}
	return a
}

// Losses of more classes than exponentials are taken at a time.
func TestSoftmaxLossOfManyClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, classes := range []int{1, 127, 128, 129, 300} {
		const rows, factor = 3, 0.25
		x, target, grad := random(rng, rows, classes), random(rng, rows, classes), random(rng)
		loss := 0.0
		want := make([]float32, rows*classes)
		for r := range rows {
			row, of := x.F32[r*classes:(r+1)*classes], target.F32[r*classes:(r+1)*classes]
			top, sum, mass, part := float64(row[0]), 0.0, 0.0, 0.0
			for _, v := range row {
				top = max(top, float64(v))
			}
			for j, v := range row {
				sum += elementary.Exp(float64(v) - top)
				mass += float64(of[j])
			}
			for j, v := range row {
				part += float64(of[j]) * (float64(v) - top - elementary.Log(sum))
				p := elementary.Exp(float64(v)-top) / sum
				scale := factor * float64(grad.F32[0])
				share := p * mass
				want[r*classes+j] = float32(scale * (share - float64(of[j])))
			}
			loss += part
		}
		c := Call{In: []*Array{x, target}, Out: NewArray(tensor.Float32, nil), Threads: 2}
		require.NoError(t, (&SoftmaxLoss{Factor: factor}).Run(&c))
		require.Equal(t, float32(-factor*loss), c.Out.F32[0])
		c = Call{In: []*Array{x, target, grad}, Out: NewArray(tensor.Float32, []int{rows, classes}), Threads: 2}
		require.NoError(t, (&SoftmaxLossGrad{Factor: factor}).Run(&c))
		require.Equal(t, want, c.Out.F32)
	}
}

// Rows of a product are those of the whole, and a sum of products is that of the ops one by one.
func TestProductsByRowsAndTheirSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const rows, in, out = 11, 7, 9
	g := gorgonia.NewGraph()
	matrix := func(name string, r, c int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(r, c), gorgonia.WithName(name))
	}
	x, w, d := matrix("x", rows, in), matrix("w", in, out), matrix("d", rows, out)
	dense := func(a, b *gorgonia.Node, transA, transB bool) *Dense {
		n, err := NewDense(a, b, transA, transB)
		require.NoError(t, err)
		return n.Op().(*Dense)
	}
	forward, gradient := dense(x, w, false, false), dense(x, d, true, false)
	require.Equal(t, []bool{true, false}, forward.ByRow())
	require.Nil(t, gradient.ByRow())
	c := Call{In: []*Array{random(rng, rows, in), random(rng, in, out)}, Out: NewArray(tensor.Float32, []int{rows, out}), Threads: 1}
	require.NoError(t, forward.Run(&c))
	want := append([]float32(nil), c.Out.F32...)
	clear(c.Out.F32)
	var (
		right RightFactor
		lefts LeftFactors
		p     = NewRowProducts([]*Call{&c}, 1)
	)
	require.NoError(t, forward.BeginRows(&c, p.Product(0), &right))
	for _, part := range [][2]int{{4, 11}, {0, 4}} {
		lefts.Renew()
		require.NoError(t, p.RunRows(&lefts, part[0], part[1]))
	}
	require.Equal(t, want, c.Out.F32)

	sum, ok := NewGradientSum([]*Dense{gradient, gradient})
	require.True(t, ok)
	_, ok = NewGradientSum([]*Dense{forward})
	require.False(t, ok)
	calls := make([]*Call, 2)
	total := make([]float32, in*out)
	for i := range calls {
		calls[i] = &Call{In: []*Array{random(rng, rows, in), random(rng, rows, out)}, Out: NewArray(tensor.Float32, []int{in, out}), Threads: 1}
		require.NoError(t, gradient.Run(calls[i]))
		for j, v := range calls[i].Out.F32 {
			total[j] += v
		}
	}
	result := NewArray(tensor.Float32, []int{in, out})
	require.True(t, sum.Run(result, calls))
	require.Equal(t, total, result.F32)
	calls[1].Interior = &Interior{}
	require.False(t, sum.Run(result, calls))
}

// A sum of products on grids is that of the ops one by one, whatever their certificates say of each: exact in float32,
// exact in float64, sums of blocks, or none.
func TestSumsOfProductsOnGrids(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, rows := range []int{11, fewestCodeTerms} {
		testSumsOfProductsOnGrids(t, rng, rows)
	}
}

func testSumsOfProductsOnGrids(t *testing.T, rng *rand.Rand, rows int) {
	t.Helper()
	const in, out, count = 7, 37, 3
	g := gorgonia.NewGraph()
	matrix := func(name string, r, c int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(r, c), gorgonia.WithName(name))
	}
	x, d := matrix("x", rows, in), matrix("d", rows, out)
	n, err := NewDense(x, d, true, false)
	require.NoError(t, err)
	dense := n.Op().(*Dense)
	seen, quickly, overCodes := map[kernel.Sum]bool{}, map[kernel.Sum]bool{}, false
	ran := map[Arithmetic]bool{} // by the last of the products
	for _, format := range []string{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=sample,rne,sym+qpytorch", "bfp:w6e5,block=sample,rne,sat", "bfp:w8e8,block=tensor,rne,sat", "bfp:w12e8,block=sample,rne,sat", "bfp:w15e8,block=sample,rne,sat", "float:e4m3fn,rne,sat", "posit:n8es1,rne", "int:w8,scale=max,rne,sat"} {
		for _, spread := range []int{0, 1, 2, 3, -40} {
			sum, ok := NewGradientSum([]*Dense{dense, dense, dense})
			require.True(t, ok)
			var calls []*Call
			total := make([]float32, in*out)
			refused := false
			for i := range count {
				c := &Call{Out: NewArray(tensor.Float32, []int{in, out}), Threads: 1}
				for k, node := range []*gorgonia.Node{x, d} {
					a := random(rng, node.Shape()...)
					for r := range rows { // the products differ in how their exponents spread
						for j := range a.Shape[1] {
							a.F32[r*a.Shape[1]+j] *= float32(math.Ldexp(1, r%11*spread*(i+k)/2))
						}
					}
					_, q := NewQuantize(node, number.MustParse(format), 1, number.Stream{})
					require.NoError(t, q.Run(&Call{In: []*Array{a}, Out: a, Threads: 1}))
					c.In = append(c.In, a)
				}
				require.NoError(t, dense.Run(c))
				for j, v := range c.Out.F32 {
					if i == 0 {
						total[j] = v
					} else {
						total[j] += v
					}
				}
				cert := dense.product().decide(c)
				refused = refused || cert.Codes || cert.Sum == kernel.Blockwise && !cert.Exact
				seen[cert.Sum] = true
				if quick, decided := sumBySample(c, rows); decided {
					quickly[quick.sum] = true
					overCodes = overCodes || quick.codes
					require.False(t, cert.Codes)
					if cert.Sum == kernel.Blockwise && cert.Exact {
						cert.Sum = kernel.Sequence
					}
					require.Equal(t, cert.Sum, quick.sum, "%s: %s", format, cert.Reason)
				}
				calls = append(calls, c)
			}
			result := NewArray(tensor.Float32, []int{in, out})
			require.Equal(t, !refused, sum.Run(result, calls), format)
			ran[dense.RanIn()] = true
			if !refused {
				requireEqualBits(t, total, result.F32, format)
			}
		}
	}
	require.Len(t, seen, 3)
	require.True(t, quickly[kernel.Sequence] && quickly[kernel.Whole] && overCodes)
	require.True(t, ran[OfTensor] && ran[Float64])
	require.Equal(t, rows >= fewestCodeTerms, ran[Int16])
}

func requireEqualBits(t *testing.T, want, got []float32, what string) {
	t.Helper()
	for i, v := range want {
		require.Equal(t, math.Float32bits(v), math.Float32bits(got[i]), "%s: element %d: %v, not %v", what, i, got[i], v)
	}
}

// Rows of a product on grids are those of the whole product, in whichever arithmetic: also with rows of zeros, and with rows
// far too small for exact sums. Otherwise the rows say that they decide together.
func TestRowsOfProductsOnGrids(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const rows, in, out = 9, 130, 35
	g := gorgonia.NewGraph()
	matrix := func(name string, r, c int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(r, c), gorgonia.WithName(name))
	}
	x := matrix("x", rows, in)
	ran, together := map[Arithmetic]bool{}, 0
	for _, trans := range []bool{false, true} {
		w := matrix("w", in, out)
		if trans {
			w = matrix("v", out, in)
		}
		n, err := NewDense(x, w, false, trans)
		require.NoError(t, err)
		dense := n.Op().(*Dense)
		for _, formats := range [][2]string{
			{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat"},
			{"bfp:w8e8,block=tensor,rne,sat", "fixed:w8f4,rne,sat"},
			{"bfp:w12e8,block=sample,rne,sat", "bfp:w10e8,block=channel,rne,sat"},
			{"bfp:w13e8,block=sample,rne,sat", "bfp:w14e8,block=channel,rne,sat"},
			{"float32", "bfp:w8e8,block=channel,rne,sat"},
			{"bfp:w8e8,block=sample,rne,sat", "posit:n8es1,rne"},
			{"int:w8,scale=max,rne,sat", "bfp:w8e8,block=channel,rne,sat"},
		} {
			for _, spread := range []int{0, 1, 2, 9} {
				for _, tiny := range []int{0, -70, -100, -140} {
					a, b := random(rng, rows, in), random(rng, w.Shape()...)
					for j := range in {
						a.F32[2*in+j] = 0
						a.F32[5*in+j] *= float32(math.Ldexp(1, tiny))
					}
					for j := range b.F32 {
						b.F32[j] *= float32(math.Ldexp(1, -(j%b.Shape[1])%4*spread))
					}
					for k, v := range []*Array{a, b} {
						_, q := NewQuantize([]*gorgonia.Node{x, w}[k], number.MustParse(formats[k]), 1, number.Stream{})
						require.NoError(t, q.Run(&Call{In: []*Array{v}, Out: v, Threads: 1}))
					}
					c := Call{In: []*Array{a, b}, Out: NewArray(tensor.Float32, []int{rows, out}), Threads: 1}
					require.NoError(t, dense.Run(&c))
					want := append([]float32(nil), c.Out.F32...)
					clear(c.Out.F32)
					var (
						right RightFactor
						lefts LeftFactors
						p     = NewRowProducts([]*Call{&c}, 1)
					)
					err := dense.BeginRows(&c, p.Product(0), &right)
					for _, part := range [][2]int{{4, 9}, {0, 4}} {
						if lefts.Renew(); err == nil {
							err = p.RunRows(&lefts, part[0], part[1])
							ran[dense.RanIn()] = true
						}
					}
					if err != nil {
						require.ErrorIs(t, err, ErrWhole)
						together++
						continue
					}
					requireEqualBits(t, want, c.Out.F32, formats[0]+" × "+formats[1])
				}
			}
		}
	}
	require.Positive(t, together)
	require.True(t, ran[Int8] || ran[Int16])
	require.True(t, ran[Int16] && ran[Float64] && ran[OfTensor])
}
