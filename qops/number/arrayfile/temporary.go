package arrayfile

import (
	"bufio"
	"io"
	"os"

	"github.com/pkg/errors"
)

// temporary is a file that is gone when it is closed. It is written first, and read after rewind.
type temporary struct {
	file   *os.File
	writer *bufio.Writer
	reader *bufio.Reader
}

func newTemporary() (*temporary, error) {
	file, err := os.CreateTemp("", "halftone-*")
	if err != nil {
		return nil, errors.Wrap(err, "a temporary file")
	}
	return &temporary{file: file, writer: bufio.NewWriter(file)}, nil
}

func (t *temporary) Write(p []byte) (int, error) { return t.writer.Write(p) }

// rewind makes the next Read start at the front.
func (t *temporary) rewind() error {
	if err := t.writer.Flush(); err != nil {
		return errors.Wrap(err, "a temporary file")
	}
	_, err := t.file.Seek(0, io.SeekStart)
	t.reader = bufio.NewReader(t.file)
	return errors.Wrap(err, "a temporary file")
}

func (t *temporary) Read(p []byte) (int, error) { return t.reader.Read(p) }

// Close removes the file. It may be nil.
func (t *temporary) Close() {
	if t == nil {
		return
	}
	t.file.Close() // nothing of it is needed any more
	os.Remove(t.file.Name())
}
