package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBlocks(t *testing.T) {
	f := MustParse("bfp:w8e8,rne,sat")
	for _, c := range []struct {
		block Block
		shape []int
		axis  int
		want  Blocks
	}{
		{PerTensor, []int{2, 3, 4}, 0, Blocks{Count: 1, Inner: 24}},
		{PerSample, []int{2, 3, 4}, 2, Blocks{Count: 2, Inner: 12}},
		{PerChannel, []int{2, 3, 4}, 0, Blocks{Count: 2, Inner: 12}},
		{PerChannel, []int{2, 3, 4}, 1, Blocks{Count: 3, Inner: 4}},
		{PerChannel, []int{2, 3, 4}, 2, Blocks{Count: 4, Inner: 1}},
		{PerChannel, []int{7}, 0, Blocks{Count: 1, Inner: 7}},
		{PerSample, []int{7}, 0, Blocks{Count: 1, Inner: 7}},
		{PerSample, nil, 0, Blocks{Count: 1, Inner: 1}},
		{PerSample, []int{0, 3}, 0, Blocks{Count: 1, Inner: 1}},
	} {
		got, err := f.WithBlock(c.block).Blocks(c.shape, c.axis)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%v of %v", c.block, c.shape)
	}
	for _, c := range []struct {
		shape []int
		axis  int
	}{{[]int{2, 3}, 2}, {[]int{2, 3}, -1}, {[]int{2, -3}, 0}, {[]int{1 << 40, 1 << 40}, 0}} {
		_, err := f.WithBlock(PerChannel).Blocks(c.shape, c.axis)
		require.Error(t, err, "%v", c)
	}
}

// TestBlockFloatingPointExponents looks at the ends of the exponent's range, and at blocks without a finite element.
func TestBlockFloatingPointExponents(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		format string
		block  []float32
		step   float64
		want   []float32
	}{
		{"bfp:w8e8,rne,sat", []float32{0, float32(math.Copysign(0, -1))}, 0x1p-134, []float32{0, 0}},
		{"bfp:w8e8,rne,sat", []float32{1, -1, 1.99}, 0x1p-6, []float32{1, -1, 127 * 0x1p-6}},
		{"bfp:w8e8,rne,sat", []float32{-2, 1}, 0x1p-5, []float32{-2, 1}},
		{"bfp:w8e8,rne,sat", []float32{math.MaxFloat32, -math.MaxFloat32}, 0x1p121, []float32{127 * 0x1p121, -127 * 0x1p121}},
		{"bfp:w8e8,floor,wrap", []float32{math.MaxFloat32, -math.MaxFloat32}, 0x1p121, []float32{127 * 0x1p121, -127 * 0x1p121}},
		{"bfp:w8e8,rne,sat", []float32{math.SmallestNonzeroFloat32, 0}, 0x1p-134, []float32{0, 0}}, // E = -149 is out of range
		{"bfp:w8e8,rne,sat", []float32{0x1p-126, 0x1p-127}, 0x1p-132, []float32{0x1p-126, 0x1p-127}},
		{"bfp:w24e8,rne,sat", []float32{0x1p-149, 0x1p-130}, 0x1p-150, []float32{0x1p-149, 0x1p-130}},
		{"bfp:w4e3,rne,sat", []float32{100, 1, -64}, 0x1p1, []float32{14, 0, -16}}, // E is clamped to 3
		{"bfp:w4e3,rne,sat", []float32{0x1p-9, 0}, 0x1p-6, []float32{0, 0}},        // E is clamped to -4
		{"bfp:w8e8,rne,sat", []float32{inf, 1, -inf, nan}, 0x1p-6, []float32{127 * 0x1p-6, 1, -2, 0}},
		{"bfp:w8e8,rne,sat", []float32{inf, 0}, 0x1p-134, []float32{127 * 0x1p-134, 0}},
	} {
		var scales Scales
		got := make([]float32, len(c.block))
		_, err := Quantize(MustParse(c.format), got, c.block, []int{len(got)}, Options{Scales: &scales})
		require.NoError(t, err)
		assert.Equal(t, []float64{c.step}, scales.Step, "%s of %v", c.format, c.block)
		assert.True(t, sameBits(c.want, got), "%s of %v: %v", c.format, c.block, got)
	}
}

func TestIntegerScales(t *testing.T) {
	third := 1.0 / 3
	for _, c := range []struct {
		format string
		block  []float64
		step   float64
		zero   int32
	}{
		{"int:w8,scale=max,rne,sat", []float64{-254, 1}, 2, 0},
		{"int:w8,scale=max,rne,sat", []float64{0, 0}, 1, 0},
		{"int:w8,scale=max,rne,sat", []float64{third}, float64(float32(third / 127)), 0},
		{"int:w8,scale=max,rne,sat", []float64{math.Inf(-1), 127, math.NaN()}, 1, 0},
		{"int:w8,scale=max,rne,sat", []float64{1e-320}, 1, 0},
		{"int:w8,scale=max,rne,sat", []float64{1e300}, math.MaxFloat32, 0},
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{0, 255}, 1, -128},
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{-255, 0}, 1, 127},
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{-127.5, 127.5}, 1, 0},  // -0.5 goes to even
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{-126.5, 128.5}, 1, -2}, // and -1.5 too
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{10, 255}, 1, -128},     // zero stays a value
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{0, 0}, 1, -128},
		{"int:w8,scale=max,zero=auto,rne,sym", []float64{0, 255}, 1, -127},
		{"int:w8,scale=max,zero=auto,rne,sat", []float64{-1e300, 0}, math.MaxFloat32, 127},
	} {
		f := MustParse(c.format)
		var scales Scales
		_, err := Quantize(f, make([]float64, len(c.block)), c.block, []int{len(c.block)}, Options{Scales: &scales})
		require.NoError(t, err)
		assert.Equal(t, []float64{c.step}, scales.Step, "%s of %v", c.format, c.block)
		assert.Equal(t, c.zero, scales.zero(0), "%s of %v", c.format, c.block)
		// Zero has a code of its own, whatever the scale.
		code, _ := f.Round(0, c.step, c.zero, 0)
		assert.Equal(t, int64(c.zero), code)
	}
}

func TestScalesFromOutside(t *testing.T) {
	f := MustParse("int:w8,scale=run,block=channel,rne,sat")
	x := []float32{1, 1, 1, -2, -2, -2}
	shape := []int{2, 3}
	scales := Scales{Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{1, 0.3, 4}}
	got := make([]float32, 6)
	_, err := Quantize(f, got, x, shape, Options{ChannelAxis: 1, Scales: &scales})
	require.NoError(t, err)
	assert.Equal(t, []float32{1, float32(3 * 0.3), 0, -2, float32(-7 * 0.3), 0}, got)

	auto := MustParse("int:w8,scale=run,zero=auto,rne,sat")
	_, err = Quantize(auto, got, x, shape, Options{Scales: &Scales{Blocks: Blocks{Count: 1, Inner: 6}, Step: []float64{1}, Zero: []int32{127}}})
	require.NoError(t, err)
	assert.Equal(t, []float32{0, 0, 0, -2, -2, -2}, got)

	for name, wrong := range map[string]*Scales{
		"none were given":         nil,
		"the tensor has 3 blocks": {Blocks: Blocks{Count: 1, Inner: 6}, Step: []float64{1}},
		"2 steps":                 {Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{1, 2}},
		"step NaN of block 1":     {Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{1, math.NaN(), 1}},
		"step 0 of block 0":       {Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{0, 1, 1}},
		"step 1e+39 of block 2":   {Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{1, 1, 1e39}},
		"zero point 5 of block 0": {Blocks: Blocks{Count: 3, Inner: 1}, Step: []float64{1, 1, 1}, Zero: []int32{5, 0, 0}},
	} {
		_, err := Quantize(f, got, x, shape, Options{ChannelAxis: 1, Scales: wrong})
		require.ErrorContains(t, err, name)
	}
	_, err = Quantize(auto, got, x, shape, Options{Scales: &Scales{Blocks: Blocks{Count: 1, Inner: 6}, Step: []float64{1}, Zero: []int32{128}}})
	require.ErrorContains(t, err, "zero point 128")
	_, err = Quantize(MustParse("int:w8,scale=max,rne,sat").WithScale(-1), got, x, shape, Options{})
	require.ErrorContains(t, err, "step -1")
}

// Scales that are given back use the memory that they have.
func TestScalesAreReused(t *testing.T) {
	step := make([]float64, 1, 8)
	scales := Scales{Step: step}
	x := []float32{1, 2, 3, 4}
	_, err := Quantize(MustParse("bfp:w8e8,block=sample,rne,sat"), x, x, []int{4, 1}, Options{Scales: &scales})
	require.NoError(t, err)
	assert.Equal(t, []float64{0x1p-6, 0x1p-5, 0x1p-5, 0x1p-4}, scales.Step)
	assert.Same(t, &step[:1][0], &scales.Step[0])
}

func TestQuantizeRefuses(t *testing.T) {
	x := []float32{1, 2, 3}
	f := MustParse("fixed:w8f4,rne,sat")
	for _, c := range []struct {
		format  Format
		dst     []float32
		shape   []int
		mask    []bool
		message string
	}{
		{MustParse("exact"), x, []int{3}, nil, "rule for sums"},
		{MustParse("acc:w20,sat"), x, []int{3}, nil, "rule for sums"},
		{f, x[:2], []int{3}, nil, "3 elements in, room for 2 out"},
		{f, x, []int{2}, nil, "shape [2] has 2 elements, the tensor 3"},
		{Format{}, x, []int{2}, nil, "shape [2] has 2 elements"},
		{f, x, []int{-3}, nil, "negative axis"},
		{f, x, []int{3}, make([]bool, 2), "mask of clipped elements"},
		{MustParse("fixed:w25f4,rne,sat"), x, []int{3}, nil, "wider than the 24 bits"},
	} {
		_, err := Quantize(c.format, c.dst, x, c.shape, Options{Clipped: c.mask})
		require.ErrorContains(t, err, c.message)
	}
	codes := make([]int32, 3)
	for format, message := range map[string]string{
		"float32": "no codes", "exact": "rule for sums", "fixed:u32f0,rne,sat": "do not fit", "fixed:w33f0,rne,sat": "do not fit",
	} {
		_, err := Encode(MustParse(format), codes, x, []int{3}, Options{})
		require.ErrorContains(t, err, message)
		require.ErrorContains(t, Decode(MustParse(format), x, codes, []int{3}, nil, 0), message)
	}
	_, err := Encode(f, codes[:2], x, []int{3}, Options{})
	require.ErrorContains(t, err, "room for 2 codes")
	// Codes may be wider than a float32 tensor's values.
	_, err = Encode(MustParse("fixed:w32f0,rne,sat"), codes, x, []int{3}, Options{})
	require.NoError(t, err)
	assert.Equal(t, []int32{1, 2, 3}, codes)

	require.ErrorContains(t, Decode(MustParse("fixed:w32f0,rne,sat"), x, codes, []int{3}, nil, 0), "wider than the 24 bits")
	_, err = Quantize(MustParse("bfp:w8e8,block=channel,rne,sat"), x[:2], x[:2], []int{2, 1}, Options{ChannelAxis: 2})
	require.ErrorContains(t, err, "channel axis")
	require.ErrorContains(t, Decode(f, x[:2], codes, []int{3}, nil, 0), "room for 2 elements")
	require.ErrorContains(t, Decode(f, x, codes, []int{4}, nil, 0), "shape [4]")
	require.ErrorContains(t, Decode(f, x, []int32{1, 128, 0}, []int{3}, nil, 0), "code 128 of element 1")
	require.ErrorContains(t, Decode(MustParse("bfp:w8e8,rne,sat"), x, codes, []int{3}, nil, 0), "none were given")
	require.ErrorContains(t, Decode(MustParse("bfp:w8e8,block=channel,rne,sat"), x[:2], codes[:2], []int{2, 1}, nil, 7), "channel axis")
}

// float32 leaves a tensor alone, of any type and content, and still counts.
func TestFloat32IsIdentity(t *testing.T) {
	x := []float64{1e300, math.NaN(), math.Inf(-1), math.Copysign(0, -1)}
	got := make([]float64, 4)
	mask := []bool{true, true, true, true}
	stats, err := Quantize(Format{}, got, x, []int{2, 2}, Options{Clipped: mask})
	require.NoError(t, err)
	assert.True(t, math.Signbit(got[3]))
	assert.InDelta(t, 1e300, got[0], 0)
	assert.Equal(t, Stats{Count: 4, NaN: 1, Inf: 1}, stats)
	assert.Equal(t, make([]bool, 4), mask)
}

// TestThreads quantizes tensors that are large enough to be split: the same bits, counts and mask at any number of
// threads, in place or not, with any instruction set.
func TestThreads(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, c := range []struct {
		format string
		shape  []int
		axis   int
	}{
		{"bfp:w8e8,block=sample,sr,sat", []int{5, 19, 31, 33}, 0},
		{"bfp:w8e8,block=channel,sr,sat", []int{300, 257}, 1},
		{"int:w8,scale=max,zero=auto,sr,sat", []int{70000}, 0},
		{"int:w8,scale=max,block=channel,rne,sym", []int{65, 33, 3, 11}, 0},
		{"fixed:w8f6,sr,sat", []int{3, 32, 32, 32}, 0},
	} {
		f := MustParse(c.format)
		elements, err := elementCount(c.shape)
		require.NoError(t, err)
		src := finite(tensor[float32](random, elements))
		var (
			first      []float32
			firstStats Stats
			firstMask  []bool
		)
		everyISA(t, func(t *testing.T) {
			for _, threads := range []int{1, 2, 3, 7, 0} {
				for _, masked := range []bool{false, true} {
					o := Options{ChannelAxis: c.axis, Draw: Draw{Stream: NewStream(2, "threads")}, Threads: threads}
					if masked {
						o.Clipped = make([]bool, elements)
					}
					values := append([]float32(nil), src...)
					stats, err := Quantize(f, values, values, c.shape, o)
					require.NoError(t, err)
					if first == nil {
						first, firstStats = values, stats
						want := make([]float32, elements)
						_, err := Quantize(f, want, src, c.shape, o)
						require.NoError(t, err)
						require.True(t, sameBits(want, values), "%s: in place", c.format)
					}
					if masked && firstMask == nil {
						firstMask = o.Clipped
					}
					require.True(t, sameBits(first, values), "%s at %d threads", c.format, threads)
					require.Equal(t, firstStats, stats)
					if masked {
						require.Equal(t, firstMask, o.Clipped)
					}
				}
			}
		})
	}
}
