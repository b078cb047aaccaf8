package npy

import (
	"archive/zip"
	"io"

	"github.com/pkg/errors"
)

// ArchiveWriter writes a .npz file whose arrays come in pieces, one array after the other. Unlike WriteArchive it does
// not compress, as NumPy's savez does not. It writes no time, so that equal arrays give equal files.
type ArchiveWriter struct{ archive *zip.Writer }

// NewArchiveWriter starts a .npz file.
func NewArchiveWriter(w io.Writer) *ArchiveWriter { return &ArchiveWriter{zip.NewWriter(w)} }

// Create starts the next array, of elements of the type with the name in Go (float32). The Writer must be complete
// before another array is started.
func (a *ArchiveWriter) Create(name, element string, shape []int) (*Writer, error) {
	entry, err := a.archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	w, err := NewWriter(entry, element, shape)
	return w, errors.Wrap(err, name)
}

// Close ends the file. It does not close what is written to.
func (a *ArchiveWriter) Close() error { return errors.WithStack(a.archive.Close()) }
