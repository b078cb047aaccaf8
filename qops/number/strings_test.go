package number

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireCanonical parses strings and compares with their canonical ones, which have to give the same formats.
func requireCanonical(t *testing.T, canonical map[string]string) {
	t.Helper()
	for s, want := range canonical {
		f, err := Parse(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, f.String())
		again, err := Parse(want)
		require.NoError(t, err, want)
		assert.Equal(t, f, again)
	}
}

// fault is a string that is no format, where the caret stands, and part of the message.
type fault struct {
	input   string
	offset  int
	message string
}

// requireFaults parses strings that are no formats.
func requireFaults(t *testing.T, faults []fault) {
	t.Helper()
	for _, c := range faults {
		_, err := Parse(c.input)
		var wrong *ParseError
		require.ErrorAs(t, err, &wrong, c.input)
		assert.Equal(t, c.offset, wrong.Offset, "%v", err)
		assert.Contains(t, wrong.Message, c.message)
		assert.NotEmpty(t, wrong.Nearest, c.input)
	}
}
