package graph_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// everyKind are formats of all kinds, for every tensor of a graph.
var everyKind = []string{
	"float:e4m3fn,rne,sat",
	"float:e5m2ieee,sr,inf",
	"mx:e4m3,scale=floor,rne,sat",
	"mx:int8,scale=ceil,sr,sat",
	"mx:e2m3,scale=rne,axis=reduce,sr,sat",
	"nv:e2m1,rne,sat",
	"int:w8,scale=pct99,rne,sat",
	"int:w4,scale=mse,rne,sym",
	"bfp:w8e8,block=8x4,sr,sat",
	"bfp:w8e8,block=16,axis=reduce,sr,sat",
	"bfp:w8e8,block=row,rne,sat",
	"bfp:w8e8,block=sample.channel,rne,sat",
	"bfp:w8e8,block=sample,rne,sym+qpytorch",
	"float:e5m2noinf,sr,sat+qpytorch",
	"bfp:w8e8,block=sample,sr,sat+swalp",
}

// Every kind of format takes part in graphs: plans give the bits of the reference at any number of threads.
func TestEveryKindOfFormat(t *testing.T) {
	for _, f := range everyKind {
		text := strings.NewReplacer("FORMAT", f).Replace(`halftone: policy/1
default:
  input: float32
  weight: "FORMAT"
  bias: "FORMAT"
  activation: "FORMAT"
  state: "FORMAT"
  statistic: float32
  loss: float32
  error: "FORMAT"
  gradient: "FORMAT"
  momentum: float32
  master: float32
  offset: float32
  average: float32
  product: float32
  sum: exact
backward: every-op
clipped: zero
`)
		p, err := policy.Parse("every kind", []byte(text))
		require.NoError(t, err)
		for name, build := range map[string]func() model{
			"cnn":  func() model { return smallCNN(tensor.Float32, 4) },
			"lstm": func() model { return smallLSTM(tensor.Float32, 4, 3) },
		} {
			t.Run(name+"/"+f, func(t *testing.T) {
				wantLoss, want, _ := halftone(t, build(), p, graph.Reference())
				require.False(t, math.IsNaN(wantLoss))
				for _, threads := range []int{1, 3} {
					loss, grads, _ := halftone(t, build(), p, graph.WithThreads(threads))
					requireSameBits(t, wantLoss, loss)
					requireSameBits(t, want, grads)
				}
			})
		}
	}
}
