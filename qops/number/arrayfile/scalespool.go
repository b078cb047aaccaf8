package arrayfile

import (
	"math"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// scaleSpool puts the scales of pieces aside in temporary files, since they come after all codes: an array with blocks
// of 16 elements has half as many bytes of scales as of elements.
type scaleSpool struct {
	step, points column[float64]
	zero         column[int32]
	blocks       int
	each         int // points of a block
}

// column is numbers in a temporary file.
type column[E npy.Element] struct {
	file *temporary
	out  *npy.Writer
	size int
}

func newScaleSpool() (*scaleSpool, error) {
	s := &scaleSpool{}
	for _, start := range []func() error{s.step.start, s.points.start, s.zero.start} {
		if err := start(); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// add puts the scales of a piece aside.
func (s *scaleSpool) add(scales *number.Scales) error {
	zero := scales.Zero
	if zero == nil {
		zero = make([]int32, len(scales.Step))
	}
	if n := len(scales.Step); n > 0 {
		s.each = len(scales.Points) / n
	}
	s.blocks += len(scales.Step)
	if err := s.step.add(scales.Step); err != nil {
		return err
	}
	if err := s.points.add(scales.Points); err != nil {
		return err
	}
	return s.zero.add(zero)
}

// spoolPiece is the number of blocks that are read back at a time.
const spoolPiece = 1 << 14

// pieces calls body with the scales that were put aside.
func (s *scaleSpool) pieces(body func(*number.Scales) error) error {
	step, err := s.step.reader()
	if err != nil {
		return err
	}
	points, err := s.points.reader()
	if err != nil {
		return err
	}
	zero, err := s.zero.reader()
	if err != nil {
		return err
	}
	for done := 0; done < s.blocks; done += spoolPiece {
		n := min(spoolPiece, s.blocks-done)
		piece := &number.Scales{Step: make([]float64, n), Zero: make([]int32, n), Points: make([]float64, n*s.each)}
		if _, err := npy.ReadElements(step, piece.Step); err != nil {
			return err
		}
		if _, err := npy.ReadElements(points, piece.Points); err != nil {
			return err
		}
		if _, err := npy.ReadElements(zero, piece.Zero); err != nil {
			return err
		}
		if err := body(piece); err != nil {
			return err
		}
	}
	return nil
}

// write writes the arrays points (of kinds that have them), step and zero.
func (s *scaleSpool) write(archive *npy.ArchiveWriter) error {
	if s.each > 0 {
		if err := s.points.write(archive, "points", []int{s.blocks, s.each}); err != nil {
			return err
		}
	}
	if err := s.step.write(archive, "step", []int{s.blocks}); err != nil {
		return err
	}
	return s.zero.write(archive, "zero", []int{s.blocks})
}

// discard removes the files.
func (s *scaleSpool) discard() {
	s.step.file.Close()
	s.points.file.Close()
	s.zero.file.Close()
}

func (c *column[E]) start() error {
	file, err := newTemporary()
	if err != nil {
		return err
	}
	c.file = file
	c.out, err = npy.NewRawWriter(file, elementName[E](), []int{math.MaxInt / 256}) // as many as will come
	return err
}

func (c *column[E]) add(numbers []E) error {
	c.size += len(numbers)
	return npy.WriteElements(c.out, numbers)
}

// reader reads the numbers from the first on.
func (c *column[E]) reader() (*npy.Reader, error) {
	if err := c.file.rewind(); err != nil {
		return nil, err
	}
	return npy.NewRawReader(c.file, elementName[E](), []int{c.size})
}

// write writes the numbers as an array of the shape.
func (c *column[E]) write(archive *npy.ArchiveWriter, name string, shape []int) error {
	in, err := c.reader()
	if err != nil {
		return err
	}
	out, err := archive.Create(name, elementName[E](), shape)
	if err != nil {
		return err
	}
	piece := make([]E, min(c.size, spoolPiece))
	for done := 0; done < c.size; {
		n, err := npy.ReadElements(in, piece)
		if err != nil {
			return err
		}
		if err := npy.WriteElements(out, piece[:n]); err != nil {
			return err
		}
		done += n
	}
	return errors.Wrap(out.Close(), name)
}
