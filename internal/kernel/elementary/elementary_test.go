package elementary

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// The references work with 300 bits: far more than any cancellation below takes.
const referenceBits = 300

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(referenceBits).SetFloat64(x) }

// bigExp is e^x: the Taylor series at x/2^m, squared m times.
func bigExp(x *big.Float) *big.Float {
	m := max(x.MantExp(nil)+20, 0)
	r := new(big.Float).SetPrec(referenceBits).SetMantExp(x, -m)
	sum, term := bigFloat(1), bigFloat(1)
	for i := 1; i < 40; i++ {
		term.Mul(term, r)
		term.Quo(term, bigFloat(float64(i)))
		sum.Add(sum, term)
	}
	for range m {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is the logarithm by Newton's method on bigExp.
func bigLog(x *big.Float, start float64) *big.Float {
	y := bigFloat(start)
	for range 4 { // 50 bits, doubled each time
		q := new(big.Float).Quo(x, bigExp(y))
		q.Sub(q, bigFloat(1)) // log(x) - y = log(1+q)
		half := new(big.Float).Mul(q, q)
		half.Quo(half, bigFloat(2))
		y.Add(y, q.Sub(q, half))
	}
	return y
}

func bigTanh(x *big.Float) *big.Float {
	e := bigExp(new(big.Float).Mul(x, bigFloat(2)))
	return new(big.Float).Quo(new(big.Float).Sub(e, bigFloat(1)), new(big.Float).Add(e, bigFloat(1)))
}

func bigSigmoid(x *big.Float) *big.Float {
	e := bigExp(new(big.Float).Neg(x))
	return new(big.Float).Quo(bigFloat(1), e.Add(e, bigFloat(1)))
}

// ulps is the distance of got from want in units of the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	unit := math.Abs(math.Nextafter(w, math.Inf(1)) - w)
	distance := new(big.Float).Sub(bigFloat(got), want)
	u, _ := distance.Quo(distance, bigFloat(unit)).Float64()
	return math.Abs(u)
}

func TestElementaryFunctionsAgainstBigFloats(t *testing.T) {
	cases := []struct {
		name   string
		f      func(float64) float64
		want   func(x float64) *big.Float
		lo, hi float64
		bound  float64 // ulps, as documented
	}{
		{"exp", Exp, func(x float64) *big.Float { return bigExp(bigFloat(x)) }, -708, 709.7, 0.7},
		{"exp small", Exp, func(x float64) *big.Float { return bigExp(bigFloat(x)) }, -1, 1, 0.7},
		{"exp subnormal", Exp, func(x float64) *big.Float { return bigExp(bigFloat(x)) }, -745, -708, 0.9},
		{"log", Log, func(x float64) *big.Float { return bigLog(bigFloat(x), math.Log(x)) }, 0, 1e6, 1},
		{"log near 1", Log, func(x float64) *big.Float { return bigLog(bigFloat(x), math.Log(x)) }, 0.5, 2, 1},
		{"tanh", Tanh, func(x float64) *big.Float { return bigTanh(bigFloat(x)) }, -3, 3, 1.5},
		{"tanh far", Tanh, func(x float64) *big.Float { return bigTanh(bigFloat(x)) }, -25, 25, 1.5},
		{"sigmoid", Sigmoid, func(x float64) *big.Float { return bigSigmoid(bigFloat(x)) }, -700, 40, 2.1},
		{"sigmoid small", Sigmoid, func(x float64) *big.Float { return bigSigmoid(bigFloat(x)) }, -3, 3, 2.1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			worst := 0.0
			for range 3000 {
				x := c.lo + float64(rng.Float64()*(c.hi-c.lo)) // not fused: the same points everywhere
				if rng.IntN(8) == 0 {
					x = math.Ldexp(x, -rng.IntN(60)) // near 0, or near 1 for the logarithm's second range
				}
				if c.name == "log near 1" && rng.IntN(2) == 0 {
					x = 1 + math.Ldexp(rng.Float64()-0.5, -rng.IntN(50))
				}
				if x == 0 {
					continue
				}
				worst = max(worst, ulps(c.f(x), c.want(x)))
			}
			t.Logf("worst error %.3f ulp", worst)
			assert.Less(t, worst, c.bound)
		})
	}
}

func TestElementaryFunctionsAtTheEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	least := math.SmallestNonzeroFloat64
	cases := []struct {
		name    string
		f       func(float64) float64
		x, want float64
	}{
		{"exp", Exp, 0, 1},
		{"exp", Exp, math.Copysign(0, -1), 1},
		{"exp", Exp, inf, inf},
		{"exp", Exp, -inf, 0},
		{"exp", Exp, nan, nan},
		{"exp", Exp, expOverflow, 0x1.fffffffffff2ap1023}, // e to the power of the float64 below 1024·ln 2
		{"exp", Exp, math.Nextafter(expOverflow, inf), inf},
		{"exp", Exp, -745, least},
		{"exp", Exp, math.Nextafter(expUnderflow, -inf), 0},
		{"exp", Exp, least, 1},
		{"log", Log, 1, 0},
		{"log", Log, 0, -inf},
		{"log", Log, -1, nan},
		{"log", Log, inf, inf},
		{"log", Log, -inf, nan},
		{"log", Log, nan, nan},
		{"log", Log, least, -0x1.74385446d71c3p9}, // -1074·ln 2
		{"log", Log, math.MaxFloat64, 0x1.62e42fefa39efp9},
		{"tanh", Tanh, 0, 0},
		{"tanh", Tanh, math.Copysign(0, -1), math.Copysign(0, -1)},
		{"tanh", Tanh, inf, 1},
		{"tanh", Tanh, -inf, -1},
		{"tanh", Tanh, nan, nan},
		{"tanh", Tanh, least, least},
		{"sigmoid", Sigmoid, 0, 0.5},
		{"sigmoid", Sigmoid, inf, 1},
		{"sigmoid", Sigmoid, -inf, 0},
		{"sigmoid", Sigmoid, nan, nan},
	}
	for _, c := range cases {
		got := c.f(c.x)
		if math.IsNaN(c.want) {
			assert.True(t, math.IsNaN(got), "%s(%v) = %v", c.name, c.x, got)
			continue
		}
		assert.Equal(t, math.Float64bits(c.want), math.Float64bits(got), "%s(%v) = %v, want %v", c.name, c.x, got, c.want)
	}
}

func TestElementaryFunctionsAreMonotoneAndOdd(t *testing.T) {
	for x := -20.0; x < 20; x += 1.0 / 128 {
		assert.LessOrEqual(t, Exp(x), Exp(x+1.0/128))
		assert.LessOrEqual(t, Tanh(x), Tanh(x+1.0/128))
		assert.LessOrEqual(t, Sigmoid(x), Sigmoid(x+1.0/128))
		assert.Equal(t, -Tanh(x), Tanh(-x))
	}
}

func TestElementarySlicesAreTheirFunctions(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testElementarySlices[float32])
		t.Run("float64", testElementarySlices[float64])
	})
}

func testElementarySlices[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	src := []T{0, T(math.Copysign(0, -1)), T(math.Inf(1)), T(math.Inf(-1)), T(math.NaN()), 0.75, -0.75, 22, 23, 709, 710, -708, -745, -746, math.SmallestNonzeroFloat32}
	for len(src) < 20000 {
		x := rng.NormFloat64()
		switch rng.IntN(4) {
		case 0:
			x *= 300
		case 1:
			x = math.Float64frombits(rng.Uint64()) // anything
		case 2:
			x = math.Ldexp(x, -rng.IntN(80))
		}
		src = append(src, T(x))
	}
	for _, c := range []struct {
		name  string
		slice func(dst, src []T)
		f     func(float64) float64
	}{{"exp", ExpSlice[T], Exp}, {"log", LogSlice[T], Log}, {"tanh", TanhSlice[T], Tanh}, {"sigmoid", SigmoidSlice[T], Sigmoid}} {
		want := make([]T, len(src))
		for i, x := range src {
			want[i] = T(c.f(float64(x)))
		}
		for _, n := range []int{0, 1, 7, 8, 9, 23, len(src)} {
			dst, check := kerneltest.Guarded[T](n)
			c.slice(dst, src[:n])
			kerneltest.RequireSameBits(t, want[:n], dst, c.name)
			check(t)
		}
	}
}

func BenchmarkElementary(b *testing.B) {
	const n = 1024
	src, dst := kerneltest.Data[float32](rand.New(rand.NewPCG(1, 1)), kerneltest.Normal, n), make([]float32, n)
	b.Run("exp", func(b *testing.B) { kerneltest.PerUnit(b, "element", n, func() { ExpSlice(dst, src) }) })
	b.Run("tanh", func(b *testing.B) { kerneltest.PerUnit(b, "element", n, func() { TanhSlice(dst, src) }) })
	b.Run("sigmoid", func(b *testing.B) { kerneltest.PerUnit(b, "element", n, func() { SigmoidSlice(dst, src) }) })
}
