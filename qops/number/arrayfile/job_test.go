package arrayfile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// awkward returns n values of all sizes with NaN, infinities, zeros of both signs and subnormal numbers among them.
func awkward[T number.Float](n int) []T {
	random := rand.New(rand.NewPCG(5, 7))
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1e-45, -1e-40, math.MaxFloat32}
	x := make([]T, n)
	for i := range x {
		x[i] = T(random.NormFloat64() * math.Ldexp(1, random.IntN(12)-6))
		if random.IntN(20) == 0 {
			x[i] = T(special[random.IntN(len(special))])
		}
	}
	return x
}

func file[T number.Float](t *testing.T, x []T, shape []int) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, npy.Write(&out, &npy.Array{Shape: shape, Data: x}))
	return out.Bytes()
}

// job is one that cuts arrays into small pieces.
func job(format string, piece int) Job {
	return Job{
		Format: number.MustParse(format), Axis: 1, Memory: 1 << 30, Threads: 2, piece: piece,
		Draw: number.Draw{Stream: number.NewStream(9, "file"), Execution: 1},
	}
}

// counts leaves signal and noise out, whose sums depend on how an array is cut in their last bits.
func counts(s number.Stats) number.Stats {
	s.Signal, s.Noise = 0, 0
	return s
}

// onlyReader hides that a reader can seek.
type onlyReader struct{ io.Reader }

// formats are those whose blocks need every way of cutting an array.
var formats = []string{
	"float32", "fixed:w8f4,sr,sat", "float:e4m3fn,sr,sat", "int:w8,scale=0.037,block=row,sr,sat",
	"int:w8,scale=max,sr,sat", "int:w5,scale=max,zero=auto,rne,sat", "bfp:w8e8,sr,sat",
	"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", "int:w8,scale=max,zero=auto,block=channel,sr,sat",
	"bfp:w6e4,block=sample.channel,rne,sat", "int:w8,scale=max,block=row,sr,sat", "bfp:w8e8,block=5,sr,sat",
	"bfp:w8e8,block=3x4,sr,sat", "bfp:w8e8,block=4,axis=0,sr,sat", "bfp:w8e8,block=4,axis=1,sr,sat",
	"mx:e4m3,scale=floor,sr,sat", "mx:int8,scale=ceil,axis=reduce,sr,sat", "nv:e2m1,sr,sat",
	"int:w8,scale=mse,rne,sat", "int:w8,scale=pct99,block=sample,rne,sat", "bfp:w8e8,block=sample,sr,sym+qpytorch",
	"log2:w4g1,sr,sat", "log2:w4g1,block=row,sr,sat", "ternary:t0.7,block=sample", "binary:scaled", "binary:unit", "posit:n8es2,sr",
	"levels:4,optimal,sr", "levels:4,uniform,block=row,sr", "sparse:t0.01",
}

var shapes = [][]int{{7, 6, 5}, {3, 20, 4, 5}, {1, 2, 40}, {33, 10}, {2, 3, 0}, {0, 4}, {1, 1}}

// Cut into pieces of any size, from files and from pipes, an array becomes what it becomes in memory.
func TestValuesAreThoseOfTheWhole(t *testing.T) {
	for _, name := range formats {
		for _, shape := range shapes {
			x := awkward[float32](size(shape))
			in := file(t, x, shape)
			want := make([]float32, len(x))
			j := job(name, 1)
			var scales number.Scales
			stats, err := number.Quantize(j.Format, want, x, shape, number.Options{ChannelAxis: j.Axis, Draw: j.Draw, Scales: &scales})
			require.NoError(t, err, name)
			for _, piece := range []int{1, 17, 64, 1 << 20} {
				for _, source := range []io.Reader{bytes.NewReader(in), onlyReader{bytes.NewReader(in)}} {
					var out bytes.Buffer
					result, err := job(name, piece).Run(t.Context(), source, &out)
					require.NoError(t, err, "%s %v", name, shape)
					assert.True(t, bytes.Equal(file(t, want, shape), out.Bytes()), "%s %v in pieces of %d", name, shape, piece)
					assert.Equal(t, stats, counts(result.Stats))
					if !j.Format.IsFloat32() {
						assert.Equal(t, scales.Blocks.Count, result.Blocks)
					}
				}
			}
		}
	}
}

// The same in pieces of the size that files are cut into.
func TestFullPieces(t *testing.T) {
	shape := []int{5, 33, 80, 90}
	x := awkward[float32](size(shape))
	require.Greater(t, len(x), pieceElements)
	for _, name := range []string{"fixed:w8f4,sr,sat", "mx:e2m1,scale=floor,sr,sat", "bfp:w8e8,block=channel,sr,sat", "int:w8,scale=max,sr,sat"} {
		j := job(name, 0)
		want := make([]float32, len(x))
		_, err := number.Quantize(j.Format, want, x, shape, number.Options{ChannelAxis: j.Axis, Draw: j.Draw})
		require.NoError(t, err)
		var out bytes.Buffer
		_, err = j.Run(t.Context(), onlyReader{bytes.NewReader(file(t, x, shape))}, &out)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(file(t, want, shape), out.Bytes()), name)
	}
}

// Other ranks, and float64.
func TestRanksAndTypes(t *testing.T) {
	for _, name := range []string{"bfp:w8e8,block=16x16,sr,sat", "mx:e2m1,scale=rne,sr,sat", "bfp:w30e8,block=sample,sr,sat", "int:w8,scale=max,zero=auto,sr,sat"} {
		for _, shape := range [][]int{{}, {70}} {
			x := awkward[float64](size(shape))
			want := make([]float64, len(x))
			j := job(name, 10)
			_, err := number.Quantize(j.Format, want, x, shape, number.Options{Draw: j.Draw})
			require.NoError(t, err)
			var out bytes.Buffer
			_, err = j.Run(t.Context(), onlyReader{bytes.NewReader(file(t, x, shape))}, &out)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(file(t, want, shape), out.Bytes()), "%s %v", name, shape)
		}
	}
}

func TestRaw(t *testing.T) {
	x := awkward[float64](60)
	whole := file(t, x, []int{60})
	raw := whole[len(whole)-480:]
	for _, name := range []string{"fixed:w8f4,sr,sat", "int:w8,scale=max,rne,sat"} {
		j := job(name, 7)
		want := make([]float64, 60)
		_, err := number.Quantize(j.Format, want, x, []int{3, 20}, number.Options{Draw: j.Draw})
		require.NoError(t, err)
		j.Raw = &Raw{"float64", []int{3, 20}}
		var out bytes.Buffer
		_, err = j.Run(t.Context(), bytes.NewReader(raw), &out)
		require.NoError(t, err)
		written := file(t, want, []int{60})
		assert.Equal(t, written[len(written)-480:], out.Bytes())
		for _, broken := range [][]byte{raw[:479], append(bytes.Clone(raw), 0)} {
			_, err = j.Run(t.Context(), bytes.NewReader(broken), io.Discard)
			assert.ErrorContains(t, err, "needs 480")
			_, err = j.Run(t.Context(), onlyReader{bytes.NewReader(broken)}, io.Discard)
			assert.Error(t, err)
		}
		_, err = Job{Format: j.Format, Raw: &Raw{"int8", []int{4}}, Memory: 1 << 20}.Run(t.Context(), bytes.NewReader(raw[:4]), io.Discard)
		assert.ErrorContains(t, err, "float32 and float64")
	}
}

// Codes and scales of the pieces are those of the whole, and the archive says which belong together.
func TestCodes(t *testing.T) {
	for _, name := range formats[1:] {
		for _, shape := range shapes {
			x := awkward[float32](size(shape))
			j := job(name, 17)
			j.Output = Codes
			codes, values := make([]int32, len(x)), make([]float64, len(x))
			var scales number.Scales
			_, err := number.Encode(j.Format, codes, x, shape, number.Options{ChannelAxis: j.Axis, Draw: j.Draw, Scales: &scales})
			require.NoError(t, err)
			require.NoError(t, number.Decode(j.Format, values, codes, shape, &scales, j.Axis))
			var out bytes.Buffer
			_, err = j.Run(t.Context(), bytes.NewReader(file(t, x, shape)), &out)
			require.NoError(t, err, name)
			arrays, err := npy.ParseArchive(out.Bytes())
			require.NoError(t, err)
			assert.Equal(t, shape, arrays["codes"].Shape)
			got := asInt32(t, arrays["codes"].Data)
			require.Equal(t, codes, got, "%s %v", name, shape)
			step, zero := arrays["step"].Data.([]float64), arrays["zero"].Data.([]int32)
			require.Len(t, zero, len(step))
			for e := range codes {
				own := scales.Blocks.Of(e)
				b := blockOf(arrays, e, len(step))
				if want := scales.Step[own]; want == want {
					require.Equal(t, want, step[b], "%s %v element %d", name, shape, e)
				} else {
					require.True(t, math.IsNaN(step[b]))
				}
				if scales.Zero != nil {
					require.Equal(t, scales.Zero[own], zero[b])
				}
			}
		}
	}
}

// blockOf is the rule of the archive, as the documentation has it.
func blockOf(arrays map[string]*npy.Array, e, blocks int) int {
	tiles, ok := arrays["tiles"]
	if !ok {
		return e / int(arrays["inner"].Data.([]int64)[0]) % blocks
	}
	s := tiles.Data.([]int64)
	rows, columns, inner, height, width := int(s[0]), int(s[1]), int(s[2]), int(s[3]), int(s[4])
	i, column, row, outer := e%inner, e/inner%columns, e/inner/columns%rows, e/inner/columns/rows
	down, across := (rows+height-1)/height, (columns+width-1)/width
	return ((outer*down+row/height)*across+column/width)*inner + i
}

func asInt32(t *testing.T, data any) []int32 {
	t.Helper()
	out := []int32{}
	switch codes := data.(type) {
	case []int8:
		for _, c := range codes {
			out = append(out, int32(c))
		}
	case []uint32:
		for _, c := range codes {
			out = append(out, int32(c))
		}
	case []uint8:
		for _, c := range codes {
			out = append(out, int32(c))
		}
	default:
		require.Fail(t, fmt.Sprintf("codes are %T", data))
	}
	return out
}

func TestSQNR(t *testing.T) {
	for _, output := range []Output{Values, Codes, Packed} {
		run := func(x []float32) float64 {
			j := job("fixed:w8f0,floor,sat", 2)
			j.Output = output
			result, err := j.Run(t.Context(), bytes.NewReader(file(t, x, []int{len(x)})), io.Discard)
			require.NoError(t, err)
			return result.Stats.SQNR()
		}
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		assert.InDelta(t, 10*math.Log10((2.25+9)/0.25), run([]float32{1.5, nan, 3, inf, -inf}), 1e-9)
		assert.True(t, math.IsInf(run([]float32{1, 2}), 1))
		assert.True(t, math.IsNaN(run(nil)))
		assert.True(t, math.IsNaN(run([]float32{0, nan})))
	}
	left, err := job("float32", 2).Run(t.Context(), bytes.NewReader(file(t, []float32{1, 2}, []int{2})), io.Discard)
	require.NoError(t, err)
	assert.True(t, math.IsInf(left.Stats.SQNR(), 1))

	// Codes of a format that float32 does not have all values of.
	j := job("fixed:w30f30,rne,sat", 2)
	j.Output = Codes
	result, err := j.Run(t.Context(), bytes.NewReader(file(t, []float32{0.25, 0x1p-31}, []int{2})), io.Discard)
	require.NoError(t, err)
	assert.InDelta(t, 10*math.Log10((1./16+0x1p-62)/0x1p-62), result.Stats.SQNR(), 1e-9)
}

func TestProgressAndNotices(t *testing.T) {
	x := awkward[float32](100)
	in := file(t, x, []int{20, 5})
	for _, c := range []struct {
		format string
		seeks  bool
		total  int
		want   string
	}{
		{"fixed:w8f4,rne,sat", false, 100, ""},
		{"bfp:w8e8,rne,sat", true, 200, ""},
		{"bfp:w8e8,rne,sat", false, 200, "temporary file"},
		{"int:w8,scale=mse,rne,sat", false, 100, "needs all 100 elements in memory: 2.4 KiB"},
	} {
		var source io.Reader = bytes.NewReader(in)
		if !c.seeks {
			source = onlyReader{source}
		}
		j := job(c.format, 30)
		last, notice := 0, ""
		j.Progress = func(done, total int) {
			assert.Greater(t, done, last)
			assert.Equal(t, c.total, total)
			last = done
		}
		j.Notice = func(text string) { notice += text }
		_, err := j.Run(t.Context(), source, io.Discard)
		require.NoError(t, err)
		assert.Equal(t, c.total, last)
		if c.want == "" {
			assert.Empty(t, notice)
		} else {
			assert.Contains(t, notice, c.want)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	in := file(t, awkward[float32](1000), []int{10, 100})
	j := job("int:w8,scale=mse,rne,sat", 10)
	j.Memory = 20000
	_, err := j.Run(t.Context(), bytes.NewReader(in), io.Discard)
	assert.ErrorContains(t, err, "needs 1000 elements in memory at a time, 23.5 KiB, and 19.6 KiB are allowed")
	j = job("bfp:w8e8,block=sample,rne,sat", 10)
	j.Memory = 1000
	_, err = j.Run(t.Context(), bytes.NewReader(in), io.Discard)
	assert.NoError(t, err, "a row at a time")
	j.Memory = 799
	_, err = j.Run(t.Context(), bytes.NewReader(in), io.Discard)
	assert.ErrorContains(t, err, "needs 100 elements")
}

func TestRunRefuses(t *testing.T) {
	x := awkward[float32](100)
	whole := file(t, x, []int{20, 5})
	for _, c := range []struct {
		format, want string
		in           []byte
	}{
		{"fixed:w8f4,rne,sat", "needs 400", whole[:len(whole)-1]},
		{"bfp:w8e8,rne,sat", "needs 400", append(bytes.Clone(whole), 1)},
		{"fixed:w8f4,rne,sat", "no NumPy file", whole[1:]},
		{"bfp:w8e8,block=channel,rne,sat", "channel axis", whole},
		{"fixed:w30f4,rne,sat", "wider than the 24 bits", whole},
	} {
		j := job(c.format, 10)
		j.Axis = 2
		_, err := j.Run(t.Context(), bytes.NewReader(c.in), io.Discard)
		assert.ErrorContains(t, err, c.want)
		_, err = j.Run(t.Context(), onlyReader{bytes.NewReader(c.in)}, io.Discard)
		assert.Error(t, err)
	}
	j := job("fixed:w8f4,rne,sat", 10)
	j.Accept = func(shape []int) error { return fmt.Errorf("not %v", shape) }
	_, err := j.Run(t.Context(), bytes.NewReader(whole), io.Discard)
	assert.EqualError(t, err, "not [20 5]")
	integers := file(t, x, []int{20, 5})
	integers = bytes.Replace(integers, []byte("<f4"), []byte("<i4"), 1)
	_, err = job("fixed:w8f4,rne,sat", 10).Run(t.Context(), bytes.NewReader(integers), io.Discard)
	assert.ErrorContains(t, err, "float32 and float64")
}

// A Run ends with its context, also while it waits for a pipe that nothing comes through.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, _ := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := job("fixed:w8f4,rne,sat", 10).Run(ctx, in, io.Discard)
		done <- err
	}()
	cancel()
	assert.ErrorIs(t, <-done, context.Canceled)

	ctx, cancel = context.WithCancel(t.Context())
	j := job("fixed:w8f4,rne,sat", 10)
	j.Progress = func(int, int) { cancel() }
	_, err := j.Run(ctx, bytes.NewReader(file(t, make([]float32, 100), []int{100})), io.Discard)
	assert.ErrorIs(t, err, context.Canceled)
}
