package oracles_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/stretchr/testify/require"
)

// oracles are the programs whose vectors are in the folder vectors, one file each.
var oracles = []string{"ap_fixed", "apytypes", "gfloat", "ml_dtypes", "names", "qtorch"}

// vectors are the content of a file.
type vectors struct {
	Oracle  string
	Version string
	Cases   []vectorCase
}

// vectorCase is what an oracle answered. Input and Value are bit patterns of float32 numbers.
type vectorCase struct {
	Format  string // with %s where What has to be put
	MadeBy  string `json:"made_by"`
	Input   array
	Value   array
	Codes   array
	Packed  array // bytes
	Random  array // bits of the oracle, 16 for each element
	Scales  array // of the blocks, as float32
	Shape   []int
	Channel int     `json:"channel_axis"`
	Seed    *uint64 // of the random bits of a tensor named "oracle"

	What, World, Name string // a rounding or an overflow of another world, whose name in Halftone is looked for
}

// array is the name of an array of the file, and its elements.
type array struct {
	name  string
	words []uint32
}

func (a *array) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &a.name) }

// load fills in the elements.
func (a *array) load(t *testing.T, arrays map[string]*npy.Array) {
	if a.name == "" {
		return
	}
	stored := arrays[a.name]
	require.NotNil(t, stored, "array %s", a.name)
	switch data := stored.Data.(type) {
	case []uint8:
		a.words = widened(data)
	case []uint16:
		a.words = widened(data)
	case []uint32:
		a.words = data
	default:
		require.Failf(t, "unexpected type", "array %s: %T", a.name, data)
	}
}

func widened[T uint8 | uint16](data []T) []uint32 {
	words := make([]uint32, len(data))
	for i, x := range data {
		words[i] = uint32(x)
	}
	return words
}

// readVectors reads the file of an oracle. Arrays that no case uses are an error.
func readVectors(t *testing.T, oracle string) vectors {
	data, err := os.ReadFile(filepath.Join("vectors", oracle+".npz"))
	require.NoError(t, err)
	arrays, err := npy.ParseArchive(data)
	require.NoError(t, err)
	text, err := npy.Elements[uint8](arrays["cases"])
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(text, &v))
	require.Equal(t, oracle, v.Oracle)
	used := map[string]bool{"cases": true}
	for i := range v.Cases {
		c := &v.Cases[i]
		for _, a := range []*array{&c.Input, &c.Value, &c.Codes, &c.Packed, &c.Random, &c.Scales} {
			a.load(t, arrays)
			used[a.name] = true
		}
	}
	for name := range arrays {
		require.True(t, used[name], "array %s is in no case", name)
	}
	return v
}

func TestEveryFileIsRead(t *testing.T) {
	files, err := filepath.Glob("vectors/*")
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".npz"))
	}
	slices.Sort(names)
	require.Equal(t, append(slices.Clone(oracles), trainingOracle), names)
}
