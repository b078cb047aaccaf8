package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "a.txt")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, s)
			return err
		}
	}
	require.NoError(t, Write(name, text("one")))
	require.NoError(t, Write(name, text("two")))
	err := Write(name, func(w io.Writer) error {
		_ = text("half")(w)
		return errors.New("no more")
	})
	assert.ErrorContains(t, err, "a.txt: no more")
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "two", string(content))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no temporary file is left")

	assert.Error(t, Write(filepath.Join(folder, "none", "a.txt"), text("x")))
}
