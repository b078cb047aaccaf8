package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/pkg/errors"
)

// idxMaxBytes limits the data of an IDX file; MNIST's largest holds 47 MB.
const idxMaxBytes = 512 << 20

// readIDX reads the contents of an IDX file of unsigned bytes with as many dimensions as rank: the bytes 0, 0, 8
// (unsigned byte), rank, then the sizes as big-endian 32-bit numbers, then the data, row-major, and nothing after it.
// set and path are for messages.
func readIDX(set, path string, r io.Reader, rank int) (sizes []int, data []byte, err error) {
	wrong := func(offset int64, format string, args ...any) error {
		return &FormatError{path, offset, fmt.Sprintf(format, args...), refetch(set)}
	}
	header := make([]byte, 4+4*rank)
	got, err := io.ReadFull(r, header)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil, wrong(int64(got), "the file ends inside its header of %d bytes", len(header))
		}
		return nil, nil, readError(set, path, int64(got), err)
	}
	if magic, want := [4]byte(header), [4]byte{0, 0, 8, byte(rank)}; magic != want {
		return nil, nil, wrong(0, "it begins with % x, expected % x (IDX, unsigned bytes, %d dimensions)", magic, want, rank)
	}
	total := int64(1)
	for i := range rank {
		size := int64(binary.BigEndian.Uint32(header[4+4*i:]))
		if size == 0 || size > idxMaxBytes || total*size > idxMaxBytes {
			return nil, nil, wrong(int64(4+4*i), "dimension %d has size %d: expected at least 1, and at most %d bytes of data in all", i, size, int64(idxMaxBytes))
		}
		total *= size
		sizes = append(sizes, int(size))
	}
	// The buffer grows with what is really there: a header alone must not make us allocate.
	var buffer bytes.Buffer
	n, err := io.Copy(&buffer, io.LimitReader(r, total+1))
	offset := int64(len(header)) + n
	switch {
	case err != nil:
		return nil, nil, readError(set, path, offset, err)
	case n < total:
		return nil, nil, wrong(offset, "the file ends after %d of the %d bytes of data that its header announces", n, total)
	case n > total:
		return nil, nil, wrong(int64(len(header))+total, "the file goes on after the %d bytes of data that its header announces", total)
	}
	return sizes, buffer.Bytes(), nil
}
