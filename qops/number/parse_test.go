package number

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParsePrintsCanonically(t *testing.T) {
	for s, want := range map[string]string{
		"float32":                                             "float32",
		"exact":                                               "exact",
		"fixed:w8f4,rne,sat":                                  "fixed:w8f4,rne,sat",
		"fixed:w8f4,sat,rne":                                  "fixed:w8f4,rne,sat",
		"fixed:u8f-3,sr16,wrap":                               "fixed:u8f-3,sr,wrap",
		"fixed:w53f149,odd,zero":                              "fixed:w53f149,odd,zero",
		"fixed:w1f-127,rna,sym":                               "fixed:w1f-127,rna,sym",
		"int:w8,scale=0.0370,rne,sat":                         "int:w8,scale=0.037,rne,sat",
		"int:w8,scale=1e+6,rne,sat":                           "",
		"int:w8,scale=1e6,rne,sat":                            "int:w8,scale=1e06,rne,sat",
		"int:w8,scale=100000,rne,sat":                         "int:w8,scale=100000,rne,sat",
		"int:w8,zero=0,block=tensor,sr,scale=run,sat":         "int:w8,scale=run,sr,sat",
		"int:w32,block=channel,zero=auto,scale=max,floor,sat": "int:w32,scale=max,zero=auto,block=channel,floor,sat",
		"bfp:w8e8,sr1,sat":                                    "bfp:w8e8,sr1,sat",
		"bfp:w8e8,block=sample,ceil,sym":                      "bfp:w8e8,block=sample,ceil,sym",
		"acc:w20,sat":                                         "acc:w20,sat",
	} {
		f, err := Parse(s)
		if want == "" {
			require.Error(t, err, s)
			continue
		}
		require.NoError(t, err, s)
		assert.Equal(t, want, f.String())
		again, err := Parse(want)
		require.NoError(t, err)
		assert.Equal(t, f, again)
		text, err := f.MarshalText()
		require.NoError(t, err)
		var back Format
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, f, back)
	}
}

func TestParseErrorsNameThePlace(t *testing.T) {
	const roundings = "one of rne rna rnu rnd rnz floor ceil trunc odd sr sr1..sr16"
	for _, c := range []struct {
		input   string
		offset  int
		message string
		nearest string
	}{
		{"", 0, "unknown kind", "fixed:w8f4,rne,sat"},
		{"fixd:w8f4,rne,sat", 0, "unknown kind \"fixd\"; known are float32 fixed int bfp float", "fixed:w8f4,rne,sat"},
		{"float:e4m3,rne,sat", 10, "what the last codes mean is missing: one of ieee fn fnuz noinf", "float:e4m3fn,rne,sat"},
		{"float:e9m3fn,rne,sat", 7, "must be in 1 to 8", "float:e4m3fn,rne,sat"},
		{"float:e4m0ieee,rne,sat", 10, "without a mantissa the variant ieee", "float:e4m3fn,rne,sat"},
		{"float:e8m23fnuz,rne,sat", 11, "the smallest number would be 2^-150", "float:e4m3fn,rne,sat"},
		{"float:e2m1fn,rne,inf", 17, "float:e2m1fn has none: use sat or zero", "float:e2m1fn,rne,sat"},
		{"float:e4m3fn,rne,sym", 17, "symmetric already", "float:e4m3fn,rne,sat"},
		{"float:e4m3fn,rne,wrap", 17, "no integers that could wrap", "float:e4m3fn,rne,sat"},
		{"float:e4m3fn,scale=max,rne,sat", 13, "float takes no option", "float:e4m3fn,rne,sat"},
		{"float:e4m3fn,rne,sat+qpytorch", 20, "use the variant noinf", "float:e4m3fn,rne,sat"},
		{"float:e4m3noinf,rne,zero+qpytorch", 24, "qpytorch saturates", "float:e4m3noinf,rne,zero"},
		{"fixed:w8f4,rne,sat+swalp", 18, "swalp has no format fixed", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,rne,sat+", 19, "unknown program", "fixed:w8f4,rne,sat"},
		{"bfp:w8e8,rne,sat+qpytorch", 16, "use sym", "bfp:w8e8,rne,sat"},
		{"bfp:w8e8,block=0,rne,sat", 15, "must be N or HxW", "bfp:w8e8,rne,sat"},
		{"bfp:w8e8,block=16x16,axis=1,rne,sat", 26, "leave axis= out", "bfp:w8e8,rne,sat"},
		{"bfp:w8e8,axis=1,rne,sat", 14, "use it with block=32", "bfp:w8e8,rne,sat"},
		{"mx:e4m4,scale=floor,rne,sat", 3, "the element is missing", "mx:e4m3,scale=floor,rne,sat"},
		{"mx:e4m3,rne,sat", 15, "the rule of the scale is missing", "mx:e4m3,scale=floor,rne,sat"},
		{"mx:e4m3,scale=max,rne,sat", 14, "must be floor, ceil or rne", "mx:e4m3,scale=floor,rne,sat"},
		{"nv:e2m1,rne,inf", 12, "use sat", "nv:e2m1,rne,sat"},
		{"fixed", 5, "the width is missing", "fixed:w8f4,rne,sat"},
		{"fixed:", 6, "the width is missing: write w and a number", "fixed:w8f4,rne,sat"},
		{"fixed:w", 7, "must be a whole number", "fixed:w8f4,rne,sat"},
		{"fixed:w8", 8, "the fraction is missing: write f and a number", "fixed:w8f4,rne,sat"},
		{"fixed:w8,rne,sat", 8, "the fraction is missing", "fixed:w8f4,rne,sat"},
		{"fixed:w8f", 9, "must be a whole number", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4", 10, "the rounding is missing: " + roundings, "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,sr", 13, "the overflow is missing: one of sat sym wrap zero", "fixed:w8f4,sr,sat"},
		{"fixed:w8f4,sat", 14, "the rounding is missing", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,", 11, "an empty part; remove the comma", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,rn,sat", 11, "unknown part \"rn\"", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,sr17,sat", 11, "unknown part \"sr17\"", "fixed:w8f4,sr,sat"},
		{"fixed:w8f4,sr08,sat", 11, "unknown part \"sr08\"", "fixed:w8f4,sr,sat"},
		{"fixed:w8f4,rne,inf", 15, "needs a format with a code for infinity", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,rne,rna,sat", 15, "a second rounding", "fixed:w8f4,rna,sat"},
		{"fixed:w8f4,rne,sat,sat", 19, "a second overflow", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4,rne,sat,block=tensor", 19, "unknown option \"block=\"", "fixed:w8f4,rne,sat"},
		{"fixed:w8f4e2,rne,sat", 10, "unexpected \"e2\"", "fixed:w8f4,rne,sat"},
		{"fixed:w08f4,rne,sat", 7, "must be a whole number, got \"08\"", "fixed:w8f4,rne,sat"},
		{"fixed:w0f0,rne,sat", 7, "must be in 1 to 53, got 0", "fixed:w8f4,rne,sat"},
		{"fixed:w54f0,rne,sat", 7, "must be in 1 to 53, got 54", "fixed:w8f4,rne,sat"},
		{"fixed:w8f150,rne,sat", 9, "must be in -120 to 149", "fixed:w8f4,rne,sat"},
		{"fixed:w8f-121,rne,sat", 9, "must be in -120 to 149", "fixed:w8f4,rne,sat"},
		{"int:w1,scale=max,rne,sat", 5, "must be in 2 to 32", "int:w8,scale=max,rne,sat"},
		{"int:w8,rne,sat", 14, "the scale is missing: scale=NUMBER, scale=max, scale=pct99.9, scale=mse or scale=run", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=,rne,sat", 13, "the value of scale= is missing", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=0,rne,sat", 13, "must be max, pct99.9, mse, run or a positive number", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=-1,rne,sat", 13, "must be max, pct99.9, mse, run", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=nan,rne,sat", 13, "must be max, pct99.9, mse, run", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=1e39,rne,sat", 13, "float32's range", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=0x1p-3,rne,sat", 13, "must be max, pct99.9, mse, run", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=max,scale=run,rne,sat", 17, "a second scale", "int:w8,scale=run,rne,sat"},
		{"int:w8,scale=max,zero=3,rne,sat", 22, "zero must be 0 or auto", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=0.1,zero=auto,rne,sat", 22, "zero=auto chooses the scale too", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=max,block=chanel,rne,sat", 23, "unknown block \"chanel\"; known are tensor sample channel", "int:w8,scale=max,block=channel,rne,sat"},
		{"int:w8,scal=max,rne,sat", 7, "unknown option \"scal=\"", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=pct0,rne,sat", 16, "above 0 and up to 100", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=pct101,rne,sat", 16, "above 0 and up to 100", "int:w8,scale=max,rne,sat"},
		{"int:w8,scale=pct,rne,sat", 16, "above 0 and up to 100", "int:w8,scale=max,rne,sat"},
		{"bfp:w8,sr,sat", 6, "the width of the exponent is missing", "bfp:w8e8,sr,sat"},
		{"bfp:w1e8,sr,sat", 5, "must be in 2 to 53", "bfp:w8e8,sr,sat"},
		{"bfp:w8e9,sr,sat", 7, "must be in 1 to 8", "bfp:w8e8,sr,sat"},
		{"acc:w32", 7, "the overflow is missing: one of wrap sat", "acc:w32,wrap"},
		{"acc:w64,wrap", 5, "must be in 2 to 63", "acc:w32,wrap"},
		{"acc:w32,sym", 8, "expected an overflow (wrap sat)", "acc:w32,sat"},
		{"acc:w32,rne,wrap", 8, "unknown part \"rne\" of acc", "acc:w32,wrap"},
		{"float32,rne,sat", 7, "float32 stands alone", "float32"},
		{"exact:w8", 5, "exact stands alone", "exact"},
		{strings.Repeat("x", 1000), 256, "longer than 256 bytes", "fixed:w8f4,rne,sat"},
	} {
		_, err := Parse(c.input)
		var wrong *ParseError
		require.ErrorAs(t, err, &wrong, c.input)
		assert.Equal(t, c.offset, wrong.Offset, "%q: %v", c.input, err)
		assert.Contains(t, wrong.Message, c.message, c.input)
		assert.Equal(t, c.nearest, wrong.Nearest, "%q: %v", c.input, err)
		assert.Contains(t, err.Error(), fmt.Sprintf("at offset %d", c.offset))
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	f := MustParse("fixed:w8f4,rne,sat")
	require.ErrorContains(t, f.UnmarshalText([]byte("fixed:w8")), "the fraction is missing")
	assert.Equal(t, "fixed:w8f4,rne,sat", f.String())
}

func TestDescribe(t *testing.T) {
	for s, want := range map[string][3]string{
		"fixed:w8f4,rne,sat":                 {"-8", "7.9375", "0.0625 = 2^-4"},
		"fixed:u4f-2,rne,sat":                {"0", "60", "4 = 2^2"},
		"int:w8,scale=0.5,rne,sym":           {"-63.5", "63.5", "0.5"},
		"int:w8,scale=max,rne,sat":           {"-128 * scale", "127 * scale", "scale"},
		"int:w8,scale=run,zero=auto,rne,sat": {"(-128 - zero) * scale", "(127 - zero) * scale", "scale"},
		"bfp:w4e8,rne,sat":                   {"-2 * 2^E", "1.75 * 2^E", "2^(E-2), E = floor(log2 max|x|) in -128 to 127"},
		"acc:w8,sat":                         {"-128 * step", "127 * step", "that of the products"},
		"float32":                            {"", "", ""},
		"exact":                              {"", "", ""},
	} {
		d := MustParse(s).Describe()
		assert.Equal(t, want, [3]string{d.Lowest, d.Highest, d.Step}, s)
		assert.Equal(t, s, d.Format)
	}
	d := MustParse("int:w8,scale=run,zero=auto,rne,sat").Describe()
	assert.Equal(t, []string{"run", "auto", "tensor", "rne", "sat"}, []string{d.Scale, d.Zero, d.Block, d.Rounding, d.Overflow})
	assert.Equal(t, uint64(256), d.Codes)
}

func TestMustParsePanics(t *testing.T) {
	assert.Panics(t, func() { MustParse("fixed") })
}

func TestRoundingNames(t *testing.T) {
	for bits := 1; bits <= 16; bits++ {
		r := Stochastic(bits)
		assert.Equal(t, bits, r.Bits())
		assert.True(t, r.Stochastic())
		again, err := ParseRounding(r.String())
		require.NoError(t, err)
		assert.Equal(t, r, again)
	}
	assert.Equal(t, Stochastic(16), Stochastic(99))
	assert.Equal(t, Stochastic(1), Stochastic(0))
	for r := NearestEven; r <= Odd; r++ {
		assert.False(t, r.Stochastic())
		again, err := ParseRounding(r.String())
		require.NoError(t, err)
		assert.Equal(t, r, again)
	}
	_, err := ParseRounding("nearest")
	require.ErrorContains(t, err, "unknown rounding")
}

// TestAccessors reads the parts of formats.
func TestAccessors(t *testing.T) {
	f := MustParse("fixed:u8f-3,sr8,wrap")
	assert.Equal(t, "fixed", f.Kind())
	assert.Equal(t, []int{8, -3}, []int{f.Width(), f.Fraction()})
	assert.True(t, f.Unsigned())
	assert.Equal(t, Stochastic(8), f.Rounding())
	assert.Equal(t, Wrap, f.Overflow())
	assert.InDelta(t, 8, f.Step(), 0)
	assert.False(t, f.IsFloat32() || f.IsSum())

	f = MustParse("int:w8,scale=run,zero=auto,block=channel,rne,sym")
	lo, hi := f.CodeRange()
	assert.Equal(t, []int64{-127, 127}, []int64{lo, hi})
	assert.Equal(t, ScaleRun, f.ScaleRule())
	assert.Equal(t, PerChannel, f.Block())
	assert.True(t, f.ZeroAuto())
	assert.Equal(t, "int:w8,scale=max,zero=auto,block=channel,rne,sym", f.WithScaleRule(ScaleMax).String())
	assert.Equal(t, "int:w8,scale=0.5,block=channel,rne,sym", f.WithScale(0.5).String())
	assert.Equal(t, "int:w8,scale=run,zero=auto,block=sample,rne,sym", f.WithBlock(PerSample).String())
	assert.Equal(t, "int:w8,scale=run,zero=auto,block=channel,sr,sym", f.WithRounding(Stochastic(16)).String())

	assert.Equal(t, 8, MustParse("bfp:w4e8,rne,sat").ExponentWidth())
	assert.True(t, Format{}.IsFloat32())
	assert.True(t, MustParse("exact").IsSum())
	assert.True(t, MustParse("acc:w8,wrap").IsSum())

	// What a kind does not have stays as it is.
	for _, s := range []string{"float32", "exact", "acc:w8,sat"} {
		f := MustParse(s)
		assert.Equal(t, f, f.WithRounding(Floor).WithBlock(PerSample).WithScale(2).WithScaleRule(ScaleRun))
	}
	fixed := MustParse("fixed:w8f4,rne,sat")
	assert.Equal(t, fixed, fixed.WithBlock(PerSample).WithScale(2).WithScaleRule(ScaleRun))
}

func TestStorage(t *testing.T) {
	for s, want := range map[string][2]int{
		"float32":                            {32, 0},
		"fixed:w8f4,rne,sat":                 {8, 0},
		"int:w4,scale=0.5,rne,sat":           {4, 0},
		"int:w4,scale=max,rne,sat":           {4, 32},
		"int:w4,scale=max,zero=auto,rne,sat": {4, 36},
		"bfp:w6e5,block=sample,rne,sat":      {6, 5},
		"acc:w20,sat":                        {20, 0},
		"exact":                              {0, 0},
	} {
		f := MustParse(s)
		assert.Equal(t, want, [2]int{f.BitsPerElement(), f.BitsPerBlock()}, s)
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range List() {
		f.Add(e.Example)
	}
	for _, s := range []string{"", ":", ",", "int:w8,scale=1e-400,rne,sat", "fixed:w-8f--4,rne,sat", "fixed:w8f4,=,rne,sat", "bfp:w8e8,block=,\x00,sat", "fixed:w8f4,rne,s\u00e4t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		format, err := Parse(s)
		if err != nil {
			var wrong *ParseError
			require.ErrorAs(t, err, &wrong)
			require.LessOrEqual(t, wrong.Offset, len(wrong.Input))
			require.GreaterOrEqual(t, wrong.Offset, 0)
			nearest, err := Parse(wrong.Nearest)
			require.NoError(t, err)
			require.Equal(t, wrong.Nearest, nearest.String())
			return
		}
		again, err := Parse(format.String())
		require.NoError(t, err)
		require.Equal(t, format, again)
		require.Equal(t, format.String(), again.String())
		require.NotEmpty(t, format.Describe().Meaning)
		lo, hi := format.CodeRange()
		require.LessOrEqual(t, lo, hi)
		if !format.IsSum() && !format.IsFloat32() && format.ScaleRule() != ScaleRun {
			x := []float64{1, -2.5, 1e-9}
			_, err := Quantize(format, x, x, []int{3}, Options{})
			require.NoError(t, err)
		}
	})
}
