package qops

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops/number"
)

// Products of one left factor with weights of several formats, whose sums are taken over codes of 8 and of 16 bits and in
// floats, each find it in the form that they need, in any order, run after run with other rows.
func TestLeftFactorsInSeveralForms(t *testing.T) {
	const rows, in, out = 7, 20, 18
	rng := rand.New(rand.NewPCG(11, 12))
	g := gorgonia.NewGraph()
	matrix := func(name string, r, c int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(r, c), gorgonia.WithName(name))
	}
	x, y := matrix("x", rows, in), matrix("y", rows, in)
	rounded := func(n *gorgonia.Node, format string) *Array {
		a := random(rng, n.Shape()...)
		if format != "" {
			_, q := NewQuantize(n, number.MustParse(format), 1, number.Stream{})
			require.NoError(t, q.Run(&Call{In: []*Array{a}, Out: a, Threads: 1}))
		}
		return a
	}
	formats := []string{"bfp:w8e8,block=channel,rne,sat", "bfp:w12e8,block=channel,rne,sat", "", "bfp:w8e8,block=tensor,rne,sat", "fixed:w8f4,rne,sat", "bfp:w10e8,block=channel,rne,sat"}
	var lefts LeftFactors
	ran := map[Arithmetic]bool{}
	for range 20 {
		lefts.Renew()
		factors := [2]*Array{rounded(x, "bfp:w8e8,block=sample,rne,sat"), rounded(y, "bfp:w7e8,block=sample,rne,sat")}
		lo := rng.IntN(3)
		for _, i := range rng.Perm(2 * len(formats)) {
			w := matrix("w", in, out)
			n, err := NewDense([]*gorgonia.Node{x, y}[i%2], w, false, false)
			require.NoError(t, err)
			dense := n.Op().(*Dense)
			c := Call{In: []*Array{factors[i%2], rounded(w, formats[i/2])}, Out: NewArray(tensor.Float32, []int{rows, out}), Threads: 1}
			require.NoError(t, dense.Run(&c))
			want := append([]float32(nil), c.Out.F32...)
			clear(c.Out.F32)
			p := NewRowProducts([]*Call{&c}, 1)
			require.NoError(t, dense.BeginRows(&c, p.Product(0), &RightFactor{}))
			require.NoError(t, p.RunRows(&lefts, lo, rows))
			ran[dense.RanIn()] = true
			require.Equal(t, want[lo*out:], c.Out.F32[lo*out:], "weight %q", formats[i/2])
		}
	}
	require.GreaterOrEqual(t, len(ran), 2)
}
