package npy

import (
	"bytes"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readPieces reads all elements through a Reader, n at a time.
func readPieces[T Element](r *Reader, n int) ([]T, error) {
	out := []T{}
	for {
		piece := make([]T, n)
		got, err := ReadElements(r, piece)
		out = append(out, piece[:got]...)
		if err != nil || got == 0 {
			return out, err
		}
	}
}

// readAny is readPieces for the type that the file names.
func readAny(r *Reader, n int) (any, error) {
	switch r.ElementType() {
	case "int8":
		return readPieces[int8](r, n)
	case "int16":
		return readPieces[int16](r, n)
	case "int32":
		return readPieces[int32](r, n)
	case "int64":
		return readPieces[int64](r, n)
	case "uint8":
		return readPieces[uint8](r, n)
	case "uint16":
		return readPieces[uint16](r, n)
	case "uint32":
		return readPieces[uint32](r, n)
	case "uint64":
		return readPieces[uint64](r, n)
	case "float32":
		return readPieces[float32](r, n)
	default:
		return readPieces[float64](r, n)
	}
}

// Reading in pieces gives what reading at once gives, from readers that give little at a time too.
func TestReaderAgainstParse(t *testing.T) {
	for _, a := range samples {
		file := encode(t, a)
		for _, n := range []int{1, 2, 3, 100000} {
			r, err := NewReader(iotest.OneByteReader(bytes.NewReader(file)))
			require.NoError(t, err)
			assert.Equal(t, Size(a.Shape), r.Size())
			got, err := readAny(r, n)
			require.NoError(t, err, "%v", a.Shape)
			assert.Equal(t, a.Data, got)
		}
	}
	r, err := NewReader(bytes.NewReader(with("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n", "\x01\x02\xff\xfe")))
	require.NoError(t, err)
	got, err := readPieces[int16](r, 5)
	require.NoError(t, err)
	assert.Equal(t, []int16{0x102, -2}, got, "big-endian")
}

// More than a buffer at once, and pieces that do not divide it.
func TestLongStream(t *testing.T) {
	x := make([]float32, 3*bufferBytes/4+17)
	for i := range x {
		x[i] = math.Float32frombits(uint32(i) * 2654435761)
		if x[i] != x[i] {
			x[i] = 0
		}
	}
	shape := []int{len(x)}
	var file bytes.Buffer
	w, err := NewWriter(&file, "float32", shape)
	require.NoError(t, err)
	for rest := x; len(rest) > 0; {
		n := min(len(rest), 7001)
		require.NoError(t, WriteElements(w, rest[:n]))
		rest = rest[n:]
	}
	require.NoError(t, w.Close())
	assert.Equal(t, encode(t, &Array{Shape: shape, Data: x}), file.Bytes(), "the same file as written at once")
	r, err := NewReader(&file)
	require.NoError(t, err)
	got, err := readPieces[float32](r, 20000)
	require.NoError(t, err)
	assert.Equal(t, x, got)
}

func TestRaw(t *testing.T) {
	var file bytes.Buffer
	w, err := NewRawWriter(&file, "float32", []int{3})
	require.NoError(t, err)
	require.NoError(t, WriteElements(w, []float32{1, -2, float32(math.Inf(1))}))
	require.NoError(t, w.Close())
	assert.Equal(t, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x80, 0x7f}, file.Bytes())
	r, err := NewRawReader(&file, "float32", []int{3})
	require.NoError(t, err)
	got, err := readPieces[float32](r, 2)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -2, float32(math.Inf(1))}, got)
	_, err = NewRawReader(&file, "float16", []int{3})
	assert.ErrorContains(t, err, "known are int8")
	_, err = NewRawWriter(&file, "half", []int{3})
	assert.ErrorContains(t, err, "known are int8")
}

func TestRestart(t *testing.T) {
	file := bytes.NewReader(encode(t, samples[3]))
	r, err := NewReader(file)
	require.NoError(t, err)
	start := file.Size() - int64(file.Len())
	for range 2 {
		got, err := readPieces[float32](r, 4)
		require.NoError(t, err)
		assert.Equal(t, samples[3].Data, got)
		_, err = file.Seek(start, io.SeekStart)
		require.NoError(t, err)
		r.Restart()
	}
}

func TestReaderRefuses(t *testing.T) {
	const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
	for data, want := range map[string]string{
		"":          "truncated: 0 whole elements",
		"1234567":   "truncated: 1 whole elements",
		"123456789": "data follow the 2 elements",
	} {
		r, err := NewReader(bytes.NewReader(with(header, data)))
		require.NoError(t, err)
		assert.ErrorContains(t, r.CheckSize(int64(len(data))), "where the shape [2] of float32 needs 8")
		_, err = readPieces[float32](r, 10)
		assert.ErrorContains(t, err, want)
	}
	for _, test := range []struct{ file, want string }{
		{"", "shorter than a header"},
		{"PK\x03\x04 and some more", "does not start"},
		{"\x93NUMPY\x02\x00\xff\xff\xff\x7f{}", "too long"},
		{"\x93NUMPY\x02\x00\xff\xff", "cut short"},
		{"\x93NUMPY\x01\x00\xff\x00{}", "cut short"},
		{"\x93NUMPY\x01\x00\x02\x00{}", "malformed"},
		{string(with("{'descr': '<f4', 'fortran_order': True, 'shape': (2,2), }\n", "")), "Fortran"},
		{string(with("{'descr': '<f4', 'fortran_order': False, 'shape': (0,-2), }\n", "")), "negative"},
		{string(with("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,4), }\n", "")), "more than"},
		{string(with("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }\n", "")), "not supported"},
	} {
		_, err := NewReader(strings.NewReader(test.file))
		assert.ErrorContains(t, err, test.want, "%q", test.file)
	}
	r, err := NewReader(bytes.NewReader(with(header, "12345678")))
	require.NoError(t, err)
	_, err = ReadElements(r, make([]float64, 2))
	assert.EqualError(t, err, "the elements are float32, not float64")
	for _, start := range []string{"", "\x93NUMPY\x02\x00\x00\x00", "\x93NUMPY\x01\x00\x09\x00{"} {
		_, err = NewReader(io.MultiReader(strings.NewReader(start), iotest.ErrReader(io.ErrClosedPipe)))
		assert.ErrorIs(t, err, io.ErrClosedPipe)
	}
	r, err = NewReader(io.MultiReader(bytes.NewReader(with(header, "1234")), iotest.ErrReader(io.ErrClosedPipe)))
	require.NoError(t, err)
	_, err = ReadElements(r, make([]float32, 2))
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestWriterRefuses(t *testing.T) {
	w, err := NewWriter(io.Discard, "float32", []int{2})
	require.NoError(t, err)
	assert.ErrorContains(t, WriteElements(w, []float64{1}), "not of float64")
	assert.ErrorContains(t, WriteElements(w, []float32{1, 2, 3}), "more elements")
	require.NoError(t, WriteElements(w, []float32{1}))
	assert.ErrorContains(t, w.Close(), "1 elements")
	_, err = NewWriter(io.Discard, "float32", []int{-2})
	assert.ErrorContains(t, err, "negative")
	_, err = NewWriter(io.Discard, "float32", make([]int, 40000))
	assert.ErrorContains(t, err, "too long")
}

// Whatever a file holds, a Reader takes what Parse takes and refuses what Parse refuses.
func FuzzReader(f *testing.F) {
	for _, a := range samples {
		f.Add(encode(f, a))
	}
	f.Add(with("{'descr': '<f4', 'fortran_order': False, 'shape': (0,-4,), }\n", ""))
	f.Add([]byte("\x93NUMPY\x02\x00\x10\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		want, wantErr := Parse(data)
		r, err := NewReader(bytes.NewReader(data))
		var got any
		if err == nil {
			got, err = readAny(r, 3)
		}
		if wantErr != nil {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want.Shape, r.Shape())
		require.Equal(t, reflect.ValueOf(want.Data).Len(), reflect.ValueOf(got).Len())
	})
}

// What an ArchiveWriter writes in pieces is read as what WriteArchive writes at once.
func TestArchiveWriter(t *testing.T) {
	var file bytes.Buffer
	a := NewArchiveWriter(&file)
	w, err := a.Create("b", "float32", []int{2, 3})
	require.NoError(t, err)
	x := samples[3].Data.([]float32)
	require.NoError(t, WriteElements(w, x[:4]))
	require.NoError(t, WriteElements(w, x[4:]))
	require.NoError(t, w.Close())
	w, err = a.Create("a/c", "int8", []int{3})
	require.NoError(t, err)
	require.NoError(t, WriteElements(w, []int8{-128, 0, 127}))
	require.NoError(t, w.Close())
	_, err = a.Create("d", "complex64", []int{3})
	assert.ErrorContains(t, err, "d: unknown element type")
	require.NoError(t, a.Close())
	got, err := ParseArchive(file.Bytes()[:file.Len():file.Len()])
	assert.ErrorContains(t, err, `array "d"`, "the entry that could not be started is empty")
	assert.Nil(t, got)

	file.Reset()
	a = NewArchiveWriter(&file)
	w, err = a.Create("b", "float32", []int{2, 3})
	require.NoError(t, err)
	require.NoError(t, WriteElements(w, x))
	require.NoError(t, a.Close())
	got, err = ParseArchive(file.Bytes())
	require.NoError(t, err)
	assert.Equal(t, map[string]*Array{"b": samples[3]}, got)
}
