package qops_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// A weight that changes from run to run, as in training, is packed anew in each, in every arithmetic.
func TestWeightsThatChangeBetweenRunsBySamples(t *testing.T) {
	for _, formats := range [][2]string{
		{"float32", "float32"},
		{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=tensor,rne,sat"},
		{"bfp:w12e8,block=sample,rne,sat", "bfp:w8e8,block=tensor,rne,sat"},
		{"bfp:w20e8,block=sample,rne,sat", "bfp:w12e8,block=tensor,rne,sat"},
	} {
		for _, p := range convCases(geometry{n: 3, c: 4, h: 5, w: 6, oc: 5, kernel: 3, pad: 1, stride: 1, dilation: 1})[:2] {
			rng := rand.New(rand.NewPCG(3, 4))
			tensors := func(i int) *qops.Array {
				values := make([]float64, elements(p.shapes[i]))
				for e := range values {
					values[e] = rng.NormFloat64()
				}
				if formats[i] == "float32" {
					return array[float32](p.shapes[i], values)
				}
				return quantized[float32](t, number.MustParse(formats[i]), p.channelAxis[i], p.shapes[i], values)
			}
			op := p.op(dtypeOf[float32]())
			n := elements(p.out)
			for run := range 3 {
				in := []*qops.Array{tensors(0), tensors(1)}
				want, got := array[float32](p.out, make([]float64, n)), array[float32](p.out, make([]float64, n))
				require.NoError(t, bySamples(op, &qops.Call{Out: got, In: in, Threads: 1}))
				require.NoError(t, p.op(dtypeOf[float32]()).Run(&qops.Call{Out: want, In: in, Threads: 1}))
				requireSameBits(t, want.F32, got.F32, fmt.Sprintf("%s of %v, run %d", p.name, formats, run))
			}
		}
	}
}
