package emulate

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/stretchr/testify/require"
)

// FuzzDecode feeds the loader any description of a program, with arrays that some of them fit: it must give an error or a
// program that runs.
func FuzzDecode(f *testing.F) {
	var archive bytes.Buffer
	require.NoError(f, npy.WriteArchive(&archive, map[string]*npy.Array{
		"c.weights": {Shape: []int{2}, Data: []int8{-128, 127}},
		"c.scales":  {Shape: []int{1}, Data: []float64{0.5}},
		"c.bias":    {Shape: []int{1}, Data: []int32{-7}},
	}))
	output := outputDocument{Scale: 0.5, Zero: 1, Lo: -128, Hi: 127}
	document := func(op Op, input ...int) []byte {
		parameters, err := json.Marshal(op)
		require.NoError(f, err)
		text, err := json.Marshal(document{Halftone: version, Target: "mac8", Arrays: checksum(archive.Bytes()), Input: input, Layers: []layerDocument{
			{Name: "in", Kind: "quantize", Output: output, Parameters: []byte("{}")},
			{Name: "c", Kind: op.Kind(), Inputs: []string{"in", "in"}[:op.arity()], Output: output, Parameters: parameters},
		}})
		require.NoError(f, err)
		return text
	}
	window := Window{KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	f.Add(document(&Conv{OutChannels: 1, Window: window}, 2, 3, 3))
	f.Add(document(&Dense{OutFeatures: 1}, 2))
	f.Add(document(&Add{}, 2, 2))
	f.Add(document(&AveragePool{window}, 2, 3, 3))
	f.Add(document(&MaxPool{window}, 2, 3, 3))
	f.Add(document(&Requantize{}, 4))
	f.Add(document(&Reshape{Shape: []int{2, 2}}, 4))
	f.Fuzz(func(t *testing.T, text []byte) {
		mac8, err := target.Load("mac8")
		require.NoError(t, err)
		p, err := decode("net", text, archive.Bytes(), mac8)
		if err != nil || volume(p.Input) > 1<<12 || slices.ContainsFunc(p.Layers, slow) {
			return
		}
		in, err := NewInterpreter(p)
		require.NoError(t, err)
		if in.size > 1<<14 {
			return
		}
		_, err = in.Run(t.Context(), make([]float32, volume(p.Input)), 1, Options{Threads: 1})
		require.NoError(t, err)
	})
}

// slow says that a window is so large that running the layer would stop the fuzzer.
func slow(l Layer) bool {
	var w Window
	switch op := l.Op.(type) {
	case *Conv:
		w = op.Window
	case *AveragePool:
		w = op.Window
	case *MaxPool:
		w = op.Window
	}
	return w.KernelH*w.KernelW > 64 || max(w.PadTop, w.PadBottom, w.PadLeft, w.PadRight) > 64
}
