package number

import (
	"bytes"

	"github.com/pkg/errors"
)

// byDensity is a kind whose packed storage is a bit per element that tells whether it is not zero, in row-major order,
// and behind these the codes of those that are not. It is packed at once and not in pieces, as its size is known only
// then.
type byDensity interface{ packsNonzeros() bool }

func (f Format) packsNonzeros() bool {
	k, ok := f.spec().(byDensity)
	return ok && k.packsNonzeros()
}

func (sparseKind) packsNonzeros() bool { return true }

// packNonzeros packs codes of a kind that packs by density.
func packNonzeros(f Format, codes []int32) ([]byte, error) {
	var out bytes.Buffer
	w := bitWriter{writer: &out}
	for _, code := range codes {
		var bit uint32
		if code != 0 {
			bit = 1
		}
		if err := w.put(bit, 1); err != nil {
			return nil, err
		}
	}
	for _, code := range codes {
		if code == 0 {
			continue
		}
		if err := w.put(uint32(code), uint(f.width)); err != nil {
			return nil, err
		}
	}
	err := w.flush()
	return out.Bytes(), err
}

// unpackNonzeros reads what packNonzeros wrote of so many elements.
func unpackNonzeros(f Format, data []byte, elements int) ([]int32, error) {
	if len(data) < (elements-1)/8+1 && elements > 0 {
		return nil, errors.Errorf("number: %d bytes, where %v takes a bit for each of %d elements", len(data), f, elements)
	}
	in := bitReader{data: data}
	codes := make([]int32, elements)
	count := 0
	for i := range codes {
		codes[i] = int32(in.get(1))
		count += int(codes[i])
	}
	if want := (elements + count*int(f.width) + 7) / 8; len(data) != want {
		return nil, errors.Errorf("number: %d bytes, where %v packs %d elements of which %d are not 0 into %d", len(data), f, elements, count, want)
	}
	for i, bit := range codes {
		if bit == 0 {
			continue
		}
		if codes[i] = int32(in.get(uint(f.width))); codes[i] == 0 {
			return nil, errors.Errorf("number: element %d of %v is said not to be 0, and is", i, f)
		}
	}
	if in.rest() != 0 {
		return nil, errors.Errorf("number: the last byte has bits behind the end of %v", f)
	}
	return codes, nil
}
