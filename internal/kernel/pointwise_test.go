package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestElementwiseFunctionsAreTheirFormulas(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testPointwise[float32])
		t.Run("float64", testPointwise[float64])
	})
}

func testPointwise[T Float](t *testing.T) {
	const p, q, r = 0.3, -1.7, 2.9
	cases := []struct {
		name string
		run  func(dst, x, y []T)
		want func(x, y T) T
	}{
		{"add", Add[T], func(x, y T) T { return x + y }},
		{"subtract", Subtract[T], func(x, y T) T { return x - y }},
		{"multiply", Multiply[T], func(x, y T) T { return x * y }},
		{"relu", func(dst, x, _ []T) { ReLU(dst, x) }, func(x, _ T) T {
			if x <= 0 { // -0, too
				return 0
			}
			return x
		}},
		{"relu gradient", ReLUGradient[T], func(d, x T) T {
			if x >= 0 {
				return d
			}
			return 0
		}},
		{"add scalar", func(dst, x, _ []T) { AddScalar(dst, x, p) }, func(x, _ T) T { return x + p }},
		{"scale", func(dst, x, _ []T) { Scale(dst, x, p) }, func(x, _ T) T { return x * p }},
		{"scale and shift", func(dst, x, _ []T) { ScaleShift(dst, x, p, q) }, func(x, _ T) T { return T(x*p) + q }},
		{"normalise", func(dst, x, _ []T) { Normalise(dst, x, p, q) }, func(x, _ T) T { return T(x-p) * q }},
		{"sigmoid gradient", SigmoidGradient[T], func(d, y T) T { return T(float64(d) * (float64(y) * (1 - float64(y)))) }},
		{"tanh gradient", TanhGradient[T], func(d, y T) T {
			square := float64(y) * float64(y)
			return T(float64(d) * (1 - square))
		}},
		{"normalise gradient", func(dst, x, y []T) { NormaliseGradient(dst, x, y, p, q, r) }, func(x, y T) T { return T(T(x-p)-T(y*q)) * r }},
	}
	rng := rand.New(rand.NewPCG(41, 42))
	for _, c := range cases {
		for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials} {
			for _, n := range []int{0, 1, 15, 16, 17, 100} {
				x, y := kerneltest.Data[T](rng, f, n), kerneltest.Data[T](rng, f, n)
				want := make([]T, n)
				for i := range want {
					want[i] = c.want(x[i], y[i])
				}
				dst, check := kerneltest.Guarded[T](n)
				c.run(dst, x, y)
				kerneltest.RequireSameBits(t, want, dst, c.name, f.Name)
				check(t)
				c.run(x, x, y) // in place
				kerneltest.RequireSameBits(t, want, x, c.name, f.Name, "in place")
			}
		}
	}
}

func TestPlaneSumsTakeTheirLanes(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testPlane[float32])
		t.Run("float64", testPlane[float64])
	})
}

func testPlane[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	sum := func(n int, term func(i int) float64) float64 {
		var l [8]float64
		for lane := range l {
			for i := lane; i < n; i += 8 {
				l[lane] += term(i)
			}
		}
		return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
	}
	for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials} {
		for _, n := range []int{0, 1, 7, 8, 9, 64, 100} {
			x, y := kerneltest.Data[T](rng, f, n), kerneltest.Data[T](rng, f, n)
			center := rng.NormFloat64()
			for _, c := range []struct {
				name      string
				got, want float64
			}{
				{"sum", PlaneSum(x), sum(n, func(i int) float64 { return float64(x[i]) })},
				{"dot", PlaneDot(x, y), sum(n, func(i int) float64 { return float64(float64(x[i]) * float64(y[i])) })},
				{"squares", PlaneSquares(x, center), sum(n, func(i int) float64 { d := float64(x[i]) - center; return float64(d * d) })},
			} {
				require.Equal(t, kerneltest.Pattern(c.want), kerneltest.Pattern(c.got), "%s of %d %s", c.name, n, f.Name)
			}
		}
	}
	assert.PanicsWithValue(t, badLength, func() { PlaneDot(make([]T, 2), make([]T, 3)) })
	assert.PanicsWithValue(t, badLength, func() { Add(make([]T, 2), make([]T, 3), make([]T, 2)) })
}

func BenchmarkPointwise(b *testing.B) {
	const n = 1024
	rng := rand.New(rand.NewPCG(1, 1))
	x, y, dst := kerneltest.Data[float32](rng, kerneltest.Normal, n), kerneltest.Data[float32](rng, kerneltest.Normal, n), make([]float32, n)
	sink := 0.0
	for name, body := range map[string]func(){
		"add":          func() { Add(dst, x, y) },
		"reluGradient": func() { ReLUGradient(dst, x, y) },
		"normalise":    func() { Normalise(dst, x, 1, 2) },
		"sum":          func() { sink += PlaneSum(x) },
		"dot":          func() { sink += PlaneDot(x, y) },
		"squares":      func() { sink += PlaneSquares(x, 1) },
	} {
		b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { kerneltest.PerUnit(b, "element", n, body) })
	}
}
