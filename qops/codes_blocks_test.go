package qops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops/number"
)

// onEveryISA runs a test on every instruction set that there is.
func onEveryISA(t *testing.T, f func(t *testing.T)) {
	before := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(before)) })
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) == nil {
			t.Run(set, f)
		}
	}
}

func quantizer(format string) *Quantize {
	return &Quantize{Format: number.MustParse(format), ChannelAxis: 1, Stream: number.NewStream(3, format)}
}

// coded is an array in blocks with room for its codes.
func coded(shape []int) *Array {
	return &Array{Shape: shape, F32: make([]float32, size(shape)), Blocked: true, Coded: true, Bytes: make([]int8, size(shape))}
}

// Quantize nodes give on blocks the values, scales and counts that they give on planes, at once and by samples, and the
// codes: values as multiples of their blocks' units.
func TestQuantizeOnBlocks(t *testing.T) {
	shape := []int{3, 32, 4, 8}
	formats := []string{
		"fixed:w8f4,sr,sat", "fixed:w4f2,rne,sat", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,sr,sat",
		"bfp:w8e8,block=sample,sr,sym+qpytorch", "bfp:w8e8,block=sample,rne,sym+qpytorch",
		"bfp:w16e8,block=sample,sr,sat", "float:e4m3fn,sr,sat", "float:e2m1noinf,sr,sat", "posit:n8es1,rne",
	}
	onEveryISA(t, func(t *testing.T) {
		for i, format := range formats {
			for filling := range 5 {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(filling)))
				x := random(rng, shape...)
				for k := range x.F32 {
					switch n := k / (size(shape) / 3); {
					case filling == 1 && n == 1: // a sample of zeros
						x.F32[k] = float32(math.Copysign(0, float64(x.F32[k])))
					case filling == 2:
						x.F32[k] *= []float32{0x1p-140, 0x1p100, 1}[n]
					case filling == 3 && k == 77:
						x.F32[k] = float32(math.NaN())
					case filling == 4 && k == 3000:
						x.F32[k] = float32(math.Inf(1))
					}
				}
				what := fmt.Sprintf("%s, filling %d", format, filling)
				planes, blocks := quantizer(format), quantizer(format)
				c := &Call{In: []*Array{x}, Out: &Array{Shape: shape, F32: make([]float32, x.Size())}, Threads: 1, Execution: 5}
				operands, out, ok := TakesBlocks(planes, c)
				require.True(t, ok && out && operands[0], what)
				require.NoError(t, planes.Run(c))
				want := inBlocks(c.Out)

				b := &Call{In: []*Array{inBlocks(x)}, Out: coded(shape), Threads: 3, Execution: 5}
				b.Out.Coded, b.Out.Fleeting = blocks.TakesCodes(), blocks.DoesWithCodes() && filling%2 == 0
				check := func(what string) {
					requireSameArray(t, want, b.Out, what)
					require.True(t, slices.EqualFunc(c.Out.Grid.Scales.Step, b.Out.Grid.Scales.Step, func(x, y float64) bool { return x == y || x != x && y != y }), what)
					require.Equal(t, c.Out.Grid.Scales.Blocks, b.Out.Grid.Scales.Blocks, what)
					if b.Out.Coded && b.Out.hasBytes() && !b.Out.Grid.uncoded.Load() {
						requireCodes(t, b.Out, what)
					}
					requireDecodes(t, b.Out, what)
					require.Equal(t, b.Out.Coded && hasByteKernels() && !slices.ContainsFunc(want.F32, notFinite), b.Out.Coded && b.Out.hasBytes() && !b.Out.Grid.uncoded.Load(), what)
				}
				if filling == 2 { // units beyond those that codes can have
					check = func(what string) {
						requireSameArray(t, want, b.Out, what)
						requireDecodes(t, b.Out, what)
					}
				}
				require.NoError(t, blocks.Run(b))
				check(what)
				runner, _ := BySamples(blocks)
				if _, ok := runner.BySample(b); !ok {
					require.NotContains(t, format, "sample")
					continue
				}
				clear(b.Out.F32)
				clear(b.Out.Bytes)
				require.NoError(t, runner.BeginSamples(b))
				for _, n := range []int{2, 0} {
					require.NoError(t, runner.RunSamples(b, &View{}, n, min(n+2, 3)))
				}
				require.NoError(t, runner.EndSamples(b))
				check(what + ", by samples")
				runs, once := planes.Counts()
				again, twice := blocks.Counts()
				require.Equal(t, 2*runs, again)
				once.Add(once)
				require.Equal(t, once, twice, what)
			}
		}
	})
}

func notFinite(x float32) bool { return x-x != 0 }

// hasByteKernels reports whether codes are made at all on this processor.
func hasByteKernels() bool { return kernel.Int8Codes([]int8{0}, []float32{0}, 0) }

// requireCodes compares codes with the values that they are of.
func requireCodes(t *testing.T, a *Array, what string) {
	t.Helper()
	steps, unit := a.Grid.Scales.Step, unitExponent(a.Grid.Format)
	for i, v := range a.F32 {
		code := math.Ldexp(float64(v)/steps[i/(a.Size()/a.Shape[0])%len(steps)], -unit)
		if int8(code) != a.Bytes[i] || math.Trunc(code) != code {
			require.Failf(t, "another code", "%s: element %d is %d, wanted %v", what, i, a.Bytes[i], code)
		}
	}
}

// requireDecodes wants the values back from codes that stand for them alone.
func requireDecodes(t *testing.T, a *Array, what string) {
	t.Helper()
	if !a.Fleeting {
		return
	}
	decoded := &Array{Shape: a.Shape, F32: make([]float32, a.Size()), Blocked: true}
	stride := a.Size() / a.Shape[0]
	for n := range a.Shape[0] {
		a.decode(decoded.F32[n*stride:(n+1)*stride], n)
	}
	values := &Array{Shape: a.Shape, F32: slices.Clone(a.F32), Blocked: true}
	for i := range values.F32 {
		values.F32[i] += 0 // codes have one zero
	}
	requireSameArray(t, values, decoded, what+", decoded")
}

// What does not depend on the order of a sample's elements alone stays on planes.
func TestQuantizeNodesThatTakeNoBlocks(t *testing.T) {
	good := []int{2, 16, 4, 4}
	takes := func(o *Quantize, shape []int) bool {
		a := &Array{Shape: shape}
		_, _, ok := TakesBlocks(o, &Call{In: []*Array{a}, Out: a})
		return ok
	}
	for _, format := range []string{
		"float32", "int:w8,scale=max,rne,sat", "bfp:w8e8,block=channel,rne,sat", "bfp:w8e8,block=32,rne,sat", "bfp:w8e8,block=row,rne,sat",
		"mx:int8,scale=floor,rne,sat", "levels:16,optimal,rne", "bfp:w8e8,block=sample,sr,sat+swalp",
	} {
		require.False(t, takes(quantizer(format), good), format)
	}
	const format = "fixed:w8f4,sr,sat"
	require.True(t, takes(quantizer(format), good))
	require.False(t, takes(quantizer(format), []int{2, 17, 4, 4}))
	marked, given := quantizer(format), quantizer(format)
	marked.MarkClipped, given.Given = true, &number.Scales{}
	require.False(t, takes(marked, good))
	require.False(t, takes(given, good))
}

// Convolutions of quantized operands give on blocks the bits that they give on planes, with their codes and without, at
// once and by samples, in whichever way exponents let the sums be taken.
func TestConvolutionsOfCodesOnBlocks(t *testing.T) {
	shape := kernel.Conv{N: 3, C: 32, H: 4, W: 8, OC: 16, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	strided := shape
	strided.H, strided.W, strided.StrideH, strided.StrideW = 8, 8, 2, 2
	formats := [][2]string{
		{"bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat"},
		{"bfp:w8e8,rne,sat", "bfp:w8e8,rne,sat"},
		{"fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat"},
		{"bfp:w8e8,block=sample,rne,sym+qpytorch", "bfp:w8e8,block=channel,rne,sym+qpytorch"},
		{"bfp:w12e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat"},
		{"float:e2m1noinf,rne,sat", "float:e2m1noinf,rne,sat"},
		{"bfp:w16e8,block=sample,rne,sat", "bfp:w16e8,block=channel,rne,sat"},
	}
	in, again := map[Arithmetic]int{}, 0
	onEveryISA(t, func(t *testing.T) {
		for i, f := range formats {
			for spread := range 6 {
				for _, p := range []kernel.Conv{shape, strided} {
					for what := convForward; what <= convBackwardWeight; what++ {
						rng := rand.New(rand.NewPCG(uint64(i), uint64(spread)))
						made := func(format string, shape ...int) *Array {
							a, q := random(rng, shape...), quantizer(format)
							q.ChannelAxis = 0
							for k := range a.F32 { // exponents of samples and output channels some way apart
								block := k / (len(a.F32) / shape[0])
								a.F32[k] *= float32(math.Ldexp(1, block*7%5*[]int{0, 1, 3, 9, 40, 0}[spread]))
								if spread == 5 && k == 5 {
									a.F32[k] = float32(math.NaN())
								}
							}
							require.NoError(t, q.Run(&Call{In: []*Array{a}, Out: a, Threads: 1}))
							return a
						}
						x, y, w := made(f[0], p.N, p.C, p.H, p.W), made(f[0], p.N, p.OC, p.OH(), p.OW()), made(f[1], p.OC, p.C, p.KH, p.KW)
						operands, out := [3][2]*Array{{x, w}, {y, w}, {x, y}}[what], [3]*Array{y, x, w}[what]
						name := fmt.Sprintf("convolution %d of %v, spread %d, stride %d", what, f, spread, p.StrideW)
						planes := &Call{In: operands[:], Out: &Array{Shape: out.Shape, F32: make([]float32, out.Size())}, Threads: 2}
						require.NoError(t, (&Conv{what: what, Kernel: p}).Run(planes))
						want := planes.Out
						if what != convBackwardWeight {
							want = inBlocks(want)
						}
						for _, has := range []string{"values", "values and codes", "codes"} {
							op := &Conv{what: what, Kernel: p}
							c := &Call{Out: &Array{Shape: out.Shape, F32: make([]float32, out.Size()), Blocked: want.Blocked}, Threads: 3}
							for k, a := range operands {
								if k == 0 || what == convBackwardWeight {
									a = codedBlocks(a, has)
								}
								c.In = append(c.In, a)
							}
							require.NoError(t, op.Run(c))
							in[op.RanIn()]++
							requireSameArray(t, want, c.Out, name)
							if what == convBackwardWeight {
								continue
							}
							clear(c.Out.F32)
							if err := bySamplesOf(op, c); errors.Is(err, ErrWhole) {
								again++
								require.NoError(t, op.Run(c))
							} else {
								require.NoError(t, err)
							}
							requireSameArray(t, want, c.Out, name+", by samples")
						}
					}
				}
			}
		}
	})
	require.Greater(t, in[OfTensor], 50)
	require.Greater(t, in[Float64], 20)
	require.Greater(t, in[Int16], 5)
	if hasByteKernels() {
		require.Greater(t, in[Int8], 50)
	}
	require.Positive(t, again)
}

func bySamplesOf(op Op, c *Call) error {
	runner, _ := BySamples(op)
	if err := runner.BeginSamples(c); err != nil {
		return err
	}
	for n := range c.Out.Shape[0] {
		if err := runner.RunSamples(c, &View{}, n, n+1); err != nil {
			return err
		}
	}
	return runner.EndSamples(c)
}

// codedBlocks is a quantized array in blocks as its quantize node would give it.
func codedBlocks(a *Array, has string) *Array {
	b := inBlocks(a)
	b.Grid = a.Grid
	q := &Quantize{Format: a.Grid.Format}
	if has == "values" || !q.TakesCodes() {
		return b
	}
	b.Bytes, b.Fleeting = make([]int8, b.Size()), has == "codes" && q.DoesWithCodes()
	q.grid.Scales = a.Grid.Scales
	q.encode(b, 0, b.Shape[0])
	if b.Fleeting {
		for i := range b.F32 { // another tensor's
			b.F32[i] = float32(i)
		}
	} else if q.grid.uncoded.Load() {
		b.Bytes = nil
	}
	return b
}
