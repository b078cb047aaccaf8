package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// int8Shapes are those of convShapes and of networks, in every size that tiles can end at, and one with many samples.
func int8Shapes(rng *rand.Rand) []Conv {
	shapes := append([]Conv(nil), convShapes...)
	for i, size := range []struct{ c, oc, h, w, kernel, stride int }{
		{3, 16, 32, 32, 3, 1},
		{16, 16, 32, 32, 3, 1},
		{16, 32, 16, 16, 3, 2},
		{64, 64, 8, 8, 3, 1},
		{17, 33, 7, 9, 5, 1},
		{4, 10, 13, 11, 5, 2},
		{16, 48, 6, 6, 1, 1},
		{64, 10, 5, 3, 1, 2},
		{33, 64, 1, 1, 1, 1},
		{10, 17, 2, 35, 3, 1},
		{5, 65, 9, 4, 3, 2},
	} {
		pad := size.kernel / 2
		shapes = append(shapes, Conv{
			N: 1 + i%3, C: size.c, H: size.h, W: size.w, OC: size.oc, KH: size.kernel, KW: size.kernel,
			PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad, StrideH: size.stride, StrideW: size.stride, DilationH: 1, DilationW: 1,
		})
	}
	many := Conv{N: 21, C: 4, H: 7, W: 8, OC: 12, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	shapes = append(shapes, many, many, many, many, many)
	for range 30 {
		shapes = append(shapes, randomConv(rng))
	}
	return shapes
}

// codesFilling makes codes: any, the extreme ones, or the same one everywhere.
var codesFillings = []struct {
	name string
	code func(rng *rand.Rand) int
}{
	{"any", func(rng *rand.Rand) int { return rng.IntN(256) - 128 }},
	{"extremes", func(rng *rand.Rand) int { return []int{-128, 127}[rng.IntN(2)] }},
	{"lowest", func(*rand.Rand) int { return -128 }},
	{"highest", func(*rand.Rand) int { return 127 }},
	{"few", func(rng *rand.Rand) int { return []int{0, 0, 0, 0, 1, -1}[rng.IntN(6)] }},
}

// coded is a tensor of codes times powers of two by block of its first axis.
type coded struct {
	codes     []int
	exponents []int
	values    []float32
}

func newCoded(rng *rand.Rand, filling, blocks, n, spread int) coded {
	c := coded{codes: make([]int, n), exponents: make([]int, blocks), values: make([]float32, n+3)[3:]}
	base := rng.IntN(20) - 30
	for i := range c.exponents {
		c.exponents[i] = base + rng.IntN(spread+1)
	}
	for i := range c.codes {
		c.codes[i] = codesFillings[filling].code(rng)
		c.values[i] = float32(math.Ldexp(float64(c.codes[i]), c.exponents[i/(n/blocks)]))
		if c.codes[i] == 0 && i%2 == 0 {
			c.values[i] = float32(math.Copysign(0, -1))
		}
	}
	return c
}

// eachTerm calls the function with the places of every product of a convolution: in y, x and w.
func eachTerm(p Conv, term func(y, x, w int)) {
	oh, ow := p.OH(), p.OW()
	for n := range p.N {
		for o := range p.OC {
			for r := range oh * ow {
				for c := range p.C {
					for k := range p.KH * p.KW {
						h, v := r/ow*p.StrideH-p.PadTop+k/p.KW*p.DilationH, r%ow*p.StrideW-p.PadLeft+k%p.KW*p.DilationW
						if h >= 0 && h < p.H && v >= 0 && v < p.W {
							term((n*p.OC+o)*oh*ow+r, ((n*p.C+c)*p.H+h)*p.W+v, (o*p.C+c)*p.KH*p.KW+k)
						}
					}
				}
			}
		}
	}
}

// rounded is sum·2^e, rounded once.
func rounded(sum int64, e int) float32 { return float32(math.Ldexp(float64(sum), e)) }

func TestInt8ConvForwardIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for i, p := range int8Shapes(rng) {
		filling, blocksX, blocksW := i%len(codesFillings), []int{1, p.N}[i%2], []int{1, p.OC}[i/2%2]
		what := fmt.Sprintf("%+v of codes %s", p, codesFillings[filling].name)
		x := newCoded(rng, filling, blocksX, p.N*p.C*p.H*p.W, 9)
		w := newCoded(rng, (i/3)%len(codesFillings), blocksW, p.OC*p.C*p.KH*p.KW, 5)
		sums := make([]int64, p.N*p.OC*p.OH()*p.OW())
		eachTerm(p, func(y, xi, wi int) { sums[y] += int64(x.codes[xi] * w.codes[wi]) })
		want := make([]float32, len(sums))
		area := p.OH() * p.OW()
		for j, sum := range sums {
			want[j] = rounded(sum, exponentOf(x.exponents, j/area/p.OC)+exponentOf(w.exponents, j/area%p.OC))
		}
		for _, threads := range []int{1, 2, 5} {
			y, check := kerneltest.Guarded[float32](len(want))
			done := ConvForwardInt8(p, y, x.values, w.values, x.exponents, w.exponents, threads)
			require.Equal(t, hasInt8() && p.StrideW <= 2, done, what)
			if done {
				kerneltest.RequireSameBits(t, want, y, what)
			}
			check(t)
		}
		if p.StrideW <= 2 && i%4 == 0 { // the kernels on float64 agree
			y := make([]float32, len(want))
			ConvForward(p, y, x.values, w.values, Whole, 2)
			kerneltest.RequireSameBits(t, y, want, what)
		}
	}
}

// int8Sums are the sums of a convolution's products for each sample and weight.
func int8Sums(p Conv, x, dy coded) []int64 {
	weights := p.OC * p.C * p.KH * p.KW
	sums := make([]int64, p.N*weights)
	eachTerm(p, func(y, xi, wi int) {
		sums[xi/(p.C*p.H*p.W)*weights+wi] += int64(x.codes[xi] * dy.codes[y])
	})
	return sums
}

// limit makes codes small enough for exact sums of so many terms in float32.
func (c *coded) limit(terms int) {
	for i, code := range c.codes {
		if terms*128*128 > 1<<24 && code != 0 {
			c.codes[i] = code / 16
			c.values[i] = float32(math.Ldexp(float64(c.codes[i]), exponentOf(c.exponents, i*len(c.exponents)/len(c.codes))))
		}
	}
}

func TestInt8ConvBackwardWeightIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for i, p := range int8Shapes(rng) {
		filling, blocksX, blocksY := i%len(codesFillings), []int{1, p.N}[i%2], []int{1, p.N}[i/2%2]
		what := fmt.Sprintf("%+v of codes %s", p, codesFillings[filling].name)
		x := newCoded(rng, filling, blocksX, p.N*p.C*p.H*p.W, 9)
		dy := newCoded(rng, (i/3)%len(codesFillings), blocksY, p.N*p.OC*p.OH()*p.OW(), 9)
		dy.limit(p.OH() * p.OW())
		sums := int8Sums(p, x, dy)
		inOrder, whole := make([]float32, p.OC*p.C*p.KH*p.KW), make([]float32, p.OC*p.C*p.KH*p.KW)
		for j := range whole {
			exact := new(big.Float).SetPrec(200)
			for n := range p.N {
				e := exponentOf(x.exponents, n) + exponentOf(dy.exponents, n)
				inOrder[j] += rounded(sums[n*len(whole)+j], e)
				exact.Add(exact, new(big.Float).SetMantExp(new(big.Float).SetInt64(sums[n*len(whole)+j]), e))
			}
			whole[j], _ = exact.Float32()
		}
		for _, sum := range []Sum{Sequence, Blockwise, Whole} {
			want := inOrder
			if sum == Whole {
				want = whole
			}
			for _, threads := range []int{1, 2, 7} {
				dw, check := kerneltest.Guarded[float32](len(want))
				done := ConvBackwardWeightInt8(p, dw, x.values, dy.values, x.exponents, dy.exponents, sum, threads)
				require.Equal(t, hasInt8() && p.StrideW <= 2, done, what)
				if done {
					kerneltest.RequireSameBits(t, want, dw, what, sum)
				}
				check(t)
			}
			if i%3 == 0 { // the kernels on floats agree
				dw := make([]float32, len(want))
				ConvBackwardWeight(p, dw, x.values, dy.values, sum, 2)
				kerneltest.RequireSameBits(t, want, dw, what, sum)
			}
		}
	}
}

func TestInt8ConvBackwardDataIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	for i, p := range int8Shapes(rng) {
		filling, blocksY, blocksW := i%len(codesFillings), []int{1, p.N}[i%2], []int{1, p.OC}[i/2%2]
		what := fmt.Sprintf("%+v of codes %s", p, codesFillings[filling].name)
		dy := newCoded(rng, filling, blocksY, p.N*p.OC*p.OH()*p.OW(), 9)
		w := newCoded(rng, (i/3)%len(codesFillings), blocksW, p.OC*p.C*p.KH*p.KW, 6)
		lowest := slices.Min(w.exponents)
		sums := make([]int64, p.N*p.C*p.H*p.W)
		eachTerm(p, func(y, xi, wi int) {
			shift := exponentOf(w.exponents, wi/(p.C*p.KH*p.KW)) - lowest
			sums[xi] += int64(dy.codes[y]*w.codes[wi]) << shift
		})
		want := make([]float32, len(sums))
		for j, sum := range sums {
			want[j] = rounded(sum, exponentOf(dy.exponents, j/(p.C*p.H*p.W))+lowest)
		}
		for _, threads := range []int{1, 2, 5} {
			dx, check := kerneltest.Guarded[float32](len(want))
			done := ConvBackwardDataInt8(p, dx, dy.values, w.values, dy.exponents, w.exponents, threads)
			require.Equal(t, hasInt8(), done, what)
			if done {
				kerneltest.RequireSameBits(t, want, dx, what)
			}
			check(t)
		}
		if i%4 == 0 { // the kernels on float64 agree
			dx := make([]float32, len(want))
			ConvBackwardData(p, dx, dy.values, w.values, Whole, 2)
			kerneltest.RequireSameBits(t, want, dx, what)
		}
	}
}
