package emulate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file is read up to its limit.
func TestFilesHaveALimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), programFile)
	require.NoError(t, os.WriteFile(name, make([]byte, 10), 0o600))
	data, err := readFile(name, 10)
	require.NoError(t, err)
	assert.Len(t, data, 10)
	_, err = readFile(name, 9)
	assert.ErrorContains(t, err, programFile+" has more than 9 bytes")
}

// What is read strictly is one JSON value without other keys.
func TestReadingStrictly(t *testing.T) {
	for text, want := range map[string]string{`{"a": 1}`: "", ` {"a": 1} ` + "\n": "", `{"a": 1, "b": 2}`: "unknown field", `{"a": 1}{}`: "more after", `{"a": 1} x`: "more after", `{"a": 1`: "EOF"} {
		var v struct{ A int }
		err := strictly([]byte(text), &v)
		if want == "" {
			assert.NoError(t, err, text)
		} else {
			assert.ErrorContains(t, err, want, text)
		}
	}
}
