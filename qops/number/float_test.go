package number

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testedFloats = []struct {
	exponent, mantissa int
	variant            string
}{
	{5, 2, "ieee"},
	{4, 3, "fn"},
	{4, 3, "ieee"},
	{4, 3, "fnuz"},
	{5, 2, "fnuz"},
	{3, 4, "ieee"},
	{3, 2, "fn"},
	{2, 3, "fn"},
	{2, 1, "fn"},
	{4, 3, "noinf"},
	{5, 2, "noinf"},
	{1, 2, "noinf"},
	{1, 2, "ieee"},
	{1, 6, "fn"},
	{1, 3, "fnuz"},
	{2, 0, "fn"},
	{5, 0, "fnuz"},
	{3, 0, "noinf"},
	{5, 10, "ieee"},
	{8, 7, "ieee"},
	{8, 3, "fnuz"},
	{8, 2, "noinf"},
	{8, 0, "fn"},
}

// around returns numbers at, between and beside the values of a float, for rounding to go wrong on.
func (d definedFloat) around() []float64 {
	var out []float64
	values := append([]float64{}, d.values...)
	last := values[len(values)-1]
	values = append(values, 2*last-values[len(values)-2], 2*last, 1e30, math.MaxFloat32, math.MaxFloat64)
	for i, v := range values {
		if len(d.values) > 1000 && i%(97*samplingStep) != 0 && i > 40 && i < len(values)-40 {
			continue
		}
		next := v
		if i+1 < len(values) {
			next = values[i+1]
		}
		for _, x := range []float64{v, v + (next-v)/2, v + (next-v)/4, v + (next-v)*0x1p-16, v + (next-v)*(1-0x1p-16), v + (next-v)/3} {
			out = append(out, x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, 0))
		}
	}
	out = append(out, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), 0x1p-126, 0x1p-149)
	for _, x := range append([]float64{}, out...) {
		out = append(out, -x)
	}
	return out
}

// TestFloatsAreTheDefinition compares every rounding and overflow of many floats with the list of their values.
func TestFloatsAreTheDefinition(t *testing.T) {
	for _, c := range testedFloats {
		d := defineFloat(c.exponent, c.mantissa, c.variant)
		head := fmt.Sprintf("float:e%dm%d%s", c.exponent, c.mantissa, c.variant)
		overflows := []string{"sat", "zero"}
		if d.hasNaN || d.infinity {
			overflows = append(overflows, "inf")
		}
		elements := d.around()
		for i, rounding := range allRoundings() {
			overflow := overflows[i%len(overflows)]
			if rounding == "rne" || rounding == "sr" || rounding == "floor" {
				for _, overflow := range overflows {
					compareFloat(t, d, head, rounding, overflow, elements)
				}
				continue
			}
			compareFloat(t, d, head, rounding, overflow, elements)
		}
	}
}

func compareFloat(t *testing.T, d definedFloat, head, rounding, overflow string, elements []float64) {
	t.Helper()
	f := MustParse(head + "," + rounding + "," + overflow)
	c := cellOf(f, &Scales{Step: []float64{1}}, 0)
	for i, x := range elements {
		r := draws[i%len(draws)]
		want, wantClipped := d.round(x, rounding, f.Rounding().Bits(), overflow, r)
		p, clipped := c.round(x, r)
		got := cellValue[float64](&c, p)
		require.True(t, same(want, got) && clipped == wantClipped,
			"%v: x = %v (%x), r %#x: want %v (clipped %v), got %v (clipped %v)", f, x, x, r, want, wantClipped, got, clipped)
		back, ok := c.point(c.code(p))
		require.True(t, ok && same(got, cellValue[float64](&c, back)), "%v: the code %#x of %v is decoded as %v", f, c.code(p), got, cellValue[float64](&c, back))
	}
}

// same reports whether two numbers are the same, with the signs of zeros; NaN is NaN.
func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Float64bits(a) == math.Float64bits(b)
}

// TestFloatCodes compares the value of every code with its meaning, and that values keep their codes.
func TestFloatCodes(t *testing.T) {
	for _, c := range testedFloats {
		d := defineFloat(c.exponent, c.mantissa, c.variant)
		f := MustParse(fmt.Sprintf("float:e%dm%d%s,rne,sat", c.exponent, c.mantissa, c.variant))
		cell := cellOf(f, &Scales{Step: []float64{1}}, 0)
		numbers, nans := 0, 0
		for code := range int64(1) << f.Width() {
			p, ok := cell.point(code)
			if !ok {
				assert.Equal(t, 8, c.exponent, "%v refuses code %#x", f, code)
				continue
			}
			v := cellValue[float64](&cell, p)
			switch {
			case math.IsNaN(v):
				nans++
				continue
			case math.IsInf(v, 0):
				require.True(t, d.infinity)
			default:
				magnitude := code % (1 << (f.Width() - 1))
				require.Equal(t, d.values[magnitude], math.Abs(v), "%v, code %#x", f, code)
				require.Equal(t, code != magnitude, math.Signbit(v), "%v, code %#x", f, code)
				numbers++
			}
			require.Equal(t, code, cell.code(p), "%v, %v", f, v)
		}
		assert.Equal(t, d.hasNaN, nans > 0, "%v", f)
		wantNumbers := 2 * len(d.values)
		if !d.negative {
			wantNumbers--
		}
		assert.Equal(t, wantNumbers, numbers, "%v", f)
	}
}

// TestKnownFloats are the facts of the OCP's 8-bit floats and of IEEE 754's half precision.
func TestKnownFloats(t *testing.T) {
	for s, want := range map[string]struct{ x, value float64 }{
		"float:e4m3fn,rne,sat":    {1000, 448},
		"float:e4m3fn,rne,inf":    {464.00001, math.NaN()},
		"float:e4m3noinf,rne,sat": {1000, 480},
		"float:e5m2ieee,rne,sat":  {math.Inf(1), 57344},
		"float:e5m2ieee,rne,inf":  {61440, math.Inf(1)},
		"float:e5m2noinf,rna,sat": {1e9, 114688},
		"float:e5m10ieee,rne,inf": {65519, 65504},
		"float:e4m3fnuz,rne,sat":  {-1e-9, 0},
		"float:e2m1fn,rne,sat":    {2.5, 2},
		"float:e8m7ieee,rne,inf":  {1.00390625, 1},
	} {
		got := make([]float64, 1)
		_, err := Quantize(MustParse(s), got, []float64{want.x}, []int{1}, Options{})
		require.NoError(t, err)
		assert.True(t, same(want.value, got[0]), "%s: %v became %v", s, want.x, got[0])
	}
}
