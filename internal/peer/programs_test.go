package peer_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/internal/peer"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
)

// The program calls formats as Halftone does: under another name, its answer would never be asked for.
func TestNamesAreFormats(t *testing.T) {
	names := regexp.MustCompile(`table\[f?"([^"]+)"\]`).FindAllStringSubmatch(peer.Kernels, -1)
	assert.GreaterOrEqual(t, len(names), 5)
	for _, name := range names {
		for _, rounding := range []string{"rne", "sr"} {
			format := strings.ReplaceAll(name[1], "{word}", rounding)
			assert.Equal(t, format, number.MustParse(format).String())
		}
	}
}

// The program calls its steps as `halftone bench` does.
func TestNamesAreSteps(t *testing.T) {
	for _, name := range []string{"resnet14/float32", "resnet14/quantized", "resnet14/infer", "lstm/float32", "lstm/quantized"} {
		assert.Contains(t, peer.Networks, `"`+name+`"`)
	}
}
