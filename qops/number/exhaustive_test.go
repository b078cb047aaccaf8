//go:build long

package number

import "testing"

// TestPatternsExhaustively takes all 2^32 float32 numbers, with the best instruction set.
func TestPatternsExhaustively(t *testing.T) {
	for _, format := range patternFormats {
		t.Run(format, func(t *testing.T) { comparePatterns(t, format, 1<<32, 1) })
	}
}
