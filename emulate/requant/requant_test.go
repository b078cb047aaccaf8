package requant

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The definitions of the rules, written with rationals of any size and a named rounding: nothing here shares a formula
// with the package.

// rounding turns a rational into an integer.
type rounding func(*big.Rat) *big.Int

func floor(x *big.Rat) *big.Int {
	q, m := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int))
	_ = m // DivMod is Euclidean and the denominator positive, so q is the floor
	return q
}

// nearest rounds to nearest; tie decides between the two neighbours of a tie, lower and lower + 1.
func nearest(tie func(x *big.Rat, lower *big.Int) bool) rounding {
	return func(x *big.Rat) *big.Int {
		lower := floor(x)
		fraction := new(big.Rat).Sub(x, new(big.Rat).SetInt(lower))
		switch fraction.Cmp(big.NewRat(1, 2)) {
		case 1:
			return lower.Add(lower, big.NewInt(1))
		case 0:
			if tie(x, lower) {
				return lower.Add(lower, big.NewInt(1))
			}
		}
		return lower
	}
}

var (
	tiesUp   = nearest(func(*big.Rat, *big.Int) bool { return true })
	tiesAway = nearest(func(x *big.Rat, _ *big.Int) bool { return x.Sign() > 0 })
	tiesEven = nearest(func(_ *big.Rat, lower *big.Int) bool { return lower.Bit(0) == 1 })
)

func pow2(e int) *big.Rat {
	one := new(big.Int).Lsh(big.NewInt(1), uint(max(e, -e)))
	if e >= 0 {
		return new(big.Rat).SetInt(one)
	}
	return new(big.Rat).SetFrac(big.NewInt(1), one)
}

func scaled(acc int64, factors ...*big.Rat) *big.Rat {
	x := new(big.Rat).SetInt64(acc)
	for _, f := range factors {
		x.Mul(x, f)
	}
	return x
}

// low32 is the two's complement reading of the low 32 bits.
func low32(x *big.Int) int64 {
	m := new(big.Int).And(x, big.NewInt(math.MaxUint32)).Uint64()
	return int64(int32(uint32(m)))
}

// definitions gives for each rule its value on any accumulator and multiplier of its ranges.
var definitions = map[string]func(acc int64, m Multiplier) int64{
	"tflite.single": func(acc int64, m Multiplier) int64 {
		return low32(tiesUp(scaled(acc, big.NewRat(int64(m.M), 1), pow2(m.Shift-31))))
	},
	"tflite.double": func(acc int64, m Multiplier) int64 {
		shifted := low32(floor(scaled(acc, pow2(max(m.Shift, 0)))))
		if shifted == math.MinInt32 && m.M == math.MinInt32 {
			return low32(tiesAway(scaled(math.MaxInt32, pow2(min(m.Shift, 0)))))
		}
		high := tiesUp(scaled(shifted, big.NewRat(int64(m.M), 1), pow2(-31)))
		return tiesAway(scaled(high.Int64(), pow2(min(m.Shift, 0)))).Int64()
	},
	"xnnpack.rndnu": func(acc int64, m Multiplier) int64 {
		return tiesUp(scaled(acc, big.NewRat(int64(m.M), 1), pow2(m.Shift-31))).Int64()
	},
	"xnnpack.rndna": func(acc int64, m Multiplier) int64 {
		return tiesAway(scaled(acc, big.NewRat(int64(m.M), 1), pow2(m.Shift-31))).Int64()
	},
	"shift.rne":   func(acc int64, m Multiplier) int64 { return tiesEven(scaled(acc, pow2(m.Shift))).Int64() },
	"shift.rna":   func(acc int64, m Multiplier) int64 { return tiesAway(scaled(acc, pow2(m.Shift))).Int64() },
	"shift.rnu":   func(acc int64, m Multiplier) int64 { return tiesUp(scaled(acc, pow2(m.Shift))).Int64() },
	"shift.floor": func(acc int64, m Multiplier) int64 { return floor(scaled(acc, pow2(m.Shift))).Int64() },
}

// accumulators are the corners of a two's complement accumulator and the ties, with their neighbours, around a cut of
// the low `cut` bits.
func accumulators(bits, cut int, random *rand.Rand) []int64 {
	lo, hi := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
	values := []int64{lo, lo + 1, -1, 0, 1, hi - 1, hi}
	for range 20 {
		values = append(values, random.Int64N(hi)-random.Int64N(hi))
	}
	if cut > 0 && cut < bits-1 {
		half := int64(1) << (cut - 1)
		for k := int64(-5); k <= 5; k++ {
			tie := (k << cut) + half
			values = append(values, tie-1, tie, tie+1)
		}
	}
	within := values[:0]
	for _, v := range values {
		if v >= lo && v <= hi {
			within = append(within, v)
		}
	}
	return within
}

func multipliers(info Info, random *rand.Rand) []int32 {
	if info.MultiplierBits == 0 {
		return []int32{0}
	}
	top := int32(1<<info.MultiplierBits - 1)
	bottom := int32(1) << (info.MultiplierBits - 1)
	return []int32{bottom, bottom + 1, top - 1, top, bottom + random.Int32N(bottom), bottom | 1<<7}
}

func TestRulesMatchTheirDefinitions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	require.Len(t, definitions, len(rules))
	for _, rule := range rules {
		t.Run(rule.Name(), func(t *testing.T) {
			define, info := definitions[rule.Name()], rule.Info()
			for shift := info.MinShift; shift <= info.MaxShift; shift++ {
				for _, m := range multipliers(info, random) {
					for _, acc := range accumulators(info.AccumulatorBits, -shift, random) {
						multiplier := Multiplier{M: m, Shift: shift}
						if got, want := rule.Apply(acc, multiplier), define(acc, multiplier); got != want {
							t.Fatalf("%s of %d with %+v: %d, want %d", rule.Name(), acc, multiplier, got, want)
						}
					}
				}
			}
		})
	}
}

// A zero multiplier, as tiny scales have it, gives zero.
func TestZeroMultiplier(t *testing.T) {
	for _, name := range []string{"tflite.single", "tflite.double"} {
		rule, err := Get(name)
		require.NoError(t, err)
		for _, scale := range []float64{0, 0x1p-33, 0x1.fffffffp-34, 5e-324} {
			m, err := rule.Multiplier(scale)
			require.NoError(t, err)
			assert.Equal(t, Multiplier{}, m, "%s %v", name, scale)
			assert.Zero(t, rule.Apply(math.MinInt32, m))
			assert.Zero(t, rule.Apply(math.MaxInt32, m))
		}
	}
}

func TestQuantizeMultiplier(t *testing.T) {
	for _, test := range []struct {
		scale float64
		want  Multiplier
	}{
		{1, Multiplier{1 << 30, 1}},
		{0.5, Multiplier{1 << 30, 0}},
		{0.25, Multiplier{1 << 30, -1}},
		{0.75, Multiplier{3 << 29, 0}},
		{math.Nextafter(1, 0), Multiplier{1 << 30, 1}}, // rounds up to 2^31: halved, shift raised
		{1 - 0x1p-31, Multiplier{math.MaxInt32, 0}},
		{1 - 0x1p-32, Multiplier{1 << 30, 1}}, // a tie goes away from zero
		{0.5 + 0x1p-32, Multiplier{1<<30 + 1, 0}},
		{0x1p-32, Multiplier{1 << 30, -31}},
		{0x1.8p-33, Multiplier{}},
		{0x1p29, Multiplier{1 << 30, 30}},
	} {
		assert.Equal(t, test.want, QuantizeMultiplier(test.scale), "%x", test.scale)
	}
}

func TestScalesThatARuleCannotHold(t *testing.T) {
	for _, rule := range rules {
		for _, scale := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
			_, err := rule.Multiplier(scale)
			assert.ErrorContains(t, err, rule.Name(), "%v", scale)
		}
	}
	single, double := tfliteSingle{}, tfliteDouble{}
	m, err := single.Multiplier(0x1p40)
	require.NoError(t, err)
	assert.Equal(t, Multiplier{math.MaxInt32, 30}, m, "TFLite's single rounding saturates large scales")
	_, err = double.Multiplier(0x1p30)
	assert.ErrorContains(t, err, "larger output scale")
	_, err = shiftNearestEven.Multiplier(0.3)
	assert.ErrorContains(t, err, "not a power of two")
	_, err = shiftNearestEven.Multiplier(0)
	assert.Error(t, err)
	_, err = shiftNearestEven.Multiplier(0x1p-63)
	assert.ErrorContains(t, err, "outside")
	_, err = xnnpackNearestUp{}.Multiplier(0)
	assert.Error(t, err)
	_, err = xnnpackNearestUp{}.Multiplier(2)
	assert.ErrorContains(t, err, "2^-32..2^0")
}

// Whatever scale a rule accepts, its registers stay in the announced ranges and stand for the scale.
func TestMultipliersStandForTheScale(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, rule := range rules {
		info := rule.Info()
		for range 2000 {
			scale := math.Ldexp(0.5+random.Float64()/2, random.IntN(30)-30)
			if info.MultiplierBits == 0 {
				scale = math.Ldexp(1, random.IntN(60)-50)
			}
			m, err := rule.Multiplier(scale)
			if err != nil {
				continue
			}
			require.GreaterOrEqual(t, m.Shift, info.MinShift)
			require.LessOrEqual(t, m.Shift, info.MaxShift)
			value := math.Ldexp(float64(m.M), m.Shift-31)
			if info.MultiplierBits == 0 {
				require.Zero(t, m.M)
				value = math.Ldexp(1, m.Shift)
			} else {
				require.Less(t, int64(m.M), int64(1)<<info.MultiplierBits)
			}
			require.InEpsilon(t, scale, value, math.Ldexp(1, -min(info.MultiplierBits, 31)+1)+1e-15)
		}
	}
}

// Multipliers from outside the ranges must not panic.
func FuzzApply(f *testing.F) {
	f.Add(int64(math.MinInt64), int32(math.MinInt32), math.MinInt)
	f.Add(int64(math.MaxInt64), int32(math.MaxInt32), math.MaxInt)
	f.Add(int64(math.MinInt32), int32(1<<30), 0)
	f.Fuzz(func(_ *testing.T, acc int64, m int32, shift int) {
		for _, rule := range rules {
			rule.Apply(acc, Multiplier{M: m, Shift: shift})
		}
	})
}

func TestGet(t *testing.T) {
	for _, name := range Names() {
		rule, err := Get(name)
		require.NoError(t, err)
		assert.Equal(t, name, rule.Name())
		info := rule.Info()
		assert.NotEmpty(t, info.Formula)
		assert.NotEmpty(t, info.Ties)
		assert.NotEmpty(t, info.Source)
	}
	_, err := Get("tflite")
	assert.ErrorContains(t, err, "tflite.single")
}
