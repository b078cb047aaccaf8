package arrayfile

import (
	"context"
	"io"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Output is what is written.
type Output uint8

// The outputs.
const (
	Values Output = iota // the rounded array, in the file format of the input
	Codes                // a .npz archive with codes and scales
	Packed               // a .npz archive with codes and scales in as many bits as they have
)

// Raw describes elements without a header: little-endian, row-major. Element is float32 or float64.
type Raw struct {
	Element string
	Shape   []int
}

// Job is the quantization of an array in a file.
type Job struct {
	Format  number.Format
	Axis    int // of the channels under block=channel, of the sum under axis=reduce
	Draw    number.Draw
	Threads int
	Raw     *Raw // how the input is to be read, or nil for .npy
	Output  Output
	Memory  int64 // bytes that may be used; the rest of the program takes a little more

	Accept   func(shape []int) error // called with the array's shape before anything is done; may be nil
	Progress func(done, total int)   // called with elements, over all passes, after every piece; may be nil
	Notice   func(text string)       // called before what takes long or much; may be nil

	piece int // elements of a piece, pieceElements where it is 0
}

// Result is what happened to the array.
type Result struct {
	Stats  number.Stats // with signal and noise
	Blocks int
}

// Run quantizes what in holds and writes it to out. If in can seek, it may be read twice; otherwise what has to be read
// twice is kept in a temporary file. What was written when Run fails is of no use.
func (j Job) Run(ctx context.Context, in io.Reader, out io.Writer) (Result, error) {
	if _, _, ok := seekable(in); !ok {
		in = Interruptible(ctx, in)
	}
	reader, err := j.open(in)
	if err != nil {
		return Result{}, err
	}
	switch reader.ElementType() {
	case "float32":
		return run[float32](ctx, j, in, reader, out)
	case "float64":
		return run[float64](ctx, j, in, reader, out)
	default:
		return Result{}, errors.Errorf("the elements are %s; quantize takes float32 and float64", reader.ElementType())
	}
}

// open reads the header of the input, and compares the shape with the size of the file where that is known.
func (j Job) open(in io.Reader) (*npy.Reader, error) {
	var reader *npy.Reader
	var err error
	if j.Raw != nil {
		reader, err = npy.NewRawReader(in, j.Raw.Element, j.Raw.Shape)
	} else {
		reader, err = npy.NewReader(in)
	}
	if err != nil {
		return nil, err
	}
	return reader, checkSize(in, reader)
}

func (j Job) notice(text string) {
	if j.Notice != nil {
		j.Notice(text)
	}
}

// run is Run for the element type T.
func run[T number.Float](ctx context.Context, j Job, file io.Reader, reader *npy.Reader, out io.Writer) (Result, error) {
	shape := reader.Shape()
	if j.Accept != nil {
		if err := j.Accept(shape); err != nil {
			return Result{}, err
		}
	}
	p, err := newPlan(j.Format, shape, j.Axis)
	if err != nil {
		return Result{}, err
	}
	if j.piece > 0 {
		p.piece = j.piece
	}
	blocks, err := j.Format.Blocks(shape, j.Axis)
	if err != nil {
		return Result{}, err
	}
	if err := checkMemory[T](j, p); err != nil {
		return Result{}, err
	}
	in, err := newInput[T](j, file, reader, p.gather)
	if err != nil {
		return Result{}, err
	}
	defer in.close()
	work := &pass[T]{ctx: ctx, job: j, plan: p, whole: shape, total: p.passes() * reader.Size()}
	if p.gather {
		if err := work.gather(in); err != nil {
			return Result{}, err
		}
		if err := in.again(); err != nil {
			return Result{}, err
		}
	}
	sink, err := newSink[T](j, shape, blocks, out)
	if err != nil {
		return Result{}, err
	}
	defer sink.discard()
	if err := work.quantize(in, sink); err != nil {
		return Result{}, err
	}
	if err := sink.finish(); err != nil {
		return Result{}, err
	}
	return Result{Stats: work.stats, Blocks: blocks.Count}, nil
}
