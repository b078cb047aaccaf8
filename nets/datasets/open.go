package datasets

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
)

// readFile opens file i of the set, hands its contents, decompressed, to parse, and returns what identifies them. parse
// must read to the end of the file, or fail: what is identified is what was read.
func (l *Layout) readFile(dir string, i int, parse func(path string, r io.Reader) error) (File, error) {
	path := l.Path(dir, i)
	f, err := os.Open(path)
	if err != nil {
		return File{}, openError(l.Name, err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		unpacked, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
		if err != nil {
			return File{}, &FormatError{Path: path, Problem: "not a gzip file: " + err.Error(), Remedy: refetch(l.Name)}
		}
		r = gzipReader{unpacked}
	}
	d := newDigester()
	if err := parse(path, bufio.NewReaderSize(io.TeeReader(r, d), 1<<20)); err != nil {
		return File{}, err
	}
	return d.file(l.Files[i], path), nil
}

// gzipReader marks the failures of a compressed stream, so that its sudden end is not taken for the end of the file.
type gzipReader struct{ r *gzip.Reader }

type gzipError struct{ error }

func (g gzipReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // an io.Reader returns io.EOF itself
		err = gzipError{err}
	}
	return n, err
}

// readError is a failure to read at offset: that of a compressed stream is a fault of the file, all else of the machine.
func readError(set, path string, offset int64, err error) error {
	var broken gzipError
	if errors.As(err, &broken) {
		return &FormatError{Path: path, Offset: offset, Problem: "the compressed stream is broken here (" + broken.Error() + ")", Remedy: refetch(set)}
	}
	return errors.Wrapf(err, "%s: reading at byte %d", path, offset)
}
