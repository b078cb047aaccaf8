package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// BenchmarkBlockedConvs is the convolutions of a training step of ResNet-14, in planes and in blocks in turns, in float32 and
// on codes of 8 bits with exponents by sample and output channel. Speeds are medians of turns in processor time, "ratio"
// is the median of the turns' ratios, and "of step" what all of the net's of that shape take.
func BenchmarkBlockedConvs(b *testing.B) {
	const batch = 128
	shapes, times := resNet14Convs(batch)
	for i, p := range shapes {
		rng := rand.New(rand.NewPCG(1, 1))
		area, inArea := p.OH()*p.OW(), p.H*p.W
		x, w, dy := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.C*inArea), kerneltest.Data[float32](rng, kerneltest.Normal, p.OC*p.C*p.KH*p.KW), kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.OC*area)
		y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
		run := func(name string, planes, blocks func()) {
			b.Run(fmt.Sprintf("%dx%dx%d-%d-k%d-s%d/%s", p.C, p.H, p.W, p.OC, p.KH, p.StrideH, name), func(b *testing.B) {
				inTurns(b, 2*float64(p.multiplyAdds()), times[i], planes, blocks)
			})
		}
		bx, bdy := blocked(x, p.C, inArea), inBlocks(dy, p.OC, area)
		run("float32/forward", func() { ConvForward(p, y, x, w, Sequence, 1) }, func() { ConvForwardBlocked(p, y, bx, w, 1) })
		if i > 0 { // images need no gradient
			run("float32/data", func() { ConvBackwardData(p, dx, dy, w, Sequence, 1) }, func() { ConvBackwardDataBlocked(p, dx, bdy, w, 1) })
		}
		run("float32/weight", func() { ConvBackwardWeight(p, dw, x, dy, Sequence, 1) }, func() { ConvBackwardWeightBlocked(p, dw, bx, bdy, 1) })
		if i == 0 || !hasInt8Blocks() {
			continue
		}
		cx, cw, cy := newCoded(rng, 0, p.N, len(x), 3), newCoded(rng, 0, p.OC, len(w), 1), newCoded(rng, 0, p.N, len(dy), 3)
		ix, iy := cx.inBytes(p.C, inArea), cy.inBytes(p.OC, area)
		run("int8/forward", func() { ConvForwardInt8(p, y, cx.values, cw.values, cx.exponents, cw.exponents, 1) },
			func() { ConvForwardInt8Blocked(p, y, ix, cw.values, cx.exponents, cw.exponents, 1) })
		run("int8/data", func() { ConvBackwardDataInt8(p, dx, cy.values, cw.values, cy.exponents, cw.exponents, 1) },
			func() { ConvBackwardDataInt8Blocked(p, dx, iy, cw.values, cy.exponents, cw.exponents, 1) })
		run("int8/weight", func() {
			ConvBackwardWeightInt8(p, dw, cx.values, cy.values, cx.exponents, cy.exponents, Blockwise, 1)
		},
			func() { ConvBackwardWeightInt8Blocked(p, dw, ix, iy, cx.exponents, cy.exponents, Blockwise, 1) })
	}
}

// inTurns times two ways of the same work, of so many operations or 0, which occurs so often.
func inTurns(b *testing.B, work float64, times int, first, second func()) {
	var spent [2][]float64
	var ratios []float64
	for b.Loop() {
		var turn [2]float64
		for i, body := range []func(){first, second} {
			start := kerneltest.ProcessorTime()
			body()
			turn[i] = float64((kerneltest.ProcessorTime() - start).Nanoseconds())
			spent[i] = append(spent[i], turn[i])
		}
		ratios = append(ratios, turn[0]/math.Max(turn[1], 1))
	}
	median := func(x []float64) float64 {
		slices.Sort(x)
		return x[len(x)/2]
	}
	for i, name := range []string{"planes", "blocks"} {
		m := median(spent[i])
		if work > 0 {
			b.ReportMetric(work/m, name+"-Gop/cpu-s")
		}
		b.ReportMetric(m*float64(times)/1e6, name+"-cpu-ms-of-step")
	}
	b.ReportMetric(median(ratios), "ratio")
}
