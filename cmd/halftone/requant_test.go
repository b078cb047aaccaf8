package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// objects reads what a verb printed with --json.
func objects(t *testing.T, stdout string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	return rows
}

func TestRequantList(t *testing.T) {
	out, _, status := run(t, "requant", "list", "--json")
	require.Equal(t, exitOK, status)
	rows := objects(t, out)
	assert.Equal(t, "tflite.single", rows[0]["name"])
	assert.EqualValues(t, 32, rows[0]["accumulator_bits"])
}

func TestRequantApply(t *testing.T) {
	out, _, status := run(t, "requant", "apply", "shift.rne", "--scale", "0.25", "--zero", "-1", "--json", "--", "6", "-6", "0x7fffffff")
	require.Equal(t, exitOK, status)
	rows := objects(t, out)
	require.Len(t, rows, 3)
	assert.EqualValues(t, 2, rows[0]["scaled"], "1.5 to even")
	assert.EqualValues(t, -2, rows[1]["scaled"])
	assert.EqualValues(t, -3, rows[1]["code"])
	assert.EqualValues(t, 127, rows[2]["code"])
}

func TestRequantDiffAndVectors(t *testing.T) {
	out, _, status := run(t, "requant", "diff", "tflite.double", "tflite.single", "--scale", "0.0123,0.0037", "--json")
	require.Equal(t, exitOK, status)
	rows := objects(t, out)
	require.Len(t, rows, 2)
	assert.InDelta(t, 1e6/128, rows[0]["per_million"], 1000, "0.0123 shifts by 6")

	out, _, status = run(t, "requant", "vectors", "tflite.double", "tflite.single", "--scale", "0.0037", "--count", "5", "--json")
	require.Equal(t, exitOK, status)
	rows = objects(t, out)
	require.Len(t, rows, 5)
	for _, r := range rows {
		assert.NotEqual(t, r["a"], r["b"])
	}
}

func TestRequantUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"apply", "tflite.single", "5"}, "needs --scale"},
		{[]string{"apply", "tflite.single"}, "takes a rule and accumulators"},
		{[]string{"apply", "tflite", "--scale", "1", "5"}, "tflite.single"},
		{[]string{"apply", "shift.rne", "--scale", "0.3", "5"}, "power of two"},
		{[]string{"apply", "tflite.single", "--scale", "0.3", "2147483648"}, "32 bits"},
		{[]string{"diff", "tflite.single"}, "two rules"},
		{[]string{"diff", "tflite.single", "shift.rne", "--scale", "0.3"}, "power of two"},
		{[]string{"vectors", "tflite.single", "shift.rne"}, "needs --scale"},
		{[]string{"vectors", "tflite.single", "shift.rne", "--scale", "0.25", "--count", "0"}, "--count"},
		{[]string{"lists"}, "lists"},
	} {
		_, stderr, status := run(t, append([]string{"requant"}, test.args...)...)
		assert.Equal(t, exitUsage, status, "%v", test.args)
		assert.Contains(t, stderr, test.want)
	}
}
