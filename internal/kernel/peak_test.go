package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// The peak is that of the tile kernel's benchmark: beyond what plain Go reaches, and four times as much for 8-bit codes. What
// else runs on the machine leaves room for a wide margin only.
func TestPeak(t *testing.T) {
	float := PeakFloat32(1)
	assert.Greater(t, float, 1e8)
	if hasInt8() {
		assert.Greater(t, PeakInt8(1), 1.5*float)
		assert.Less(t, PeakInt8(1), 8*float)
	} else {
		assert.Zero(t, PeakInt8(1))
	}
	old := isa.Name()
	defer func() { assert.NoError(t, isa.Use(old)) }()
	assert.NoError(t, isa.Use("go"))
	assert.Zero(t, PeakInt8(1))
	if old != "go" {
		assert.Less(t, PeakFloat32(1), float)
	}
}
