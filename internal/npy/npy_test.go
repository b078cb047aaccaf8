package npy

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sbinet/npyio"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var samples = []*Array{
	{Shape: []int{}, Data: []float64{math.Pi}},
	{Shape: []int{0}, Data: []float32{}},
	{Shape: []int{3}, Data: []int8{-128, 0, 127}},
	{Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, float32(math.Inf(1))}},
	{Shape: []int{1, 2, 1, 2}, Data: []int32{math.MinInt32, 1, 2, math.MaxInt32}},
	{Shape: []int{2, 0, 5}, Data: []int16{}},
	{Shape: []int{2}, Data: []uint16{1, 65535}},
	{Shape: []int{2}, Data: []uint8{1, 255}},
	{Shape: []int{1}, Data: []uint32{math.MaxUint32}},
	{Shape: []int{1}, Data: []uint64{math.MaxUint64}},
	{Shape: []int{1}, Data: []int64{math.MinInt64}},
}

func encode(t testing.TB, a *Array) []byte {
	var file bytes.Buffer
	require.NoError(t, Write(&file, a))
	return file.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, a := range samples {
		file := encode(t, a)
		got, err := Parse(file)
		require.NoError(t, err, "%v", a.Shape)
		assert.Equal(t, a.Data, got.Data)
		assert.Len(t, got.Shape, len(a.Shape))
		assert.Equal(t, Size(a.Shape), Size(got.Shape))
		assert.Zero(t, bytes.IndexByte(file, '\n')%64-63, "data are aligned")
	}
}

// The library reads what is written here, and is read from.
func TestAgainstLibrary(t *testing.T) {
	var values []float32
	require.NoError(t, npyio.Read(bytes.NewReader(encode(t, samples[3])), &values))
	assert.Equal(t, samples[3].Data, values)

	var file bytes.Buffer
	require.NoError(t, npyio.Write(&file, []int16{1, -2, 3}))
	a, err := Parse(file.Bytes())
	require.NoError(t, err)
	assert.Equal(t, &Array{Shape: []int{3}, Data: []int16{1, -2, 3}}, a)
}

// with builds a file of version 1 with the given header and data.
func with(header, data string) []byte {
	return []byte("\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + data)
}

func TestForeignFiles(t *testing.T) {
	a, err := Parse(with("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n", "\x01\x02\xff\xfe"))
	require.NoError(t, err)
	assert.Equal(t, []int16{0x102, -2}, a.Data, "big-endian")

	for _, test := range []struct{ header, data, want string }{
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "1234567", "7 bytes"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "123456789", "needs 8"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,4,), }\n", "", "truncated"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", "", "negative"},
		{"{'descr': '<f4', 'fortran_order': True, 'shape': (1,1), }\n", "1234", "Fortran"},
		{"{'descr': '<U8', 'fortran_order': False, 'shape': (1,), }\n", "1234", "not supported"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': }", "", "malformed"},
		{"}, 'shape': 'fortran_order': 'descr': \n", "", ""},
		{"", "", ""},
	} {
		_, err := Parse(with(test.header, test.data))
		assert.ErrorContains(t, err, test.want, "%q", test.header)
	}
	for _, text := range []string{"", "PK", "\x93NUMPY", "\x93NUMPY\x01\x00", "\x93NUMPY\x02\x00\xff\xff\xff\x7f{}", "\x93NUMPY\x03\x00\x00\x00\x00\x00"} {
		_, err := Parse([]byte(text))
		assert.Error(t, err, "%q", text)
	}
}

func TestErrorsOfWriting(t *testing.T) {
	assert.ErrorContains(t, Write(&bytes.Buffer{}, &Array{Shape: []int{2}, Data: []int8{1}}), "shape [2]")
	assert.ErrorContains(t, Write(&bytes.Buffer{}, &Array{Shape: []int{1}, Data: []int{1}}), "[]int cannot")
	_, err := Elements[float32](samples[2])
	assert.EqualError(t, err, "the elements are int8, not float32")
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.npy")
	require.NoError(t, os.WriteFile(name, encode(t, samples[3])[:100], 0o600))
	_, err := ReadFile(name)
	assert.ErrorContains(t, err, "a.npy")
	_, err = ReadFile(name + "x")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestArchive(t *testing.T) {
	arrays := map[string]*Array{"stem/weight": samples[3], "a": samples[2], "b.c": samples[4]}
	var first, second bytes.Buffer
	require.NoError(t, WriteArchive(&first, arrays))
	require.NoError(t, WriteArchive(&second, arrays))
	assert.Equal(t, first.Bytes(), second.Bytes())
	got, err := ParseArchive(first.Bytes())
	require.NoError(t, err)
	assert.Equal(t, arrays, got)

	_, err = ParseArchive(first.Bytes()[:first.Len()-5])
	assert.Error(t, err)
	broken := bytes.Clone(first.Bytes())
	broken[60] ^= 1 // inside the first array: its checksum finds it
	_, err = ParseArchive(broken)
	assert.Error(t, err)
}

func FuzzParse(f *testing.F) {
	for _, a := range samples {
		f.Add(encode(f, a))
	}
	f.Add(with("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,4,), }\n", ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Parse(data)
		if err != nil {
			return
		}
		again, err := Parse(encode(t, a))
		require.NoError(t, err)
		require.Len(t, again.Shape, len(a.Shape))
	})
}

func FuzzParseArchive(f *testing.F) {
	var file bytes.Buffer
	require.NoError(f, WriteArchive(&file, map[string]*Array{"a": samples[2], "b": samples[3]}))
	f.Add(file.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = ParseArchive(data)
	})
}
