// Package atomicfile writes files that are whole or not there at all.
package atomicfile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Write gives write a temporary file next to name, brings its content to the disk and renames it to name. If anything
// fails, a file that was there before stays as it was and the temporary one is removed. Errors name the file.
func Write(name string, write func(io.Writer) error) (err error) {
	defer func() { err = errors.Wrapf(err, "writing %s", name) }()
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close() // the first error is the one to report, also where this is a second Close
			os.Remove(file.Name())
		}
	}()
	buffered := bufio.NewWriter(file)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil { // temporary files are private
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
