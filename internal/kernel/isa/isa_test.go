package isa_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

func TestUse(t *testing.T) {
	before := isa.Name()
	require.NoError(t, isa.Use("go"))
	assert.Equal(t, "go", isa.Name())
	assert.Equal(t, isa.Go, isa.Active())
	require.NoError(t, isa.Use(before))
	assert.ErrorContains(t, isa.Use("sse9"), "known are avx512, avx2, go")
	assert.Equal(t, before, isa.Name())
	assert.Equal(t, isa.Best(), isa.Active())
}
