package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A length that is right only modulo 2^64 is one that the file does not have.
func TestLengthsThatOverflow(t *testing.T) {
	for _, shape := range []string{"2305843009213693953,", "2305843009213693953, 1", "1, 2305843009213693953", "3, 768614336404564651"} {
		_, err := Parse(with("{'descr': '<f8', 'fortran_order': False, 'shape': ("+shape+"), }\n", "12345678")) // 8 times these is 8
		assert.ErrorContains(t, err, "truncated", shape)
	}
}

// A header is as long as it says, up to a limit.
func TestLengthsOfHeaders(t *testing.T) {
	text := "{'descr': '<i2', 'fortran_order': False, 'shape': (1,), }"
	file := func(length, claimed int) []byte {
		header := append([]byte(text), bytes.Repeat([]byte(" "), length-len(text)-1)...)
		header = append(header, '\n')
		head := binary.LittleEndian.AppendUint32([]byte("\x93NUMPY\x02\x00"), uint32(claimed))
		return append(append(head, header...), 5, 0)
	}
	a, err := Parse(file(maxHeader, maxHeader))
	require.NoError(t, err)
	assert.Equal(t, []int16{5}, a.Data)
	for _, claimed := range []int{maxHeader + 1, 1 << 24, 1<<32 - 1} {
		_, err := Parse(file(maxHeader+1, claimed))
		assert.ErrorContains(t, err, "too long")
		_, err = NewReader(bytes.NewReader(file(maxHeader+1, claimed)))
		assert.ErrorContains(t, err, "too long")
	}
}

// An archive may unpack to so many bytes, all arrays together, and no more. An array is there once.
func TestArchivesUnpackToALimit(t *testing.T) {
	array := encode(t, &Array{Shape: []int{3}, Data: []int8{1, 2, 3}})
	archive := func(names ...string) []byte {
		var file bytes.Buffer
		w := zip.NewWriter(&file)
		for _, name := range names {
			entry, err := w.Create(name)
			require.NoError(t, err)
			_, err = entry.Write(array)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return file.Bytes()
	}
	for _, names := range [][]string{{"a.npy"}, {"a.npy", "b.npy", "c"}} {
		size := int64(len(names) * len(array))
		arrays, err := parseArchive(archive(names...), size)
		require.NoError(t, err)
		assert.Len(t, arrays, len(names))
		_, err = parseArchive(archive(names...), size-1)
		assert.ErrorContains(t, err, "unpacks to more than")
	}
	for _, names := range [][]string{{"a.npy", "a.npy"}, {"a.npy", "b.npy", "a"}} {
		_, err := ParseArchive(archive(names...))
		assert.ErrorContains(t, err, `array "a" appears twice`)
	}
}

// Whether something follows the last element is found out once: what a caller reads behind an array is not ours.
func TestReaderLooksBehindTheEndOnce(t *testing.T) {
	source := bytes.NewBuffer(encode(t, &Array{Shape: []int{2}, Data: []int8{1, 2}}))
	r, err := NewReader(source)
	require.NoError(t, err)
	data := make([]int8, 4)
	n, err := ReadElements(r, data)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	source.WriteString("more")
	n, err = ReadElements(r, data)
	require.NoError(t, err)
	require.Zero(t, n)
	rest, err := io.ReadAll(source)
	require.NoError(t, err)
	require.Equal(t, "more", string(rest))
}
