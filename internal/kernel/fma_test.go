package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// bigFMA is x·y + z rounded once to float32, by exact rational-like arithmetic: 1000 bits hold every such sum.
func bigFMA(x, y, z float32) float32 {
	sum := new(big.Float).SetPrec(1000).SetFloat64(float64(x))
	sum.Mul(sum, new(big.Float).SetPrec(1000).SetFloat64(float64(y)))
	sum.Add(sum, new(big.Float).SetPrec(1000).SetFloat64(float64(z)))
	result, _ := sum.Float32()
	if sum.Sign() == 0 && math.Signbit(float64(x)) != math.Signbit(float64(y)) && math.Signbit(float64(z)) {
		return float32(math.Copysign(0, -1)) // (-0) + (-0)
	}
	if sum.Sign() == 0 && (x*y != 0 || math.Signbit(float64(x)) == math.Signbit(float64(y)) || !math.Signbit(float64(z))) {
		return 0
	}
	return result
}

// fma32 is x·y + z rounded once to float32.
func fma32(x, y, z float32) float32 {
	sum := []float32{z}
	fmaRow(sum, []float32{x}, y)
	return sum[0]
}

func TestFMA32IsRoundedOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	check := func(x, y, z float32) {
		want, got := bigFMA(x, y, z), fma32(x, y, z)
		if math.Float32bits(want) != math.Float32bits(got) {
			t.Fatalf("%x*%x + %x = %x, want %x", x, y, z, got, want)
		}
	}
	checkBoth := func(x, y, z float32) {
		check(x, y, z)
		check(-x, y, -z)
	}
	finite := func() float32 {
		for {
			x := math.Float32frombits(rng.Uint32())
			if x-x == 0 {
				return x
			}
		}
	}
	for range 20000 {
		check(finite(), finite(), finite())
	}
	near := func(exponent int) float32 {
		return float32(math.Ldexp(float64(1<<23+rng.IntN(1<<23)), exponent))
	}
	for range 20000 {
		// Products far below z, next to a tie of z and everywhere around the end of the normal numbers.
		checkBoth(near(-23), near(-23-rng.IntN(60)), near(-23-rng.IntN(60)))
		checkBoth(near(-86), near(-86+rng.IntN(40)), near(-149-23+rng.IntN(30)))
	}
	for range 2000 {
		// z ends in zeros, x·y is half a unit of z but for one bit: z + half ± tiny.
		z := near(0)
		x := 1 + float32(math.Ldexp(1, -12-rng.IntN(11)))
		y := 1 - (x - 1)
		checkBoth(x, y*0.5, z)
		checkBoth(-x, y*0.5, z)
	}
}

func TestFMA32CatchesDoubleRounding(t *testing.T) {
	// x·y = 1/2 - 2^-47 (with x = 1 + 2^-23, y = (1 - 2^-23)/2): 2^30+... float64 rounds z + x·y up to the tie.
	x, y, z := float32(1+0x1p-23), float32(0.5-0x1p-24), float32(0x1.000002p23)
	twice := float32(math.FMA(float64(x), float64(y), float64(z)))
	assert.NotEqual(t, bigFMA(x, y, z), twice, "the case no longer shows what it is for")
	assert.Equal(t, bigFMA(x, y, z), fma32(x, y, z))
}

func TestFMA32RoundsOddSumsOnce(t *testing.T) {
	// Above halfway between two subnormal numbers by less than a unit of float64, to which the sum with z rounds up:
	// x·y = 2^-150·(1 + 0.78·2^-29), a unit at z is 2^-179.
	x, y := float32((1+2879*0x1p-23)*0x1p-75), float32((1-2878*0x1p-23)*0x1p-75)
	z := float32((1<<22 + 2) * 0x1p-149)
	assert.Equal(t, z+0x1p-149, bigFMA(x, y, z))
	assert.Equal(t, z+0x1p-149, fma32(x, y, z))
	assert.Equal(t, -z-0x1p-149, fma32(-x, y, -z))
}

func TestFMA32Specials(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negativeZero := float32(math.Copysign(0, -1))
	assert.Equal(t, inf, fma32(inf, 2, -3))
	assert.Equal(t, -inf, fma32(1, 1, -inf))
	assert.Equal(t, inf, fma32(math.MaxFloat32, 2, 0))
	assert.True(t, math.IsNaN(float64(fma32(inf, 0, 1))))
	assert.True(t, math.IsNaN(float64(fma32(inf, 1, -inf))))
	assert.True(t, math.IsNaN(float64(fma32(nan, 1, 1))))
	assert.Equal(t, math.Float32bits(0), math.Float32bits(fma32(negativeZero, 1, 0)))
	assert.Equal(t, math.Float32bits(negativeZero), math.Float32bits(fma32(negativeZero, 1, negativeZero)))
	assert.Equal(t, math.Float32bits(negativeZero), math.Float32bits(fma32(-0x1p-140, 0x1p-140, 0)), "underflow keeps the sign")
}
