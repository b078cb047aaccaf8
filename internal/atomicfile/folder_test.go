package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file is made in the folder that it will be in, since only there a rename is one step, is hidden until it is whole, and
// may be read by others then.
func TestTheTemporaryFileIsBesideTheFile(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "a.txt")
	require.NoError(t, Write(name, func(w io.Writer) error {
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		assert.Regexp(t, `^\.a\.txt\.`, entries[0].Name())
		_, err = io.WriteString(w, "one")
		return err
	}))
	info, err := os.Stat(name)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}
