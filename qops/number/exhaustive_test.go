//go:build long

package number

import "testing"

// TestPatternsExhaustively takes all 2^32 float32 numbers under every one of the formats, with the best instruction set:
// some five minutes of processor time for each. The stride is odd, so that no number is left out, and mixes large and
// small ones in blocks.
func TestPatternsExhaustively(t *testing.T) {
	for _, format := range patternFormats {
		t.Run(format, func(t *testing.T) { comparePatterns(t, format, 1<<32, 0x9e3779b1) })
	}
}
