package arrayfile

import (
	"io"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// sink rounds pieces and writes what becomes of them.
type sink[T number.Float] interface {
	// piece rounds the elements and writes them. The counts hold signal and noise.
	piece(f number.Format, src []T, shape []int, o number.Options) (number.Stats, error)
	// finish writes what comes last.
	finish() error
	// discard removes what was put aside.
	discard()
}

// newSink returns the sink for an array of the shape, in the given blocks.
func newSink[T number.Float](j Job, shape []int, blocks number.Blocks, out io.Writer) (sink[T], error) {
	if j.Output == Values {
		start := npy.NewWriter
		if j.Raw != nil {
			start = npy.NewRawWriter
		}
		w, err := start(out, elementName[T](), shape)
		return &valueSink[T]{writer: w}, err
	}
	aside, err := newScaleSpool()
	if err != nil {
		return nil, err
	}
	base := coded[T]{job: j, shape: shape, blocks: blocks, archive: npy.NewArchiveWriter(out), aside: aside}
	var s sink[T]
	if j.Output == Packed {
		s, err = newPackedSink(base)
	} else {
		s, err = newCodeSink(base)
	}
	if err != nil {
		aside.discard()
	}
	return s, err
}

// valueSink writes values.
type valueSink[T number.Float] struct {
	writer *npy.Writer
	values []T
}

func (s *valueSink[T]) piece(f number.Format, src []T, shape []int, o number.Options) (number.Stats, error) {
	s.values = grown(s.values, len(src))
	o.Noise = true
	stats, err := number.Quantize(f, s.values, src, shape, o)
	if err != nil {
		return stats, err
	}
	if f.IsFloat32() { // there is nothing to round, and so nothing was summed
		addNoise(&stats, src, s.values)
	}
	return stats, npy.WriteElements(s.writer, s.values)
}

func (s *valueSink[T]) finish() error { return s.writer.Close() }
func (s *valueSink[T]) discard()      {}

// coded is what the sinks of codes have in common.
type coded[T number.Float] struct {
	job     Job
	shape   []int
	blocks  number.Blocks
	archive *npy.ArchiveWriter
	aside   *scaleSpool
	codes   []int32
	values  []float64 // of the codes: float32 does not have those of wide formats
	given   bool      // the scales of all pieces are the same
}

func (c *coded[T]) discard() { c.aside.discard() }

// encode rounds the elements to codes, and puts the scales aside.
func (c *coded[T]) encode(f number.Format, src []T, shape []int, o number.Options) (number.Stats, error) {
	c.codes, c.values = grown(c.codes, len(src)), grown(c.values, len(src))
	stats, err := number.Encode(f, c.codes, src, shape, o)
	if err != nil {
		return stats, err
	}
	if err := number.Decode(f, c.values, c.codes, shape, o.Scales, o.ChannelAxis); err != nil {
		return stats, err
	}
	addNoise(&stats, src, c.values)
	once := o.UseScales || f.ScalesFrom() == number.FromFormat
	if once && c.given {
		return stats, nil
	}
	c.given = once
	return stats, c.aside.add(o.Scales)
}

// addNoise adds the signal and the noise of elements and their values, as Quantize sums them.
func addNoise[T, Q number.Float](stats *number.Stats, before []T, after []Q) {
	var signal, noise float64
	for i, v := range before {
		x := float64(v)
		if x-x != 0 {
			continue
		}
		signal += float64(x * x)
		if d := x - float64(after[i]); d-d == 0 {
			noise += float64(d * d)
		}
	}
	stats.Signal += signal
	stats.Noise += noise
}

// grown returns s with n elements, in the same memory if there is room.
func grown[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// codeSink writes codes in the smallest integer type that holds them, and scales.
type codeSink[T number.Float] struct {
	coded[T]
	writer *npy.Writer
	write  func(w *npy.Writer, codes []int32) error
}

func newCodeSink[T number.Float](base coded[T]) (sink[T], error) {
	element, write := narrow(base.job.Format)
	w, err := base.archive.Create("codes", element, base.shape)
	return &codeSink[T]{base, w, write}, err
}

func (s *codeSink[T]) piece(f number.Format, src []T, shape []int, o number.Options) (number.Stats, error) {
	stats, err := s.encode(f, src, shape, o)
	if err != nil {
		return stats, err
	}
	return stats, s.write(s.writer, s.codes)
}

func (s *codeSink[T]) finish() error {
	if err := s.writer.Close(); err != nil {
		return err
	}
	if err := s.writeBlocks(); err != nil {
		return err
	}
	if err := s.aside.write(s.archive); err != nil {
		return err
	}
	return s.archive.Close()
}

// writeBlocks writes which element lies in which block: as inner, or as the sides of tiles.
func (s *codeSink[T]) writeBlocks() error {
	if l := s.blocks.Layout; l.Width > 0 && s.aside.blocks == s.blocks.Count {
		return writeArray(s.archive, "tiles", []int{5}, []int64{int64(l.Rows), int64(l.Columns), int64(l.Inner), int64(l.Height), int64(l.Width)})
	}
	return writeArray(s.archive, "inner", nil, []int64{int64(s.blocks.Inner)})
}

// writeArray writes a small array.
func writeArray[E npy.Element](archive *npy.ArchiveWriter, name string, shape []int, data []E) error {
	w, err := archive.Create(name, elementName[E](), shape)
	if err != nil {
		return err
	}
	if err := npy.WriteElements(w, data); err != nil {
		return err
	}
	return errors.Wrap(w.Close(), name)
}
