package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiff(t *testing.T) {
	a := withRules(t, `match: "a", weight: float32`, `match: "b", weight: float32`, `match: "c", target: mac8`)
	b := withRules(t, `match: "a", weight: float32`, `match: "x", bias: float32`, `match: "b", weight: "fixed:w4f3,sr,sat"`)
	b.Clipped, b.Target = Zero, "mac8"
	b.Default[Loss] = b.Default[Weight]
	assert.Empty(t, Diff(a, a))
	assert.Equal(t, []Difference{
		{"default loss", "float32", "bfp:w8e8,block=channel,sr,sat"},
		{"clipped", "pass", "zero"},
		{"target", "", "mac8"},
		{"rule", "", `{match: x, bias: float32}`},
		{"rule", `{match: b, weight: float32}`, `{match: b, weight: "fixed:w4f3,sr,sat"}`},
		{"rule", `{match: c, target: mac8}`, ""},
	}, Diff(a, b))
}

func TestDiffOfShipped(t *testing.T) {
	a, err := Load("float32")
	require.NoError(t, err)
	b, err := Load("halp8")
	require.NoError(t, err)
	assert.Equal(t, []Difference{{"default offset", "float32", "int:w8,scale=run,sr,sat"}}, Diff(a, b))
}
