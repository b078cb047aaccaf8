package datasets

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cifarRecords makes count records whose labels and pixels tell their place.
func cifarRecords(first, count int) []byte {
	var data []byte
	for i := first; i < first+count; i++ {
		record := bytes.Repeat([]byte{byte(i)}, cifarRecord)
		record[0] = byte(i % cifarClasses)
		data = append(data, record...)
	}
	return data
}

// writeCIFAR makes a data folder with a CIFAR-10 set of 3 images per file.
func writeCIFAR(t *testing.T) (dir string) {
	dir = t.TempDir()
	l, err := Find("cifar10")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, l.Folder), 0o777))
	for i := range l.Files {
		require.NoError(t, os.WriteFile(l.Path(dir, i), cifarRecords(3*i, 3), 0o666))
	}
	return dir
}

func TestLoadUnknownCIFAR(t *testing.T) {
	im, err := LoadImages("cifar10", writeCIFAR(t))
	require.NoError(t, err)
	assert.Equal(t, 15, im.Count(Train))
	assert.Equal(t, 3, im.Count(Test))
	assert.Equal(t, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4}, im.Train.Labels)
	assert.Equal(t, byte(4), im.Train.Pixels[4*cifarPixels])
	assert.Equal(t, byte(17), im.Test.Pixels[3*cifarPixels-1])
	info := im.Info()
	assert.Equal(t, "unknown data in the layout of CIFAR-10", info.Title)
	assert.Contains(t, info.Warning, "not those of a known set (CIFAR-10; CIFAR-10, re-encoded JPEG)")
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", info.Checksum)
}

func TestReadCIFARNamesTheFault(t *testing.T) {
	foreign := cifarRecords(0, 2)
	foreign[cifarRecord] = 10
	for name, test := range map[string]struct {
		data    []byte
		offset  int64
		problem string
	}{
		"empty":   {nil, 0, "the file is empty"},
		"short":   {cifarRecords(0, 1)[:100], 100, "the file ends inside record 0, after 100 of its 3073 bytes"},
		"cut":     {cifarRecords(0, 3)[:3*cifarRecord-1], 3*cifarRecord - 1, "the file ends inside record 2, after 3072 of its 3073 bytes"},
		"foreign": {foreign, cifarRecord, "record 1 has label 10, expected 0 to 9"},
		"python":  {[]byte("\x80\x02}q\x01(U"), 7, "ends inside record 0"},
	} {
		t.Run(name, func(t *testing.T) {
			err := readCIFAR("some/file.bin", bytes.NewReader(test.data), new(Split))
			var wrong *FormatError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, test.offset, wrong.Offset)
			assert.Contains(t, wrong.Problem, test.problem)
			assert.Contains(t, err.Error(), "some/file.bin: byte ")
			assert.Contains(t, err.Error(), "halftone data get cifar10")
		})
	}
}

func TestLoadReportsTheBrokenFile(t *testing.T) {
	dir := writeCIFAR(t)
	path := filepath.Join(dir, "cifar-10-batches-bin", "data_batch_3.bin")
	require.NoError(t, os.Truncate(path, 5000))
	_, err := Load("cifar10", dir)
	assert.ErrorContains(t, err, path+": byte 5000: the file ends inside record 1")
	require.NoError(t, os.Remove(path))
	_, err = Load("cifar10", dir)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "halftone data get cifar10")
	assert.ErrorContains(t, err, path)
}

func FuzzCIFAR(f *testing.F) {
	f.Add([]byte{})
	f.Add(cifarRecords(0, 2))
	f.Add(cifarRecords(0, 2)[:4000])
	f.Add(bytes.Repeat([]byte{0xff}, cifarRecord))
	f.Fuzz(func(t *testing.T, data []byte) {
		split := new(Split)
		if err := readCIFAR("fuzz", bytes.NewReader(data), split); err != nil {
			var wrong *FormatError
			require.ErrorAs(t, err, &wrong)
			require.LessOrEqual(t, wrong.Offset, int64(len(data)))
			return
		}
		// What was read is what the file holds.
		require.Len(t, split.Pixels, len(split.Labels)*cifarPixels)
		var again []byte
		for i, label := range split.Labels {
			require.Less(t, label, byte(cifarClasses))
			again = append(append(again, label), split.Pixels[i*cifarPixels:][:cifarPixels]...)
		}
		require.True(t, bytes.Equal(data, again))
	})
}
