package oracles_test

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDisagreements holds Halftone to its column of the table of docs/oracles.md.
func TestDisagreements(t *testing.T) {
	text, err := os.ReadFile("../../docs/oracles.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "<!-- begin disagreements -->\n")
	require.True(t, found)
	table, _, found = strings.Cut(table, "<!-- end disagreements -->")
	require.True(t, found)
	rows := strings.Split(strings.TrimSpace(table), "\n")[2:]
	checked := 0
	for _, row := range rows {
		columns := cells(strings.TrimPrefix(row, "|"))
		require.Len(t, columns, 5, row)
		for _, match := range quoted.FindAllStringSubmatch(columns[4], -1) {
			f, err := number.Parse(match[1])
			require.NoError(t, err, row)
			x, want := numbers(t, columns[1]), numbers(t, columns[2])
			got := make([]float32, len(x))
			_, err = number.Quantize(f, got, x, []int{len(x)}, number.Options{})
			require.NoError(t, err, row)
			require.Len(t, want, len(got))
			for i := range want {
				a, b := math.Float32bits(want[i]), math.Float32bits(got[i])
				assert.True(t, same(a, b), "%s: %v becomes %v, the table says %v", f, x[i], got[i], want[i])
			}
			checked++
		}
	}
	require.Greater(t, checked, len(rows)/2, "formats in the table")
}

// numbers reads numbers between commas; a NaN may have its pattern behind a colon.
func numbers(t *testing.T, list string) []float32 {
	var numbers []float32
	for word := range strings.SplitSeq(list, ", ") {
		if pattern, found := strings.CutPrefix(word, "NaN:"); found {
			bits, err := strconv.ParseUint(pattern, 16, 32)
			require.NoError(t, err)
			numbers = append(numbers, math.Float32frombits(uint32(bits)))
			continue
		}
		x, err := strconv.ParseFloat(word, 32)
		require.NoError(t, err)
		numbers = append(numbers, float32(x))
	}
	return numbers
}
