package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShippedMac8(t *testing.T) {
	mac8, err := Load("mac8")
	require.NoError(t, err)
	assert.Equal(t, "mac8", mac8.Name)
	assert.Equal(t, Operands{Operand{8, true}, Operand{8, true}}, mac8.Operands)
	assert.Equal(t, Array{Kind: WeightStationary, Rows: 8, Columns: 8}, mac8.Array)
	assert.Equal(t, "acc:w32,wrap", mac8.Accumulator.String())
	assert.Equal(t, "tflite.single", mac8.Requantization)
	assert.Equal(t, PerChannel, mac8.Scales)
	assert.True(t, mac8.Clamp)
	assert.Equal(t, Pipeline{1, 1, 3}, mac8.Pipeline)
	assert.Equal(t, 1, mac8.Array.ProductsPerAddition())
}

func TestShippedTargetsRoundTrip(t *testing.T) {
	for _, name := range Names() {
		shipped, err := Load(name)
		require.NoError(t, err)
		again, err := Parse(name, shipped.YAML())
		require.NoError(t, err)
		assert.Equal(t, shipped, again)
	}
}

const dot4 = `halftone: target/1
operands:
  activation: uint4
  weight: int4
array: {kind: dot, lanes: 16}
accumulator: "acc:w20,sat"   # narrow
requantization: shift.rne
scales: per-tensor
clamp: true
pipeline: {multiply: 0, add: 2, requantize: 1}
`

func TestLoadFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dot4.yaml")
	require.NoError(t, os.WriteFile(file, []byte(dot4), 0o600))
	dot, err := Load(file)
	require.NoError(t, err)
	assert.Equal(t, "dot4", dot.Name)
	assert.Equal(t, Operands{Operand{4, false}, Operand{4, true}}, dot.Operands)
	assert.Equal(t, 16, dot.Array.ProductsPerAddition())
	again, err := Parse(file, dot.YAML())
	require.NoError(t, err)
	assert.Equal(t, dot, again)

	_, err = Load("mac9")
	assert.ErrorContains(t, err, "shipped are mac8")
	_, err = Load("../shipped/mac8")
	assert.Error(t, err)
}

func TestProductBits(t *testing.T) {
	for _, test := range []struct {
		a, w Operand
		bits int
	}{
		{Operand{8, true}, Operand{8, true}, 16}, // 128*128 needs the 16th bit
		{Operand{8, false}, Operand{8, true}, 16},
		{Operand{4, true}, Operand{4, true}, 8},
		{Operand{2, true}, Operand{2, true}, 4},
		{Operand{2, false}, Operand{2, true}, 4},
	} {
		assert.Equal(t, test.bits, Operands{test.a, test.w}.ProductBits(), "%v x %v", test.a, test.w)
	}
}

func TestErrorsNameTheRemedy(t *testing.T) {
	good, err := shipped.ReadFile("shipped/mac8.yaml")
	require.NoError(t, err)
	for _, test := range []struct {
		old, new string
		want     []string
	}{
		{"clamp: true", "clmp: true", []string{"bad.yaml:7", `unknown key "clmp"`, `nearest: clamp`}},
		{"clamp: true\n", "", []string{"bad.yaml", `the key "clamp" is missing`}},
		{"clamp: true", "clamp: yes please", []string{"bad.yaml:7", "true or false"}},
		{"clamp: true", "clamp: true\nclamp: true", []string{"bad.yaml:8"}},
		{"acc:w32,wrap", "acc:w15,wrap", []string{"bad.yaml:4", "accumulator", "one product of int8 and int8", "acc:w16,wrap"}},
		{"acc:w32,wrap", "acc:w20,sat,order=seq", []string{"bad.yaml:4", "the array gives the order", "write acc:w20,sat"}},
		{"acc:w32,wrap", "acc:w40,wrap", []string{"bad.yaml:4", "tflite.single", "acc:w32,wrap"}},
		{"acc:w32,wrap", "acc:w32", []string{"bad.yaml:4", "accumulator"}},
		{"acc:w32,wrap", "float32", []string{"bad.yaml:4", "no accumulator"}},
		{"acc:w32,wrap", "exact", []string{"bad.yaml:4", "no accumulator"}},
		{"tflite.single", "tflite.triple", []string{"bad.yaml:5", "tflite.double", "shift.floor"}},
		{"weight-stationary", "output-stationary", []string{"bad.yaml:3", "weight-stationary, dot"}},
		{"kind: weight-stationary, ", "", []string{"bad.yaml:3", `the key "kind" is missing`}},
		{"rows: 8", "lanes: 8", []string{"bad.yaml:3", `unknown key "lanes"`}},
		{"rows: 8", "rows: 0", []string{"bad.yaml:3", "1 to 256"}},
		{"rows: 8", "rows: 99999999999999999999", []string{"bad.yaml:3", "integer belongs"}},
		{"rows: 8", "rows: eight", []string{"bad.yaml:3", "integer"}},
		{"kind: weight-stationary, rows: 8, columns: 8", "kind: dot, lanes: 5000", []string{"1 to 1024"}},
		{"activation: int8", "activation: int16", []string{"bad.yaml:2", "2 to 8"}},
		{"activation: int8", "activation: byte", []string{"bad.yaml:2", "no operand"}},
		{"weight: int8", "weight: uint8", []string{"bad.yaml:2", "write int8"}},
		{"per-channel", "per-row", []string{"bad.yaml:6", "per-channel, per-tensor"}},
		{"requantize: 3", "requantize: -1", []string{"bad.yaml:8", "0 to 8"}},
		{"target/1", "policy/1", []string{"bad.yaml:1", "target/1"}},
		{"target/1", "*here", []string{"bad.yaml"}},
		{"{activation: int8, weight: int8}", "[int8, int8]", []string{"bad.yaml:2", "mapping"}},
		{"{activation: int8, weight: int8}", "{activation: int8, weight", []string{"bad.yaml"}},
	} {
		text := strings.Replace(string(good), test.old, test.new, 1)
		require.NotEqual(t, string(good), text)
		_, err := Parse("bad.yaml", []byte(text))
		for _, want := range test.want {
			assert.ErrorContains(t, err, want, "%q -> %q", test.old, test.new)
		}
	}
	for _, text := range []string{"", "\n---\n---\n", "- a\n", strings.Repeat("#", maxFile+1)} {
		_, err := Parse("bad.yaml", []byte(text))
		assert.ErrorContains(t, err, "bad.yaml")
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		data, err := shipped.ReadFile("shipped/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(dot4))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("halftone: !!binary x\noperands: {<<: *a}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := Parse("fuzz.yaml", data)
		if err != nil {
			return
		}
		again, err := Parse("fuzz.yaml", parsed.YAML())
		require.NoError(t, err)
		require.Equal(t, parsed, again)
	})
}
