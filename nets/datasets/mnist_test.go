package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// idx makes an IDX file of unsigned bytes.
func idx(data []byte, sizes ...uint32) []byte {
	file := []byte{0, 0, 8, byte(len(sizes))}
	for _, size := range sizes {
		file = binary.BigEndian.AppendUint32(file, size)
	}
	return append(file, data...)
}

func zip(t *testing.T, data []byte) []byte {
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buffer.Bytes()
}

// writeMNIST makes a data folder with 3 training and 2 test digits, compressed.
func writeMNIST(t *testing.T) (dir string) {
	dir = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "mnist"), 0o777))
	l, err := Find("mnist")
	require.NoError(t, err)
	for i, data := range [][]byte{
		idx(bytes.Repeat([]byte{7}, 3*784), 3, 28, 28), idx([]byte{1, 2, 3}, 3),
		idx(bytes.Repeat([]byte{8}, 2*784), 2, 28, 28), idx([]byte{9, 0}, 2),
	} {
		require.NoError(t, os.WriteFile(l.Path(dir, i), zip(t, data), 0o666))
	}
	return dir
}

func TestLoadMNIST(t *testing.T) {
	dir := writeMNIST(t)
	packed, err := LoadImages("mnist", dir)
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2, 3}, packed.Train.Labels)
	assert.Equal(t, []byte{9, 0}, packed.Test.Labels)
	assert.Equal(t, bytes.Repeat([]byte{8}, 2*784), packed.Test.Pixels)
	assert.Contains(t, packed.Info().Warning, "not those of a known set (MNIST)")

	// Decompressed files are the same set.
	path := filepath.Join(dir, "mnist", "t10k-labels-idx1-ubyte")
	require.NoError(t, os.WriteFile(path, idx([]byte{9, 0}, 2), 0o666))
	require.NoError(t, os.Remove(path+".gz"))
	plain, err := LoadImages("mnist", dir)
	require.NoError(t, err)
	assert.Equal(t, packed.Info().Checksum, plain.Info().Checksum)
}

func TestLoadMNISTNamesTheFault(t *testing.T) {
	images := idx(bytes.Repeat([]byte{7}, 3*784), 3, 28, 28)
	for name, test := range map[string]struct {
		file    string
		data    []byte
		message string
	}{
		"not gzip":     {"train-images-idx3-ubyte.gz", images, "byte 0: not a gzip file"},
		"cut gzip":     {"train-images-idx3-ubyte.gz", zip(t, images)[:30], "the compressed stream is broken"},
		"broken gzip":  {"train-images-idx3-ubyte.gz", append(zip(t, images)[:20], make([]byte, 40)...), "the compressed stream is broken"},
		"cut data":     {"train-images-idx3-ubyte.gz", zip(t, images[:1000]), "byte 1000: the file ends after 984 of the 2352 bytes of data"},
		"cut header":   {"train-labels-idx1-ubyte.gz", zip(t, []byte{0, 0, 8, 1, 0}), "byte 5: the file ends inside its header of 8 bytes"},
		"foreign":      {"train-labels-idx1-ubyte.gz", zip(t, images), "byte 0: it begins with 00 00 08 03, expected 00 00 08 01"},
		"goes on":      {"train-labels-idx1-ubyte.gz", zip(t, idx([]byte{1, 2, 3, 4}, 3)), "byte 11: the file goes on after the 3 bytes"},
		"huge":         {"train-labels-idx1-ubyte.gz", zip(t, idx(nil, 1<<31)), "byte 4: dimension 0 has size 2147483648"},
		"other count":  {"t10k-labels-idx1-ubyte.gz", zip(t, idx([]byte{1, 2, 3}, 3)), "byte 4: 3 labels, expected one for each of the 2 images"},
		"no digit":     {"t10k-labels-idx1-ubyte.gz", zip(t, idx([]byte{1, 11}, 2)), "byte 9: label 11, expected 0 to 9"},
		"other images": {"t10k-images-idx3-ubyte.gz", zip(t, idx(make([]byte, 8), 2, 2, 2)), "byte 8: images of 2x2, expected 28x28"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeMNIST(t)
			path := filepath.Join(dir, "mnist", test.file)
			require.NoError(t, os.WriteFile(path, test.data, 0o666))
			_, err := Load("mnist", dir)
			assert.ErrorContains(t, err, path+": byte ")
			assert.ErrorContains(t, err, test.message)
			assert.ErrorContains(t, err, "halftone data get mnist")
		})
	}
}

func FuzzIDX(f *testing.F) {
	f.Add([]byte{}, 1)
	f.Add(idx([]byte{1, 2, 3}, 3), 1)
	f.Add(idx(make([]byte, 12), 3, 2, 2), 3)
	f.Add(idx(nil, 1<<31, 1<<31, 1<<31), 3)
	f.Fuzz(func(t *testing.T, data []byte, rank int) {
		rank = 1 + (rank&3)%3
		sizes, values, err := readIDX("mnist", "fuzz", bytes.NewReader(data), rank)
		if err != nil {
			var wrong *FormatError
			require.ErrorAs(t, err, &wrong)
			require.LessOrEqual(t, wrong.Offset, int64(len(data)))
			return
		}
		var header []uint32
		for _, size := range sizes {
			header = append(header, uint32(size))
		}
		require.Equal(t, data, idx(values, header...))
	})
}
