package main

import (
	"path/filepath"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallNet saves a network of one dense layer: two features, three classes.
func smallNet(t *testing.T) string {
	t.Helper()
	mac8, err := target.Load("mac8")
	require.NoError(t, err)
	net := filepath.Join(t.TempDir(), "net")
	program := &emulate.Program{Target: mac8, Input: []int{2}, Layers: []emulate.Layer{
		{Name: "input", Op: &emulate.Quantize{}, Output: emulate.NewOutput(mac8, 0.5, 0, false)},
		{
			Name: "fc", Inputs: []string{"input"}, Output: emulate.NewOutput(mac8, 1, 0, false),
			Op: &emulate.Dense{OutFeatures: 3, Weights: emulate.Weights{
				Codes: []int8{4, 0, -4, 0, 4, -4}, Scales: []float64{0.25}, Bias: []int32{0, 0, 8},
			}},
		},
	}}
	require.NoError(t, program.Save(net))
	return net
}

// saveArray writes an array to in.npy in a folder of its own.
func saveArray(t *testing.T, a *npy.Array) string {
	t.Helper()
	return writeArray(t, t.TempDir(), "in.npy", a.Shape, a.Data)
}

func TestEmulate(t *testing.T) {
	net := smallNet(t)
	in := saveArray(t, &npy.Array{Shape: []int{3, 2}, Data: []float32{5, 1, 2, 7, -6, -6}})
	out, stderr, status := run(t, "emulate", net, in, "--json")
	require.Equal(t, exitOK, status, stderr)
	rows := objects(t, out)
	require.Len(t, rows, 3)
	for i, class := range []int{0, 1, 2} {
		assert.EqualValues(t, class, rows[i]["class"])
	}
	assert.EqualValues(t, 13, rows[2]["code"], "12 of the products, 1 of the bias")

	codes := filepath.Join(t.TempDir(), "codes.npy")
	out, stderr, status = run(t, "emulate", net, in, "--layers", "--out", codes, "--json")
	require.Equal(t, exitOK, status, stderr)
	rows = objects(t, out)
	require.Len(t, rows, 2)
	assert.Equal(t, "acc:w32,wrap", rows[1]["accumulator"])
	assert.EqualValues(t, 12, rows[1]["needed_bits"], "2 * 128 * 4 + 8 is more than 1023")
	a, err := npy.ReadFile(codes)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 3}, a.Shape)
	assert.Equal(t, []int16{5, 1, -5, 2, 7, -8, -6, -6, 13}, a.Data)
}

func TestEmulateBadInput(t *testing.T) {
	net := smallNet(t)
	in := saveArray(t, &npy.Array{Shape: []int{1, 2}, Data: []float32{5, 1}})
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{net}, exitUsage, "the folder of a deployed network"},
		{[]string{net, in, "--threads", "-1"}, exitUsage, "--threads"},
		{[]string{t.TempDir(), in}, exitFailed, "halftone deploy"},
		{[]string{net, in + "x"}, exitFailed, "in.npyx"},
		{[]string{net, saveArray(t, &npy.Array{Shape: []int{2}, Data: []float32{5, 1}})}, exitFailed, "its shape is 2, where the network takes images of 2"},
		{[]string{net, saveArray(t, &npy.Array{Shape: []int{1, 2}, Data: []float64{5, 1}})}, exitFailed, "astype"},
		{[]string{net, in, "--target", "mac9"}, exitFailed, "shipped are mac8"},
		{[]string{net, in, "--out", filepath.Join(t.TempDir(), "no", "out.npy")}, exitFailed, "out.npy"},
	} {
		_, stderr, status := run(t, append([]string{"emulate"}, test.args...)...)
		assert.Equal(t, test.status, status, "%v: %s", test.args, stderr)
		assert.Contains(t, stderr, test.want)
	}
}
