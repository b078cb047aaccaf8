package arrayfile

import (
	"context"
	"io"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// input is the array that is read, once or twice.
type input[T number.Float] struct {
	reader *npy.Reader
	seeker io.Seeker // nil if it can be read only once
	start  int64     // of the elements
	kept   *temporary
	keep   *npy.Writer // to kept, while an input that cannot be read twice is read
}

// seekable returns the input as something that can be set back, if it can.
func seekable(in io.Reader) (seeker io.Seeker, at int64, ok bool) {
	seeker, ok = in.(io.Seeker)
	if !ok {
		return nil, 0, false
	}
	at, err := seeker.Seek(0, io.SeekCurrent)
	return seeker, at, err == nil
}

// checkSize compares what is left of a file with the array that it should hold.
func checkSize(in io.Reader, reader *npy.Reader) error {
	seeker, at, ok := seekable(in)
	if !ok {
		return nil
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.WithStack(err)
	}
	if _, err := seeker.Seek(at, io.SeekStart); err != nil {
		return errors.WithStack(err)
	}
	return reader.CheckSize(end - at)
}

// newInput returns the array whose header was read from in. An array to be read twice from what cannot be set back is
// kept in a temporary file.
func newInput[T number.Float](j Job, in io.Reader, reader *npy.Reader, twice bool) (*input[T], error) {
	out := &input[T]{reader: reader}
	seeker, at, ok := seekable(in)
	if ok {
		out.seeker, out.start = seeker, at
		return out, nil
	}
	if !twice {
		return out, nil
	}
	j.notice(j.Format.String() + " needs to see the whole array before it can round the first element: the input is kept in a temporary file")
	kept, err := newTemporary()
	if err != nil {
		return nil, err
	}
	out.kept = kept
	out.keep, err = npy.NewRawWriter(kept, elementName[T](), reader.Shape())
	return out, err
}

// read fills dst with the next elements.
func (in *input[T]) read(dst []T) error {
	n, err := npy.ReadElements(in.reader, dst)
	if err != nil || in.keep == nil {
		return err
	}
	return npy.WriteElements(in.keep, dst[:n])
}

// again sets the array back to its first element.
func (in *input[T]) again() error {
	if in.kept == nil {
		_, err := in.seeker.Seek(in.start, io.SeekStart)
		in.reader.Restart()
		return errors.WithStack(err)
	}
	in.keep = nil
	if err := in.kept.rewind(); err != nil {
		return err
	}
	var err error
	in.reader, err = npy.NewRawReader(in.kept, elementName[T](), in.reader.Shape())
	return err
}

func (in *input[T]) close() { in.kept.Close() }

// Interruptible returns a reader whose Read ends with ctx, even where that of in waits for a terminal or a pipe.
func Interruptible(ctx context.Context, in io.Reader) io.Reader {
	return &waiting{ctx: ctx, in: in, done: make(chan read, 1)}
}

// waiting reads in another goroutine, which it leaves behind when ctx ends.
type waiting struct {
	ctx    context.Context
	in     io.Reader
	buffer []byte
	done   chan read
}

// read is what a Read returned.
type read struct {
	n   int
	err error
}

func (w *waiting) Read(p []byte) (int, error) {
	if len(w.buffer) < len(p) {
		w.buffer = make([]byte, len(p))
	}
	buffer := w.buffer[:len(p)] // p must not change after Read has returned
	go func() {
		n, err := w.in.Read(buffer)
		w.done <- read{n, err}
	}()
	select {
	case r := <-w.done:
		return copy(p, buffer[:r.n]), r.err
	case <-w.ctx.Done():
		return 0, w.ctx.Err()
	}
}
