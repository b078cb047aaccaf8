package mac

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// floatMAC is the format of e bits of exponent and m of mantissa, the highest exponent for infinity and NaN.
func floatMAC(e, m int, limit Limit) Format {
	bias := 1<<(e-1) - 1
	high := math.Ldexp(2-math.Ldexp(1, -m), bias)
	return Format{Limit: limit, Rounds: true, Mantissa: m, MinExponent: 1 - bias, Low: -high, High: high}
}

func fixedMAC(width, fraction int) Format {
	step := math.Ldexp(1, -fraction)
	return Format{
		Limit: Saturated, Rounds: true, Mantissa: MaxWidth, MinExponent: MaxWidth - fraction,
		Low: -math.Ldexp(1, width-1) * step, High: (math.Ldexp(1, width-1) - 1) * step,
	}
}

func accumulatorMAC(width int) Format {
	return Format{Limit: Saturated, Low: -math.Ldexp(1, width-1), High: math.Ldexp(1, width-1) - 1}
}

// plainRounding rounds in rational arithmetic.
func (f Format) plainRounding(x float64) float64 {
	if x != x {
		return x
	}
	if !math.IsInf(x, 0) && x != 0 && f.Rounds {
		exponent := max(new(big.Float).SetFloat64(x).MantExp(nil)-1, f.MinExponent)
		unit := new(big.Rat).SetFloat64(math.Ldexp(1, exponent-f.Mantissa))
		q := new(big.Rat).SetFloat64(x)
		q.Quo(q, unit)
		twice := new(big.Rat).Add(new(big.Rat).Mul(q, big.NewRat(2, 1)), big.NewRat(1, 1))
		whole := kerneltest.Floor(twice.Quo(twice, big.NewRat(2, 1)))
		if difference := new(big.Rat).Sub(new(big.Rat).SetInt(whole), q); difference.Cmp(big.NewRat(1, 2)) == 0 && whole.Bit(0) == 1 {
			whole.Sub(whole, big.NewInt(1))
		}
		x, _ = q.Mul(new(big.Rat).SetInt(whole), unit).Float64()
	}
	if f.Limit != Unlimited && (x < f.Low || x > f.High) {
		limit := map[bool]float64{true: f.High, false: f.Low}[x > 0]
		if f.Limit == Infinite {
			limit = math.Inf(int(math.Copysign(1, x)))
		}
		x = limit
	}
	return x + 0
}

// plainOperation computes in exact arithmetic what one multiplier or adder gives: rounded to float32, then to the format.
func (f Format) plainOperation(x, y float32, exact func(z, x, y *big.Rat) *big.Rat, plain float32) float32 {
	if math.IsInf(float64(plain), 0) || plain != plain || math.IsInf(float64(x), 0) || math.IsInf(float64(y), 0) {
		return float32(f.plainRounding(float64(plain)))
	}
	z := exact(new(big.Rat), new(big.Rat).SetFloat64(float64(x)), new(big.Rat).SetFloat64(float64(y)))
	rounded, _ := z.Float32()
	return float32(f.plainRounding(float64(rounded)))
}

func (m Arithmetic) plainSum(terms [][2]float32) float32 {
	product := func(t [2]float32) float32 {
		return m.Product.plainOperation(t[0], t[1], (*big.Rat).Mul, t[0]*t[1])
	}
	add := func(x, y float32) float32 { return m.Sum.plainOperation(x, y, (*big.Rat).Add, x+y) }
	var total float32
	for len(terms) > 0 {
		n := min(m.Order.length(), len(terms))
		block := terms[:n]
		terms = terms[n:]
		switch m.Order {
		case InSequence:
			total = add(total, product(block[0]))
		case InBlocksOf8:
			var inner float32
			for _, t := range block {
				inner = add(inner, product(t))
			}
			total = add(total, inner)
		case InTreesOf16:
			level := make([]float32, 16)
			for i, t := range block {
				level[i] = product(t)
			}
			for len(level) > 1 {
				next := make([]float32, len(level)/2)
				for i := range next {
					next[i] = add(level[2*i], level[2*i+1])
				}
				level = next
			}
			total = add(total, level[0])
		}
	}
	return total
}

// minifloatFilling is made of numbers of a format, and now and then infinities and NaN.
func minifloatFilling(f Format, special bool) kerneltest.Filling {
	return kerneltest.Filling{Name: "minifloat", Fill: func(rng *rand.Rand) float64 {
		if special && rng.IntN(400) == 0 {
			return []float64{math.Inf(1), math.Inf(-1), math.NaN()}[rng.IntN(3)]
		}
		switch rng.IntN(8) {
		case 0:
			return []float64{f.Low, f.High}[rng.IntN(2)]
		case 1:
			return f.plainRounding(math.Ldexp(rng.NormFloat64(), f.MinExponent-f.Mantissa+1)) // subnormal
		case 2:
			return 0
		}
		return f.plainRounding(rng.NormFloat64() * math.Exp2(float64(rng.IntN(6)-3)))
	}}
}

var macCodes = kerneltest.Filling{Name: "codes", Fill: func(rng *rand.Rand) float64 {
	switch rng.IntN(4) {
	case 0:
		return -128
	case 1:
		return 127
	}
	return float64(rng.IntN(256) - 128)
}}

// smallCodes have products up to 64², and now and then one that is NaN.
var smallCodes = kerneltest.Filling{Name: "small codes", Fill: func(rng *rand.Rand) float64 {
	if rng.IntN(800) == 0 {
		return math.NaN()
	}
	return float64(rng.IntN(129) - 64)
}}

// macCase is a MAC with operands that suit it.
type macCase struct {
	name string
	Arithmetic
	filling kerneltest.Filling
}

func macCases() []macCase {
	e5m2, e6m5, e4m3 := floatMAC(5, 2, Saturated), floatMAC(6, 5, Saturated), floatMAC(4, 3, Saturated)
	cases := []macCase{
		{"e5m2 e6m5", Arithmetic{Product: e5m2, Sum: e6m5}, minifloatFilling(e5m2, true)},
		{"e5m2 e6m5 of anything", Arithmetic{Product: e5m2, Sum: e6m5}, kerneltest.Wild},
		{"e5m2 e6m5 infinite", Arithmetic{Product: floatMAC(5, 2, Infinite), Sum: floatMAC(6, 5, Infinite)}, minifloatFilling(e5m2, true)},
		{"e4m3 in e4m3", Arithmetic{Product: e4m3, Sum: e4m3}, minifloatFilling(e4m3, true)},
		{"e5m10", Arithmetic{Sum: floatMAC(5, 10, Saturated)}, minifloatFilling(e4m3, true)},
		{"e8m7", Arithmetic{Product: floatMAC(8, 7, Saturated), Sum: floatMAC(8, 7, Infinite)}, kerneltest.Wild},
		{"product alone", Arithmetic{Product: e5m2}, minifloatFilling(e5m2, true)},
		{"fixed", Arithmetic{Product: fixedMAC(8, 4), Sum: fixedMAC(12, 4)}, minifloatFilling(fixedMAC(6, 3), false)},
		{"fixed sum", Arithmetic{Sum: fixedMAC(24, 8)}, minifloatFilling(fixedMAC(8, 4), true)},
		{"fixed product", Arithmetic{Product: fixedMAC(16, 8), Sum: e6m5}, kerneltest.Normal},
		{"w16", Arithmetic{Sum: accumulatorMAC(16)}, macCodes},
		{"w20", Arithmetic{Sum: accumulatorMAC(20)}, macCodes},
		{"w20 of bounded products", Arithmetic{Sum: accumulatorMAC(20), Most: 128 * 128}, macCodes},
		{"w20 of bounded products, far from a limit", Arithmetic{Sum: accumulatorMAC(20), Most: 64 * 64}, smallCodes},
	}
	var all []macCase
	for _, c := range cases {
		for order, name := range []string{"sequence", "block8", "tree16"} {
			c := c
			c.name, c.Order = c.name+"/"+name, Order(order)
			all = append(all, c)
		}
	}
	return all
}

// termsOf collects the factors of every output of the plain forms: each function is called with one output after the other.
type macTerms map[int][][2]float32

func forwardTerms(p kernel.Conv, x, w []float32) macTerms {
	terms := macTerms{}
	visitConv(p, func(y, xi, wi int) {
		f := [2]float32{0, w[wi]}
		if xi >= 0 {
			f[0] = x[xi]
		}
		terms[y] = append(terms[y], f)
	})
	return terms
}

// visitConv calls visit with the places of each term's output, input (or -1) and weight, in the order (n, oc, i, j, c, kh, kw).
func visitConv(p kernel.Conv, visit func(y, x, w int)) {
	for n := range p.N {
		for o := range p.OC {
			for i := range p.OH() {
				for j := range p.OW() {
					for c := range p.C {
						for kh := range p.KH {
							for kw := range p.KW {
								h, v := i*p.StrideH-p.PadTop+kh*p.DilationH, j*p.StrideW-p.PadLeft+kw*p.DilationW
								x := -1
								if h >= 0 && h < p.H && v >= 0 && v < p.W {
									x = ((n*p.C+c)*p.H+h)*p.W + v
								}
								visit(((n*p.OC+o)*p.OH()+i)*p.OW()+j, x, ((o*p.C+c)*p.KH+kh)*p.KW+kw)
							}
						}
					}
				}
			}
		}
	}
}

func dataTerms(p kernel.Conv, dy, w []float32) macTerms {
	terms := macTerms{}
	for n := range p.N {
		for c := range p.C {
			for h := range p.H {
				for v := range p.W {
					at := ((n*p.C+c)*p.H+h)*p.W + v
					terms[at] = nil
					for o := range p.OC {
						for kh := range p.KH {
							for kw := range p.KW {
								i, j := h+p.PadTop-kh*p.DilationH, v+p.PadLeft-kw*p.DilationW
								if i%p.StrideH != 0 || j%p.StrideW != 0 {
									continue
								}
								i, j = i/p.StrideH, j/p.StrideW
								f := [2]float32{0, w[((o*p.C+c)*p.KH+kh)*p.KW+kw]}
								if i >= 0 && i < p.OH() && j >= 0 && j < p.OW() {
									f[0] = dy[((n*p.OC+o)*p.OH()+i)*p.OW()+j]
								}
								terms[at] = append(terms[at], f)
							}
						}
					}
				}
			}
		}
	}
	return terms
}

// weightTerms fills the last block of every sample with zeros, so that blocks do not reach into the next.
func weightTerms(p kernel.Conv, x, dy []float32, length int) macTerms {
	terms := macTerms{}
	area := p.OH() * p.OW()
	visitConv(p, func(y, xi, wi int) {
		f := [2]float32{0, dy[y]}
		if xi >= 0 {
			f[0] = x[xi]
		}
		terms[wi] = append(terms[wi], f)
		if y%area == area-1 {
			for range roundedUp(area, length) - area {
				terms[wi] = append(terms[wi], [2]float32{})
			}
		}
	})
	return terms
}

func randomMACShape(rng *rand.Rand) kernel.Conv {
	for {
		p := kernel.Conv{
			N: 1 + rng.IntN(2), C: 1 + rng.IntN(3), H: 1 + rng.IntN(5), W: 1 + rng.IntN(19), OC: 1 + rng.IntN(10), KH: 1 + rng.IntN(3), KW: 1 + rng.IntN(3),
			PadTop: rng.IntN(3), PadLeft: rng.IntN(3), PadBottom: rng.IntN(3), PadRight: rng.IntN(3),
			StrideH: 1 + rng.IntN(3), StrideW: 1 + rng.IntN(3), DilationH: 1 + rng.IntN(2), DilationW: 1 + rng.IntN(2),
		}
		if rng.IntN(2) == 0 {
			p.StrideH, p.StrideW, p.DilationH, p.DilationW = 1, 1, 1, 1
		}
		if p.OH() > 0 && p.OW() > 0 && p.H+p.PadTop+p.PadBottom > p.DilationH*(p.KH-1) && p.W+p.PadLeft+p.PadRight > p.DilationW*(p.KW-1) {
			return p
		}
	}
}

// checkMAC compares what run writes, under every instruction set, with the definition.
func checkMAC(t *testing.T, m Arithmetic, terms macTerms, what string, run func(out []float32)) {
	t.Helper()
	want := make([]float32, len(terms))
	for i := range want {
		want[i] = m.plainSum(terms[i])
	}
	before := isa.Name()
	defer func() { require.NoError(t, isa.Use(before)) }()
	for _, name := range isa.Names {
		if isa.Use(name) != nil {
			continue
		}
		got, check := kerneltest.Guarded[float32](len(want))
		run(got)
		kerneltest.RequireSameBits(t, want, got, name, what)
		check(t)
	}
}

// Every convolution's three products follow the definition in exact arithmetic: each term and each addition rounded.
func TestMACConvolutions(t *testing.T) {
	for i, c := range macCases() {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(71, uint64(i)))
			for range 2 {
				p := randomMACShape(rng)
				x := kerneltest.Data[float32](rng, c.filling, p.N*p.C*p.H*p.W)
				w := kerneltest.Data[float32](rng, c.filling, p.OC*p.C*p.KH*p.KW)
				dy := kerneltest.Data[float32](rng, c.filling, p.N*p.OC*p.OH()*p.OW())
				threads := 1 + rng.IntN(3)
				what := fmt.Sprintf("%+v", p)
				checkMAC(t, c.Arithmetic, forwardTerms(p, x, w), "forward "+what, func(y []float32) { ConvForward(p, y, x, w, c.Arithmetic, threads) })
				checkMAC(t, c.Arithmetic, dataTerms(p, dy, w), "data "+what, func(dx []float32) { ConvBackwardData(p, dx, dy, w, c.Arithmetic, threads) })
				checkMAC(t, c.Arithmetic, weightTerms(p, x, dy, c.Order.length()), "weight "+what, func(dw []float32) { ConvBackwardWeight(p, dw, x, dy, c.Arithmetic, threads) })
			}
		})
	}
}

func TestMACMatrixProducts(t *testing.T) {
	for i, c := range macCases() {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(72, uint64(i)))
			for transposed := range 4 {
				m, n, k := 1+rng.IntN(12), 1+rng.IntN(20), 1+rng.IntN(40)
				transA, transB := transposed%2 == 1, transposed/2 == 1
				a, b := kerneltest.Data[float32](rng, c.filling, m*k), kerneltest.Data[float32](rng, c.filling, k*n)
				terms := macTerms{}
				for i := range m {
					for j := range n {
						for l := range k {
							f := [2]float32{a[i*k+l], b[l*n+j]}
							if transA {
								f[0] = a[l*m+i]
							}
							if transB {
								f[1] = b[j*k+l]
							}
							terms[i*n+j] = append(terms[i*n+j], f)
						}
					}
				}
				threads := 1 + rng.IntN(3)
				checkMAC(t, c.Arithmetic, terms, fmt.Sprint(m, n, k, transA, transB), func(got []float32) {
					MatMul(got, a, b, m, n, k, transA, transB, c.Arithmetic, threads)
				})
			}
		})
	}
}

// The formats that people simulate run in assembly, those without a place for the number of 1.5·2^23 units do not.
func TestMACFormatsInAssembly(t *testing.T) {
	for _, c := range macCases() {
		slow := c.Product.Limit == Infinite || c.Sum.Limit == Infinite || c.Sum.MinExponent == -126 || c.Sum == fixedMAC(24, 8)
		require.Equal(t, !slow, newRule[float32](c.Arithmetic).fits, c.name)
		require.False(t, newRule[float64](c.Arithmetic).fits)
	}
}

// Sums that are known to be far from a limit are taken without it, and never a term too long: they climb to a limit and leave
// it, at every distance from the ends of pieces.
func TestMACLimitsOfBoundedProducts(t *testing.T) {
	const rows, columns, terms = 8, 16, 400
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(91, 92))
		a, b := make([]float32, rows*terms), make([]float32, terms*columns)
		for round := range 40 {
			length := 17 + rng.IntN(60) // of a way up or down
			for l := range terms {
				for i := range rows {
					a[i*terms+l] = -128
					if (l+i)/length%2 == 1 {
						a[i*terms+l] = 127
					}
				}
				for j := range columns {
					b[l*columns+j] = float32([]int{-128, -127, -128, 1, 64}[rng.IntN(2+round%4)])
				}
			}
			for width := 17; width <= 22; width++ {
				for _, order := range []Order{InSequence, InBlocksOf8} {
					m := Arithmetic{Sum: accumulatorMAC(width), Order: order, Most: 128 * 128}
					got := make([]float32, rows*columns)
					MatMul(got, a, b, rows, columns, terms, false, false, m, 1)
					limited := func(x int) int { return min(max(x, -1<<(width-1)), 1<<(width-1)-1) }
					for i := range rows {
						for j := range columns {
							total, inner := 0, 0
							for l := range terms {
								product := int(a[i*terms+l]) * int(b[l*columns+j])
								if order == InSequence {
									total = limited(total + product)
									continue
								}
								if inner = limited(inner + product); l%8 == 7 {
									total, inner = limited(total+inner), 0
								}
							}
							require.Equal(t, float32(total), got[i*columns+j], "width %d, row %d, column %d, length %d", width, i, j, length)
						}
					}
				}
			}
		}
	})
}

// Sums that need more than 24 bits are taken in float64, and saturate where they do.
func TestMACWideAccumulator(t *testing.T) {
	const n = 8
	a, b, got := make([]float64, n), make([]float64, n), make([]float64, 1)
	for i := range n {
		a[i], b[i] = 32767, 32767
	}
	a[n-1] = -1
	for _, c := range []struct {
		terms int
		want  float64
	}{{2, 2 * 32767 * 32767}, {3, 1<<31 - 1}, {8, 1<<31 - 1 - 32767}} {
		from := n - c.terms
		if c.terms < n { // without the negative term
			from = 0
		}
		MatMul(got, a[from:from+c.terms], b[:c.terms], 1, 1, c.terms, false, false, Arithmetic{Sum: accumulatorMAC(32)}, 1)
		require.Equal(t, c.want, got[0])
	}
}

// Sums wrap as integers do, whole vectors and what is left of them, at every step that is taken.
func TestSumsWrap(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(73, 1))
		for _, exponent := range []int{-125, -10, 0, 60, 103} {
			step := float32(math.Ldexp(1, exponent))
			require.True(t, WrapsStep(step))
			for _, width := range []int{2, 8, 16, 24, 25, 32} {
				n := rng.IntN(60)
				sums, check := kerneltest.Guarded[float32](n)
				totals, want, wrapped := make([]int32, n), make([]int32, n), make([]float32, n)
				for i := range sums {
					code := rng.IntN(1<<25+1) - 1<<24
					if rng.IntN(3) == 0 {
						code = []int{-1 << 24, 1 << 24, 1 << (width - 1) & (1<<24 - 1), -1, 0}[rng.IntN(5)]
					}
					sums[i], totals[i] = float32(code)*step, int32(rng.Uint32())
					want[i] = totals[i] + int32(code)
					modulus := new(big.Int).Lsh(big.NewInt(1), uint(width))
					rest := new(big.Int).Mod(big.NewInt(int64(code)), modulus)
					if rest.Bit(width-1) == 1 {
						rest.Sub(rest, modulus)
					}
					wrapped[i] = float32(rest.Int64()) * step
				}
				AddSums(totals, sums, step)
				require.Equal(t, want, totals)
				WrapSums(sums, step, width)
				kerneltest.RequireSameBits(t, wrapped, sums, exponent, width)
				check(t)
			}
		}
	})
	for _, step := range []float32{0, 3, 0x1p-126, 0x1p126, float32(math.Inf(1)), float32(math.NaN())} {
		require.False(t, WrapsStep(step))
	}
}

func benchmarkMAC(b *testing.B, m Arithmetic) {
	p := kernel.Conv{N: 8, C: 32, H: 16, W: 16, OC: 32, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	rng := rand.New(rand.NewPCG(1, 2))
	x, w, y := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Normal, p.OC*p.C*9), make([]float32, p.N*p.OC*p.H*p.W)
	macs := float64(len(y) * p.C * 9)
	for _, pass := range []struct {
		name string
		run  func()
	}{
		{"forward", func() { ConvForward(p, y, x, w, m, 1) }},
		{"data", func() { ConvBackwardData(p, x, y, w, m, 1) }},
		{"weight", func() { ConvBackwardWeight(p, w, x, y, m, 1) }},
	} {
		b.Run(pass.name, func(b *testing.B) {
			for b.Loop() {
				pass.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/macs, "ns/MAC")
		})
	}
}

func BenchmarkMACRounded(b *testing.B) {
	benchmarkMAC(b, Arithmetic{Product: floatMAC(5, 2, Saturated), Sum: floatMAC(6, 5, Saturated)})
}

func BenchmarkMACSaturated(b *testing.B) {
	benchmarkMAC(b, Arithmetic{Sum: accumulatorMAC(20), Most: 128 * 128})
}

func BenchmarkMACSaturatedUnbounded(b *testing.B) {
	benchmarkMAC(b, Arithmetic{Sum: accumulatorMAC(20)})
}

func BenchmarkMACTrees(b *testing.B) {
	benchmarkMAC(b, Arithmetic{Product: floatMAC(5, 2, Saturated), Sum: floatMAC(6, 5, Saturated), Order: InTreesOf16})
}
