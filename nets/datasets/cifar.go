package datasets

import (
	"fmt"
	"io"

	"github.com/pkg/errors"
)

// A CIFAR-10 file of the binary version is a sequence of records: one byte of label, 0 to 9, then 3072 bytes of pixels,
// the red, green and blue plane of 32x32 each, row by row (https://www.cs.toronto.edu/~kriz/cifar.html).
const (
	cifarClasses = 10
	cifarPixels  = 3 * 32 * 32
	cifarRecord  = 1 + cifarPixels
	// cifarMaxRecords limits a file to 307 MB; the published files hold 10,000 records each.
	cifarMaxRecords = 100_000
)

func loadCIFAR(l *Layout, dir string) (Set, error) {
	im := &Images{
		Classes:  []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Channels: 3, Height: 32, Width: 32,
		Mean: []float64{.4914, .4822, .4465},
		Std:  []float64{.2023, .1994, .2010},
		Pad:  4, Flip: true,
	}
	// The usual size at once: growing to it would copy 150 MB a few times.
	const perFile = 10_000
	im.Train.Pixels = make([]byte, 0, 5*perFile*cifarPixels)
	im.Test.Pixels = make([]byte, 0, perFile*cifarPixels)
	var files []File
	for i := range l.Files {
		part := &im.Train
		if i == len(l.Files)-1 {
			part = &im.Test
		}
		file, err := l.readFile(dir, i, func(path string, r io.Reader) error {
			return readCIFAR(path, r, part)
		})
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	im.info = identify(l.Name, files)
	return im, im.check()
}

// readCIFAR appends the records of r, the contents of the file at path, to split. It takes at least one record.
func readCIFAR(path string, r io.Reader, split *Split) error {
	const set = "cifar10"
	var record [cifarRecord]byte
	for n := int64(0); ; n++ {
		offset := n * cifarRecord
		got, err := io.ReadFull(r, record[:])
		switch {
		case errors.Is(err, io.EOF) && n == 0:
			return &FormatError{path, 0, "the file is empty, expected records of 3073 bytes", refetch(set)}
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return &FormatError{path, offset + int64(got), fmt.Sprintf("the file ends inside record %d, after %d of its 3073 bytes (1 of label, 3072 of pixels)", n, got), refetch(set)}
		case err != nil:
			return readError(set, path, offset, err)
		case n == cifarMaxRecords:
			return &FormatError{path, offset, fmt.Sprintf("more than %d records of 3073 bytes", cifarMaxRecords), refetch(set)}
		case record[0] >= cifarClasses:
			return &FormatError{path, offset, fmt.Sprintf("record %d has label %d, expected 0 to 9: not a file of CIFAR-10's binary version", n, record[0]), refetch(set)}
		}
		split.Labels = append(split.Labels, record[0])
		split.Pixels = append(split.Pixels, record[1:]...)
	}
}
