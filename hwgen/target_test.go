package hwgen_test

import (
	"testing"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/stretchr/testify/require"
)

// loadTarget is a small mac8, two by two, with some of its lines replaced.
func loadTarget(t testing.TB, lines ...string) *target.Target {
	t.Helper()
	text := ""
	for _, line := range [][2]string{
		{"halftone", "target/1"},
		{"operands", "{activation: int8, weight: int8}"},
		{"array", "{kind: weight-stationary, rows: 2, columns: 2}"},
		{"accumulator", `"acc:w32,wrap"`},
		{"requantization", "tflite.single"},
		{"scales", "per-channel"},
		{"clamp", "true"},
		{"pipeline", "{multiply: 1, add: 1, requantize: 3}"},
	} {
		value := line[1]
		for i := 0; i < len(lines); i += 2 {
			if lines[i] == line[0] {
				value = lines[i+1]
			}
		}
		text += line[0] + ": " + value + "\n"
	}
	parsed, err := target.Parse("test.yaml", []byte(text))
	require.NoError(t, err)
	return parsed
}
