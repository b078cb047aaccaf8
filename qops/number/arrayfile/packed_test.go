package arrayfile

import (
	"bytes"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Packed storage of the pieces is that of the whole.
func TestPacked(t *testing.T) {
	for _, name := range formats[1:] {
		for _, shape := range shapes {
			x := awkward[float32](size(shape))
			j := job(name, 17)
			j.Output = Packed
			codes := make([]int32, len(x))
			var scales number.Scales
			_, err := number.Encode(j.Format, codes, x, shape, number.Options{ChannelAxis: j.Axis, Draw: j.Draw, Scales: &scales})
			require.NoError(t, err)
			want, err := number.Pack(j.Format, codes, &scales)
			require.NoError(t, err)
			var out bytes.Buffer
			if j.Format.PackedSize(0, 0) < 0 { // its size depends on the values
				_, err = j.Run(t.Context(), bytes.NewReader(file(t, x, shape)), &out)
				require.ErrorContains(t, err, "cannot be packed")
				continue
			}
			_, err = j.Run(t.Context(), bytes.NewReader(file(t, x, shape)), &out)
			require.NoError(t, err, name)
			arrays, err := npy.ParseArchive(out.Bytes())
			require.NoError(t, err)
			assert.True(t, bytes.Equal(want, arrays["data"].Data.([]uint8)), "%s %v", name, shape)
			assert.Equal(t, name, string(arrays["format"].Data.([]uint8)))
			got := []int{}
			for _, n := range arrays["shape"].Data.([]int64) {
				got = append(got, int(n))
			}
			assert.Equal(t, shape, got)

			values := make([]float32, len(x))
			require.NoError(t, number.Decode(j.Format, values, codes, shape, &scales, j.Axis))
			unpacked, err := Unpack(out.Bytes(), 1<<30)
			require.NoError(t, err, "%s %v", name, shape)
			assert.True(t, bytes.Equal(file(t, values, shape), file(t, unpacked.Data.([]float32), unpacked.Shape)), "%s %v", name, shape)
		}
	}
}

// archive is one with packed storage of the given parts.
func archive(t testing.TB, data []uint8, format string, shape, axis []int64) []byte {
	arrays := map[string]*npy.Array{
		packedData: {Shape: []int{len(data)}, Data: data}, packedFormat: {Shape: []int{len(format)}, Data: []uint8(format)},
		packedShape: {Shape: []int{len(shape)}, Data: shape},
	}
	if axis != nil {
		arrays[packedAxis] = &npy.Array{Shape: []int{len(axis)}, Data: axis}
	}
	var out bytes.Buffer
	require.NoError(t, npy.WriteArchive(&out, arrays))
	return out.Bytes()
}

func TestUnpack(t *testing.T) {
	a, err := Unpack(archive(t, []uint8{0x20, 0, 0, 0}, "fixed:w32f4,rne,sat", []int64{1}, nil), 1<<30)
	require.NoError(t, err)
	assert.Equal(t, []float64{2}, a.Data, "float32 does not have all values")
	for _, c := range []struct {
		archive []byte
		want    string
	}{
		{nil, "no .npz"},
		{archive(t, []uint8{1}, "fixed:w8", []int64{1}, nil), "the format of the archive"},
		{archive(t, []uint8{1}, "float32", []int64{1}, nil), "no codes"},
		{archive(t, []uint8{1}, "fixed:w8f4,rne,sat", []int64{2}, nil), "1 bytes"},
		{archive(t, []uint8{1}, "fixed:w8f4,rne,sat", []int64{-1}, nil), "the shape"},
		{archive(t, []uint8{1}, "fixed:w8f4,rne,sat", []int64{1}, []int64{1}), "the axis [1]"},
		{archive(t, []uint8{1}, "fixed:w8f4,rne,sat", []int64{1}, []int64{}), "the axis []"},
		{archive(t, []uint8{0x80}, "fixed:w8f4,rne,sym", []int64{1}, nil), "code -128"},
		{archive(t, []uint8{1, 1}, "bfp:w8e8,block=channel,rne,sat", []int64{1, 1}, []int64{2}), "the axis [2]"},
	} {
		_, err := Unpack(c.archive, 1<<30)
		assert.ErrorContains(t, err, c.want)
	}
	_, err = Unpack(archive(t, make([]uint8, 1000), "binary:unit", []int64{8000}, nil), 127999)
	assert.ErrorContains(t, err, "8000 elements need 16 bytes of memory each")
	_, err = Unpack(archive(t, make([]uint8, 1000), "binary:unit", []int64{8000}, nil), 128000)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, npy.WriteArchive(&out, map[string]*npy.Array{"codes": {Shape: []int{1}, Data: []int8{1}}}))
	_, err = Unpack(out.Bytes(), 1<<30)
	assert.ErrorContains(t, err, "not written by halftone quantize --packed")
}

func FuzzUnpackArchive(f *testing.F) {
	f.Add([]byte{1, 129}, "mx:int8,scale=floor,rne,sat", int64(1), int64(1), int64(0))
	f.Add([]byte{1, 2, 3, 129}, "bfp:w8e8,block=channel,rne,sat", int64(1), int64(3), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, format string, rows, columns, axis int64) {
		a, err := Unpack(archive(t, data, format, []int64{rows, columns}, []int64{axis}), 1<<20)
		if err == nil {
			require.LessOrEqual(t, npy.Size(a.Shape), 8*len(data))
		}
	})
}
