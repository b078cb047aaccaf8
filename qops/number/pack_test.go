package number

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The storage written by hand, bit by bit.
func TestPackLayout(t *testing.T) {
	for _, c := range []struct {
		format string
		codes  []int32
		scales *Scales
		want   []byte
	}{
		{"fixed:w8f4,rne,sat", []int32{1, -1, -128}, nil, []byte{0x01, 0xff, 0x80}},
		{"fixed:w3f0,rne,sat", []int32{1, -1, 2, -4}, nil, []byte{0b10_111_001, 0b1000}},
		{"fixed:u4f0,rne,sat", []int32{1, 15, 8}, nil, []byte{0xf1, 0x08}},
		{"fixed:w12f0,rne,sat", []int32{0x123, -1}, nil, []byte{0x23, 0xf1, 0xff}},
		{"float:e8m23ieee,rne,sat", []int32{0x40490fdb, math.MinInt32}, nil, []byte{0xdb, 0x0f, 0x49, 0x40, 0, 0, 0, 0x80}},
		// E = 1 of step 2^(1-4+2): 1 + 128.
		{"bfp:w4e8,rne,sat", []int32{7, -8}, &Scales{Step: []float64{0.5}}, []byte{0x87, 0x81}},
		{"bfp:w4e2,rne,sat", []int32{7}, &Scales{Step: []float64{math.Ldexp(1, -2-4+2)}}, []byte{0x07}},
		{
			"int:w4,scale=max,zero=auto,rne,sat",
			[]int32{7, -8, 1},
			&Scales{Step: []float64{1.5}, Zero: []int32{-3}},
			[]byte{0x87, 0x01, 0x00, 0x00, 0xfc, 0xd3},
		},
		{"mx:e2m1,scale=floor,rne,sat", []int32{5, 15}, &Scales{Step: []float64{4}}, []byte{0xf5, 129}},
		{"mx:int8,scale=floor,rne,sat", []int32{-127}, &Scales{Step: []float64{math.Ldexp(1, -6)}}, []byte{0x81, 127}},
		{"mx:int8,scale=floor,rne,sat", []int32{0}, &Scales{Step: []float64{math.NaN()}}, []byte{0, 255}},
		{"nv:e2m1,rne,sat", []int32{5, 15}, &Scales{Step: []float64{1.5}}, []byte{0xf5, 0x3c}},
		{"nv:e2m1,rne,sat", []int32{0, 0}, &Scales{Step: []float64{math.NaN()}}, []byte{0, 0x7f}},
	} {
		f := MustParse(c.format)
		got, err := Pack(f, c.codes, c.scales)
		require.NoError(t, err, c.format)
		assert.Equal(t, c.want, got, c.format)
		codes, scales, err := Unpack(f, got, []int{len(c.codes)}, 0)
		require.NoError(t, err, c.format)
		assert.Equal(t, c.codes, codes, c.format)
		if c.scales != nil {
			assert.Equal(t, c.scales.Zero, scales.Zero)
			if math.IsNaN(c.scales.Step[0]) {
				assert.True(t, math.IsNaN(scales.Step[0]))
			} else {
				assert.Equal(t, c.scales.Step, scales.Step, c.format)
			}
		}
	}
}

// packable are formats of every kind that has codes, in all their storage.
func packable() []Format {
	var out []Format
	for _, e := range List() {
		if f := MustParse(e.Example); !f.IsSum() && f.checkCodes() == nil && f.ScaleRule() != ScaleRun && !f.packsNonzeros() {
			out = append(out, f)
		}
	}
	for _, name := range []string{
		"fixed:w1f0,rne,sat", "fixed:u31f4,rne,sat", "fixed:w32f4,floor,wrap", "int:w8,scale=0.037,block=row,rne,sat",
		"int:w5,scale=max,zero=auto,block=row,rne,sat", "int:w13,scale=max,block=sample,sr,sym", "int:w32,scale=max,zero=auto,rne,sat",
		"bfp:w5e3,block=16,sr,sat", "bfp:w24e8,block=3x5,rne,sat", "bfp:w8e1,block=sample,rne,sat",
		"bfp:w8e8,block=sample,rne,sym+qpytorch", "bfp:w8e8,rne,sat+swalp",
		"float:e5m2ieee,rne,inf", "float:e4m3fnuz,sr,sat", "float:e8m23ieee,rne,inf", "float:e1m0noinf,rne,sat", "float:e2m1fn,sr,sat",
		"mx:e5m2,scale=ceil,rne,inf", "mx:e3m2,scale=rne,sr,sat", "mx:e2m3,scale=floor,axis=0,rne,sat", "mx:int8,scale=floor,rne,sym",
		"posit:n32es2,rne", "posit:n5es1,sr", "binary:unit", "binary:scaled,block=row", "ternary:t0.7,block=sample", "log2:w6g3,block=row,sr,sat",
		"log2:w5g2,top=4,rne,zero", "levels:3,uniform,block=row,rne", "levels:256,quantile,sr",
	} {
		out = append(out, MustParse(name))
	}
	return out
}

// A tensor of every kind comes back from storage of the size that the format's description claims: the same codes, the
// same values. It is packed in pieces as at once.
func TestPackRoundTrip(t *testing.T) {
	kinds := map[string]bool{}
	for _, f := range packable() {
		kinds[f.Kind()] = true
		for _, shape := range [][]int{{5, 21}, {2, 3, 4, 5}, {37}, {}, {0}, {3, 0, 2}} {
			elements := product(shape)
			x := awkward(elements, 11)
			codes, values := make([]int32, elements), make([]float64, elements)
			var scales Scales
			_, err := Encode(f, codes, x, shape, Options{Scales: &scales})
			require.NoError(t, err, "%v", f)
			require.NoError(t, Decode(f, values, codes, shape, &scales, 0))
			packed, err := Pack(f, codes, &scales)
			require.NoError(t, err, "%v", f)

			d := f.Describe()
			bits := elements*d.BitsPerElement + scales.Blocks.Count*d.BitsPerBlock
			assert.Len(t, packed, (bits+7)/8, "%v %v", f, shape)
			assert.Len(t, packed, f.PackedSize(elements, scales.Blocks.Count))

			gotCodes, gotScales, err := Unpack(f, packed, shape, 0)
			require.NoError(t, err, "%v", f)
			require.Equal(t, codes, gotCodes, "%v", f)
			got := make([]float64, elements)
			require.NoError(t, Decode(f, got, gotCodes, shape, gotScales, 0))
			require.True(t, equalBits(values, got), "%v %v", f, shape)

			var pieces bytes.Buffer
			p, err := NewPacker(&pieces, f)
			require.NoError(t, err)
			for _, code := range codes {
				require.NoError(t, p.Codes([]int32{code}))
			}
			if f.BitsPerBlock() > 0 {
				require.NoError(t, p.Blocks(&scales))
			}
			require.NoError(t, p.Close())
			assert.True(t, bytes.Equal(packed, pieces.Bytes()), "%v", f)
		}
	}
	for _, name := range Kinds() {
		if example := MustParse(exampleOf(name)); !example.IsSum() && !example.IsFloat32() && !example.packsNonzeros() {
			assert.True(t, kinds[name], "%s is packed", name)
		}
	}
}

// exampleOf returns the example of a kind.
func exampleOf(name string) string {
	for _, e := range List() {
		if e.Part == "kind" && e.Name == name {
			return e.Example
		}
	}
	return name
}

// equalBits compares bit by bit, all NaN alike.
func equalBits(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

func TestPackRefuses(t *testing.T) {
	one := func(step float64) *Scales { return &Scales{Step: []float64{step}} }
	for _, c := range []struct {
		format string
		codes  []int32
		scales *Scales
		want   string
	}{
		{"float32", []int32{1}, nil, "no codes"},
		{"acc:w32,wrap", []int32{1}, nil, "rule for sums"},
		{"fixed:w40f2,rne,sat", []int32{1}, nil, "do not fit 32 bits"},
		{"fixed:w8f4,rne,sat", []int32{1, 128}, nil, "code 128 of element 1"},
		{"fixed:w8f4,rne,sym", []int32{-128}, nil, "code -128 of element 0"},
		{"float:e2m1fn,rne,sat", []int32{16}, nil, "code 16 of element 0"},
		{"int:w8,scale=max,rne,sat", []int32{1}, one(0.1), "step 0.1 of block 0"},
		{"int:w8,scale=max,rne,sat", []int32{1}, nil, "missing"},
		{"int:w8,scale=max,zero=auto,rne,sat", []int32{1}, one(1), "missing"},
		{"bfp:w8e8,rne,sat", []int32{1}, one(3), "step 3 of block 0"},
		{"bfp:w8e2,rne,sat", []int32{1}, one(1), "step 1 of block 0"},
		{"mx:e4m3,scale=floor,rne,sat", []int32{1}, one(3), "step 3 of block 0"},
		{"mx:e4m3,scale=floor,rne,sat", []int32{1}, one(math.Ldexp(1, 128)), "of block 0"},
		{"nv:e2m1,rne,sat", []int32{1}, one(449), "step 449"},
		{"nv:e2m1,rne,sat", []int32{1}, one(1.0625), "step 1.0625"},
		{"nv:e2m1,rne,sat", []int32{1}, one(0), "step 0"},
	} {
		_, err := Pack(MustParse(c.format), c.codes, c.scales)
		assert.ErrorContains(t, err, c.want, c.format)
	}
	f := MustParse("fixed:w4f0,rne,sat")
	assert.Equal(t, -1, f.PackedSize(math.MaxInt, 1))
	assert.Equal(t, -1, f.PackedSize(-1, 1))
	for _, c := range []struct {
		format string
		data   []byte
		shape  []int
		want   string
	}{
		{"float32", nil, []int{0}, "no codes"},
		{"fixed:w4f0,rne,sat", []byte{1, 2}, []int{5}, "2 bytes, where fixed:w4f0,rne,sat packs the shape [5] into 3"},
		{"fixed:w4f0,rne,sat", []byte{1, 2, 3, 4}, []int{5}, "4 bytes"},
		{"fixed:w4f0,rne,sat", []byte{1, 2}, []int{math.MaxInt}, "2 bytes"},
		{"fixed:w4f0,rne,sat", []byte{1, 2}, []int{math.MaxInt, 2}, "too many"},
		{"fixed:w4f0,rne,sat", []byte{1, 2}, []int{-3}, "negative"},
		{"fixed:w4f0,rne,sat", []byte{1, 0x12}, []int{3}, "bits behind the end"},
		{"int:w8,scale=max,rne,sat", []byte{1, 0, 0, 0, 0x80}, []int{1}, "not a positive number"},
		{"int:w8,scale=max,rne,sat", []byte{1, 0, 0, 0x80, 0x7f}, []int{1}, "not a positive number"},
		{"nv:e2m1,rne,sat", []byte{1, 0}, []int{2}, "no scale"},
		{"nv:e2m1,rne,sat", []byte{1, 0x81}, []int{2}, "no scale"},
	} {
		_, _, err := Unpack(MustParse(c.format), c.data, c.shape, 0)
		assert.ErrorContains(t, err, c.want, c.format)
	}
}

// Whatever the bytes, Unpack ends in an error or in what packs into the same bytes again.
func FuzzUnpack(f *testing.F) {
	for i, format := range packable() {
		codes := []int32{0, 0, 0}
		var scales Scales
		if _, err := Encode(format, codes, []float32{1, -2, 0.3}, []int{3}, Options{Scales: &scales}); err != nil {
			f.Fatal(err)
		}
		data, err := Pack(format, codes, &scales)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), uint8(3), uint8(1), data)
	}
	formats := packable()
	f.Fuzz(func(t *testing.T, which, rows, columns uint8, data []byte) {
		format := formats[int(which)%len(formats)]
		shape := []int{int(rows % 8), int(columns % 40)}
		codes, scales, err := Unpack(format, data, shape, 0)
		if err != nil {
			return
		}
		values := make([]float64, len(codes))
		if err := Decode(format, values, codes, shape, scales, 0); err != nil {
			return
		}
		again, err := Pack(format, codes, scales)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, again), "%v: % x, again % x", format, data, again)
	})
}
