package number

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// definePosit reads the bits of a posit's code one by one: nil for NaR.
func definePosit(n, es int, code int64) *big.Rat {
	pattern := uint64(code) & (1<<n - 1)
	switch pattern {
	case 0:
		return new(big.Rat)
	case 1 << (n - 1):
		return nil
	}
	negative := pattern>>(n-1) == 1
	if negative {
		pattern = -pattern & (1<<n - 1)
	}
	var bits []int // after the sign, and zeros without end
	for i := n - 2; i >= 0; i-- {
		bits = append(bits, int(pattern>>i&1))
	}
	next := func() int {
		if len(bits) == 0 {
			return 0
		}
		b := bits[0]
		bits = bits[1:]
		return b
	}
	first := next()
	run := 1
	for len(bits) > 0 && bits[0] == first {
		run++
		next()
	}
	next() // the bit that ends the run
	k := -run
	if first == 1 {
		k = run - 1
	}
	exponent := 0
	for range es {
		exponent = 2*exponent + next()
	}
	value, unit := big.NewRat(1, 1), big.NewRat(1, 1)
	for len(bits) > 0 {
		unit.Mul(unit, big.NewRat(1, 2))
		if next() == 1 {
			value.Add(value, unit)
		}
	}
	power := k*(1<<es) + exponent
	two := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(power, -power))))
	if power < 0 {
		two.Inv(two)
	}
	value.Mul(value, two)
	if negative {
		value.Neg(value)
	}
	return value
}

// definedPosit is the values of a posit and of the one with a bit more, from zero upwards.
type definedPosit struct{ values, ties []*big.Rat }

func definePosits(n, es int) definedPosit {
	var d definedPosit
	for code := range int64(1) << (n - 1) {
		d.values = append(d.values, definePosit(n, es, code))
		d.ties = append(d.ties, definePosit(n+1, es, 2*code+1))
	}
	return d
}

// round returns the code of a finite x by the list of values.
func (d definedPosit) round(x float64, rounding string, bits int, r uint32) (code int64, clipped bool) {
	exact := new(big.Rat).SetFloat64(math.Abs(x))
	last := len(d.values) - 1
	i, found := slices.BinarySearchFunc(d.values, exact, func(a, b *big.Rat) int { return a.Cmp(b) })
	var q *big.Rat
	nearest := slices.Contains([]string{"rne", "rna", "rnu", "rnd", "rnz"}, rounding)
	switch {
	case found:
		q = big.NewRat(int64(i), 1)
	case i > last:
		q, clipped = big.NewRat(int64(last), 1), true
	case nearest && i == 1: // nothing becomes zero
		q = big.NewRat(1, 1)
	case nearest:
		q = big.NewRat(int64(4*(i-1)+2+exact.Cmp(d.ties[i-1])), 4)
	default:
		q = new(big.Rat).Quo(exact.Sub(exact, d.values[i-1]), new(big.Rat).Sub(d.values[i], d.values[i-1]))
		q.Add(q, big.NewRat(int64(i-1), 1))
	}
	return defineRounding(rounding, bits, signedRat(q, x), r).Int64(), clipped
}

// TestPositCodes decodes every code of the widths up to 9, and of 16, with every ES.
func TestPositCodes(t *testing.T) {
	for es := range maxPositExponent + 1 {
		for _, n := range []int{2, 3, 4, 5, 6, 8, 9, 16} {
			if n == 16 && es > 2 && samplingStep > 1 {
				continue
			}
			f := MustParse(fmt.Sprintf("posit:n%des%d,rne", n, es))
			cell := cellOf(f, &Scales{Step: []float64{1}}, 0)
			lo, hi := f.CodeRange()
			require.Equal(t, []int64{-1 << (n - 1), 1<<(n-1) - 1}, []int64{lo, hi})
			for code := lo; code <= hi; code++ {
				p, ok := cell.point(code)
				require.True(t, ok)
				got := cellValue[float64](&cell, p)
				if code == lo {
					require.True(t, math.IsNaN(got))
				} else {
					want := definePosit(n, es, code)
					require.Equal(t, 0, want.Cmp(new(big.Rat).SetFloat64(got)), "%v, code %d: %v, want %v", f, code, got, want)
				}
				require.Equal(t, code, cell.code(p))
			}
			for _, code := range []int64{lo - 1, hi + 1} {
				_, ok := cell.point(code)
				require.False(t, ok)
			}
		}
	}
}

// TestPositsAreTheDefinition rounds at, between and beside all values and ties of 8-bit posits of every ES, and of
// 16-bit ones, in every rounding.
func TestPositsAreTheDefinition(t *testing.T) {
	for _, c := range []struct{ n, es, every int }{{8, 0, 1}, {8, 1, 1}, {8, 2, 1}, {8, 3, 1}, {8, 4, 1}, {2, 2, 1}, {3, 2, 1}, {5, 2, 1}, {16, 2, 97}, {16, 1, 191}} {
		d := definePosits(c.n, c.es)
		var elements []float64
		for i, v := range d.values {
			edge := i < 40 || i > len(d.values)-40
			if !edge && i%c.every != 0 {
				continue
			}
			at, _ := v.Float64()
			tie, _ := d.ties[i].Float64()
			next := 2 * at
			if i+1 < len(d.values) {
				next, _ = d.values[i+1].Float64()
			}
			for _, x := range []float64{at, tie, at + (next-at)/2, at + (next-at)/3, at + (next-at)*0x1p-16, at + (next-at)*0.875} {
				elements = append(elements, x, math.Nextafter(x, 0), math.Nextafter(x, math.Inf(1)), -x, -math.Nextafter(x, 0), -math.Nextafter(x, math.Inf(1)))
			}
		}
		elements = append(elements, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 0x1p-149, math.MaxFloat64, -math.MaxFloat64)
		for place, rounding := range allRoundings() {
			f := MustParse(fmt.Sprintf("posit:n%des%d,%s", c.n, c.es, rounding))
			step := 1
			if rounding != "rne" && rounding != "floor" && rounding != "sr" {
				step = samplingStep
			}
			for i := place % step; i < len(elements); i += step {
				x, r := elements[i], draws[i%len(draws)]
				want, wantClipped := d.round(x, rounding, f.Rounding().Bits(), r)
				got, clipped := f.Round(x, 1, 0, r)
				require.True(t, want == got && clipped == wantClipped, "%v: x = %v (%x), r %#x: want %d (clipped %v), got %d (%v)",
					f, x, x, r, want, wantClipped, got, clipped)
			}
		}
	}
}

// TestKnownPosits are values of the standard's tables, and its rules for what is no number.
func TestKnownPosits(t *testing.T) {
	for s, pairs := range map[string][][2]float64{
		"posit:n8es2,rne":  {{1e30, 0x1p24}, {-1e30, -0x1p24}, {1e-30, 0x1p-24}, {-1e-30, -0x1p-24}, {math.Pi, 3.25}, {0, 0}, {math.Copysign(0, -1), 0}},
		"posit:n16es2,rne": {{1e300, 0x1p56}, {math.Pi, 3.1416015625}, {0x1p-57, 0x1p-56}},
		"posit:n32es2,rne": {{math.Inf(1), math.NaN()}, {math.Inf(-1), math.NaN()}, {math.NaN(), math.NaN()}, {1e40, 0x1p120}, {math.Pi, 3.1415926516056061}},
		"posit:n8es2,sr":   {{0x1p-60, 0}, {1e30, 0x1p24}},
		"posit:n8es2,ceil": {{0x1p-60, 0x1p-24}, {-0x1p-60, 0}},
	} {
		for _, pair := range pairs {
			got := make([]float64, 1)
			_, err := Quantize(MustParse(s), got, []float64{pair[0]}, []int{1}, Options{})
			require.NoError(t, err)
			assert.True(t, same(pair[1], got[0]), "%s: %v became %v", s, pair[0], got[0])
		}
	}
}

func TestPositStatistics(t *testing.T) {
	x := []float32{1e30, float32(math.Inf(1)), float32(math.NaN()), 1e-30, 1}
	clipped := make([]bool, len(x))
	y := make([]float32, len(x))
	stats, err := Quantize(MustParse("posit:n8es2,floor"), y, x, []int{5}, Options{Clipped: clipped})
	require.NoError(t, err)
	assert.Equal(t, Stats{Count: 5, Clipped: 2, Underflowed: 1, NaN: 1, Inf: 1}, stats)
	assert.Equal(t, []bool{true, true, false, false, false}, clipped)
}

// TestPositsOfFloat32 accepts a posit for float32 tensors if and only if all its values are float32 numbers.
func TestPositsOfFloat32(t *testing.T) {
	for es := range maxPositExponent + 1 {
		for n := 2; n <= 11; n++ {
			holds := true
			for _, v := range definePosits(n, es).values {
				x, _ := v.Float64()
				holds = holds && float64(float32(x)) == x
			}
			assert.Equal(t, holds, positKind{}.beyondFloat32(MustParse(fmt.Sprintf("posit:n%des%d,rne", n, es))) == "", "n%des%d", n, es)
		}
	}
	for s, want := range map[string]string{
		"posit:n32es2,rne": "27 bits of fraction",
		"posit:n29es2,rne": "24 bits of fraction",
		"posit:n28es2,rne": "",
		"posit:n16es4,rne": "reaches 2^224",
		"posit:n18es3,rne": "reaches 2^128",
	} {
		_, err := Quantize(MustParse(s), make([]float32, 1), make([]float32, 1), []int{1}, Options{})
		if want == "" {
			require.NoError(t, err, s)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestPositStrings(t *testing.T) {
	requireFaults(t, []fault{
		{"posit:n8,rne", 8, "the width of the exponent is missing: write es"},
		{"posit:n1es0,rne", 7, "must be in 2 to 32"},
		{"posit:n8es5,rne", 10, "must be in 0 to 4"},
		{"posit:n8es2", 11, "the rounding is missing"},
		{"posit:n8es2,rne,sat", 16, "posits have one overflow, the largest number: leave sat out"},
		{"posit:n8es2,block=32,rne", 12, "posit takes no option"},
		{"posit:n8es2,rne+qpytorch", 15, "qpytorch has no format posit"},
	})
	d := MustParse("posit:n16es1,sr8").Describe()
	assert.Equal(t, []string{"posit:n16es1,sr8", "-2.68435456e+08", "2.68435456e+08", "0.000244140625 above 1; from 2^-28 to 2^28", "sr8", ""},
		[]string{d.Format, d.Lowest, d.Highest, d.Step, d.Rounding, d.Overflow})
	assert.Equal(t, []int{16, 0}, []int{d.BitsPerElement, d.BitsPerBlock})
	assert.Equal(t, []string{"code -32768, NaR", "code -32768, NaR", "3.725290298461914e-09"}, []string{d.NaN, d.Infinity, d.Smallest})
	for s, want := range map[string]string{"posit:n2es2,rne": "0", "posit:n3es2,rne": "15", "posit:n4es2,rne": "3", "posit:n5es2,rne": "1", "posit:n6es2,rne": "0.5"} {
		assert.Equal(t, want, MustParse(s).Describe().StepAtOne, s)
	}
}

// TestPositTensors encodes and decodes tensors of both types, empty ones too.
func TestPositTensors(t *testing.T) {
	f := MustParse("posit:n32es2,rne")
	x := []float64{1.5, -math.Pi, 0, math.NaN(), 1e-40, 1e40}
	codes, direct, decoded := make([]int32, 6), make([]float64, 6), make([]float64, 6)
	_, err := Encode(f, codes, x, []int{6}, Options{})
	require.NoError(t, err)
	assert.Equal(t, []int32{0x44000000, -0x4c90fdaa, 0, math.MinInt32, 1, math.MaxInt32}, codes)
	_, err = Quantize(f, direct, x, []int{2, 3}, Options{})
	require.NoError(t, err)
	require.NoError(t, Decode(f, decoded, codes, []int{6}, nil, 0))
	for i := range x {
		assert.True(t, same(direct[i], decoded[i]))
	}
	_, err = Encode(f, nil, []float64{}, []int{0}, Options{})
	require.NoError(t, err)
	require.ErrorContains(t, Decode(MustParse("posit:n8es2,rne"), decoded[:1], []int32{128}, []int{1}, nil, 0), "code 128")
}
