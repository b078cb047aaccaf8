package hwgen

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/hwgen/chisel"
	"github.com/pkg/errors"
)

// Write writes the sources as a folder: all of them, or nothing if something fails. A folder of that name is replaced if
// all that it holds was generated; otherwise it is an error.
func (s Sources) Write(dir string) (err error) {
	defer func() { err = errors.Wrapf(err, "writing %s", dir) }()
	if err := replaceable(dir); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := s.writeFiles(work); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(work, dir)
}

func (s Sources) writeFiles(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil { // temporary folders are private
		return err
	}
	for name, text := range s {
		mode := fs.FileMode(0o644)
		if name == chisel.Script {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, mode); err != nil {
			return err
		}
	}
	return nil
}

// replaceable tells whether dir is missing or holds generated files only.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !generated(filepath.Join(dir, e.Name())) {
			return errors.Errorf("the folder holds %s, which was not generated; name a new folder or remove it", e.Name())
		}
	}
	return nil
}

// generated tells whether a file has the generator's mark in its first lines.
func generated(name string) bool {
	text, err := os.ReadFile(name)
	return err == nil && bytes.Contains(text[:min(len(text), 512)], []byte(generatedBy))
}
