package arrayfile

import (
	"fmt"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// packedSink writes packed storage: an archive with the bytes as data, beside the shape and the format string.
type packedSink[T number.Float] struct {
	coded[T]
	writer *npy.Writer
	packer *number.Packer
}

// byteWriter writes to an array of bytes.
type byteWriter struct{ writer *npy.Writer }

func (w byteWriter) Write(p []byte) (int, error) { return len(p), npy.WriteElements(w.writer, p) }

func newPackedSink[T number.Float](base coded[T]) (sink[T], error) {
	f := base.job.Format
	bytes := f.PackedSize(size(base.shape), base.blocks.Count)
	if bytes < 0 {
		return nil, errors.Errorf("the shape %v in %v cannot be packed into a file: it is too large, or its size depends on the values", base.shape, f)
	}
	w, err := base.archive.Create(packedData, elementName[uint8](), []int{bytes})
	if err != nil {
		return nil, err
	}
	packer, err := number.NewPacker(byteWriter{w}, f)
	return &packedSink[T]{base, w, packer}, err
}

func (s *packedSink[T]) piece(f number.Format, src []T, shape []int, o number.Options) (number.Stats, error) {
	stats, err := s.encode(f, src, shape, o)
	if err != nil {
		return stats, err
	}
	return stats, s.packer.Codes(s.codes)
}

func (s *packedSink[T]) finish() error {
	f := s.job.Format
	if f.BitsPerBlock() > 0 {
		if err := s.aside.pieces(s.packer.Blocks); err != nil {
			return err
		}
	}
	if err := s.packer.Close(); err != nil {
		return err
	}
	if err := s.writer.Close(); err != nil {
		return err
	}
	if f.Block() == number.PerChannel || f.Tile().Axis == number.ReduceAxis {
		if err := writeArray(s.archive, packedAxis, []int{1}, []int64{int64(s.job.Axis)}); err != nil {
			return err
		}
	}
	text := []byte(f.String())
	if err := writeArray(s.archive, packedFormat, []int{len(text)}, text); err != nil {
		return err
	}
	shape := make([]int64, len(s.shape))
	for i, n := range s.shape {
		shape[i] = int64(n)
	}
	if err := writeArray(s.archive, packedShape, []int{len(shape)}, shape); err != nil {
		return err
	}
	return s.archive.Close()
}

// elementName is the name of a type in Go.
func elementName[E npy.Element]() string { return fmt.Sprintf("%T", *new(E)) }
