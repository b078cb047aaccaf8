//go:build long

package number

import "testing"

// TestPatternsExhaustively takes all 2^32 float32 numbers under two formats, with the best instruction set: some five
// minutes of processor time for each.
func TestPatternsExhaustively(t *testing.T) {
	for _, format := range patternFormats[:2] {
		t.Run(format, func(t *testing.T) { comparePatterns(t, format, 1<<32, 1) })
	}
}
