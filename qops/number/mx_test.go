package number

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// definedElement is an element of MX at a scale of 1: a float, or whole numbers of 64ths.
type definedElement struct {
	name     string
	float    definedFloat
	mantissa int
	largest  float64
	emax     int
}

func definedElements() []definedElement {
	float := func(name string, e, m int, variant string, largest float64, emax int) definedElement {
		return definedElement{name: name, float: defineFloat(e, m, variant), mantissa: m, largest: largest, emax: emax}
	}
	return []definedElement{
		float("e5m2", 5, 2, "ieee", 57344, 15),
		float("e4m3", 4, 3, "fn", 448, 8),
		float("e3m2", 3, 2, "fn", 28, 4),
		float("e2m3", 2, 3, "fn", 7.5, 2),
		float("e2m1", 2, 1, "fn", 6, 2),
		{name: "int8", mantissa: 6, largest: 127.0 / 64},
	}
}

// scaleExponent returns k of a block by the words of its rule, with the numbers compared one by one.
func (e definedElement) scaleExponent(rule string, block []float32) int {
	var m float64
	for _, x := range block {
		if v := math.Abs(float64(x)); !math.IsNaN(v) && !math.IsInf(v, 0) {
			m = math.Max(m, v)
		}
	}
	if m == 0 {
		return -127
	}
	k := -300
	switch rule {
	case "ceil": // the least with m <= largest * 2^k
		for m > math.Ldexp(e.largest, k) {
			k++
		}
	default: // the greatest with 2^(k+emax) <= m
		if rule == "rne" {
			m = roundedToBits(m, e.mantissa+1)
		}
		for math.Ldexp(1, k+1+e.emax) <= m {
			k++
		}
	}
	return min(max(k, -127), 127)
}

// roundedToBits rounds m to so many significant bits, ties to even.
func roundedToBits(m float64, bits int) float64 {
	v, _ := new(big.Float).SetPrec(uint(bits)).SetMode(big.ToNearestEven).SetFloat64(m).Float64()
	return v
}

// round returns the value of x in a block with scale 2^k.
func (e definedElement) round(x float64, k int, rounding string, bits int, overflow string, r uint32) (float64, bool) {
	scaled := math.Ldexp(x, -k)
	if e.name != "int8" {
		float := e.float
		for math.Ldexp(float.values[len(float.values)-1], k) >= 0x1p128 { // no float32 number
			float.values = float.values[:len(float.values)-1]
		}
		v, clipped := float.round(scaled, rounding, bits, overflow, r)
		return math.Ldexp(v, k), clipped
	}
	lowest, highest := -128.0, 127.0
	if overflow == "sym" || k == 127 { // -2 * 2^127 is no float32 number
		lowest = -127
	}
	code := scaled
	if !math.IsInf(x, 0) {
		code, _ = new(big.Float).SetInt(defineRounding(rounding, bits, new(big.Rat).SetFloat64(scaled*64), r)).Float64()
	}
	limited := math.Min(math.Max(code, lowest), highest)
	return math.Ldexp(limited, k-6) + 0, limited != code
}

// blocksOf32 returns rows of elements for MX to be tried on.
func blocksOf32(random *rand.Rand, rows, columns int) []float32 {
	x := make([]float32, rows*columns)
	for row := range rows {
		scale := random.IntN(250) - 130
		kind := random.IntN(8)
		for i := range columns {
			v := math.Ldexp(random.NormFloat64(), scale)
			switch {
			case kind == 0:
				v = 0
			case kind == 1:
				v = math.Ldexp(float64(random.IntN(64)), scale)
			case kind == 2 && random.IntN(20) == 0:
				v = math.NaN()
			case kind == 3 && random.IntN(20) == 0:
				v = math.Inf(random.IntN(2)*2 - 1)
			case kind == 4:
				v = math.Copysign(math.MaxFloat32, v)
			case kind == 5:
				v = math.Ldexp(2-math.Ldexp(float64(random.IntN(5)), -24), scale)
			}
			x[row*columns+i] = float32(v)
		}
	}
	return x
}

// TestMXIsTheDefinition compares all elements, scale rules and roundings with the definition, block by block.
func TestMXIsTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, e := range definedElements() {
		for _, rule := range []string{"floor", "ceil", "rne"} {
			for i, rounding := range []string{"rne", "sr", "floor", "sr5", "rna", "trunc", "odd", "ceil"} {
				overflow := "sat"
				switch {
				case e.name == "int8" && i%2 == 1:
					overflow = "sym"
				case (e.name == "e5m2" || e.name == "e4m3") && i%3 == 2:
					overflow = "inf"
				}
				f := MustParse(fmt.Sprintf("mx:%s,scale=%s,%s,%s", e.name, rule, rounding, overflow))
				for _, columns := range []int{32, 77, 5, 64} {
					compareMX(t, e, f, rule, random, columns)
				}
			}
		}
	}
}

func compareMX(t *testing.T, e definedElement, f Format, rule string, random *rand.Rand, columns int) {
	t.Helper()
	const rows = 40
	x := blocksOf32(random, rows, columns)
	draw := Draw{Stream: NewStream(4, "mx")}
	var scales Scales
	got := make([]float32, len(x))
	stats, err := Quantize(f, got, x, []int{rows, columns}, Options{Draw: draw, Scales: &scales})
	require.NoError(t, err)
	codes := make([]int32, len(x))
	_, err = Encode(f, codes, x, []int{rows, columns}, Options{Draw: draw})
	require.NoError(t, err)
	decoded := make([]float32, len(x))
	require.NoError(t, Decode(f, decoded, codes, []int{rows, columns}, &scales, -1))
	require.True(t, sameNumbers(got, decoded), "%v: Decode differs from Quantize", f)
	want := Stats{Count: uint64(len(x))}
	for row := range rows {
		for start := 0; start < columns; start += 32 {
			block := x[row*columns+start : row*columns+min(start+32, columns)]
			k := e.scaleExponent(rule, block)
			poisoned := !e.float.hasNaN && holdsNaN(block)
			for i, v := range block {
				at := row*columns + start + i
				value, clipped := math.NaN(), false
				if !poisoned {
					r := uint32(draw.Bits(uint64(at)))
					value, clipped = e.round(float64(v), k, f.Rounding().String(), f.Rounding().Bits(), f.Overflow().String(), r)
				}
				want.note(float64(v), clipped, value == 0)
				require.True(t, same(float64(float32(value)), float64(got[at])),
					"%v, %v in a block of 2^%d: want %v, got %v", f, v, k, value, got[at])
			}
		}
	}
	require.Equal(t, want, stats, "%v", f)
}

func holdsNaN(x []float32) bool {
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}

// sameNumbers reports whether two tensors hold the same numbers, NaN in the same places.
func sameNumbers(a, b []float32) bool {
	for i := range a {
		if !same(float64(a[i]), float64(b[i])) {
			return false
		}
	}
	return len(a) == len(b)
}

// TestNVScales compares the scales of NVFP4 with m/6 rounded to E4M3 by a search over its positive numbers.
func TestNVScales(t *testing.T) {
	f := MustParse("nv:e2m1,rne,sat")
	e4m3 := defineFloat(4, 3, "fn")
	elements := defineFloat(2, 1, "fn")
	random := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		block := make([]float32, 1+random.IntN(16))
		scale := math.Ldexp(1, random.IntN(24)-12)
		for i := range block {
			block[i] = float32(random.NormFloat64() * scale)
		}
		var m float64
		for _, v := range block {
			m = math.Max(m, math.Abs(float64(v)))
		}
		// Of two numbers as near, BinarySearch in e4m3.round takes the even one.
		sixth := new(big.Rat).Quo(new(big.Rat).SetFloat64(m), big.NewRat(6, 1))
		want := e4m3.values[nearestRat(e4m3.values, sixth)]
		want = math.Max(want, 0x1p-9)
		var scales Scales
		got := make([]float32, len(block))
		_, err := Quantize(f, got, block, []int{len(block)}, Options{Scales: &scales})
		require.NoError(t, err)
		require.Equal(t, want, scales.Step[0], "%v", block)
		for i, v := range block {
			q := elements.ratQuotient(new(big.Rat).Quo(new(big.Rat).SetFloat64(math.Abs(float64(v))), new(big.Rat).SetFloat64(want)))
			ordinal := min(defineRounding("rne", 0, q, 0).Int64(), int64(len(elements.values)-1))
			assert.InDelta(t, math.Copysign(elements.values[ordinal]*want, float64(v)), float64(got[i]), 0, "%v at scale %v", v, want)
		}
	}
}

// nearestRat returns the place of the value nearest to q, the even place of two.
func nearestRat(values []float64, q *big.Rat) int {
	best, distance := 0, (*big.Rat)(nil)
	for i, v := range values {
		d := new(big.Rat).Sub(q, new(big.Rat).SetFloat64(v))
		d.Abs(d)
		if distance == nil || d.Cmp(distance) < 0 || d.Cmp(distance) == 0 && i%2 == 0 {
			best, distance = i, d
		}
	}
	return best
}

// ratQuotient is quotient for a magnitude that is no float64 number.
func (d definedFloat) ratQuotient(magnitude *big.Rat) *big.Rat {
	for i := range d.values[1:] {
		lower, upper := new(big.Rat).SetFloat64(d.values[i]), new(big.Rat).SetFloat64(d.values[i+1])
		if magnitude.Cmp(upper) < 0 {
			part := new(big.Rat).Sub(magnitude, lower)
			part.Quo(part, upper.Sub(upper, lower))
			return part.Add(part, big.NewRat(int64(i), 1))
		}
	}
	return big.NewRat(int64(len(d.values)), 1)
}
