package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
	"github.com/halftone-go/halftone/internal/kernel/round"
)

// The layers of ResNet-14 with their batch norms and residual sums, forward and backward, by the kernels alone: what lies
// between two reductions over the batch runs sample by sample, as segments of the machine do.

// stepKernels are a step's kernels in planes or in blocks; slices are samples.
type stepKernels struct {
	blocks             bool
	order              func(channels, area int) philox.Order
	sum                func(area int, x []float32, result []float64)
	dot                func(area int, x, y []float32, result []float64)
	squares            func(area int, x []float32, center []float32, result []float64)
	normalise, scale   func(area int, out, x, p, q []float32)
	normaliseGradient  func(area int, out, d, y, p, q, r []float32)
	forward, data      func(p Conv, out, in, w []float32)
	weight             func(p Conv, dw, x, dy []float32)
	int8Forward        func(l *stepLayer)
	int8Data           func(l *stepLayer)
	int8Weight         func(l *stepLayer)
	quantizeActivation func(l *stepLayer, n int)
	quantizeError      func(l *stepLayer, n int)
}

func eachPlane(area, n int, body func(c, lo, hi int)) {
	for c := range n / area {
		body(c, c*area, (c+1)*area)
	}
}

func planeKernels() *stepKernels {
	k := &stepKernels{
		order: func(channels, area int) philox.Order { return philox.Order{Channels: channels, Area: area} },
		sum: func(area int, x []float32, result []float64) {
			eachPlane(area, len(x), func(c, lo, hi int) { result[c] += PlaneSum(x[lo:hi]) })
		},
		dot: func(area int, x, y []float32, result []float64) {
			eachPlane(area, len(x), func(c, lo, hi int) { result[c] += PlaneDot(x[lo:hi], y[lo:hi]) })
		},
		squares: func(area int, x []float32, center []float32, result []float64) {
			eachPlane(area, len(x), func(c, lo, hi int) { result[c] += PlaneSquares(x[lo:hi], float64(center[c])) })
		},
		normalise: func(area int, out, x, p, q []float32) {
			eachPlane(area, len(x), func(c, lo, hi int) { Normalise(out[lo:hi], x[lo:hi], p[c], q[c]) })
		},
		scale: func(area int, out, x, p, q []float32) {
			eachPlane(area, len(x), func(c, lo, hi int) { ScaleShift(out[lo:hi], x[lo:hi], p[c], q[c]) })
		},
		normaliseGradient: func(area int, out, d, y, p, q, r []float32) {
			eachPlane(area, len(d), func(c, lo, hi int) { NormaliseGradient(out[lo:hi], d[lo:hi], y[lo:hi], p[c], q[c], r[c]) })
		},
		forward: func(p Conv, y, x, w []float32) { ConvForward(p, y, x, w, Sequence, 1) },
		data:    func(p Conv, dx, dy, w []float32) { ConvBackwardData(p, dx, dy, w, Sequence, 1) },
		weight:  func(p Conv, dw, x, dy []float32) { ConvBackwardWeight(p, dw, x, dy, Sequence, 1) },
		int8Forward: func(l *stepLayer) {
			ConvForwardInt8(l.p, l.y, l.from.act, l.w, l.from.actExponents, l.wExponents, 1)
		},
		int8Data: func(l *stepLayer) {
			ConvBackwardDataInt8(l.p, l.dx, l.dy, l.w, l.dyExponents, l.wExponents, 1)
		},
		int8Weight: func(l *stepLayer) {
			ConvBackwardWeightInt8(l.p, l.dw, l.from.act, l.dy, l.from.actExponents, l.dyExponents, Blockwise, 1)
		},
	}
	k.quantizeActivation = func(l *stepLayer, n int) { l.quantize(k, l.act, l.actExponents, n) }
	k.quantizeError = func(l *stepLayer, n int) { l.quantize(k, l.dy, l.dyExponents, n) }
	return k
}

func eachBlock(area, n int, body func(c, lo, hi int)) {
	for b := range n / area / 16 {
		body(16*b, b*area*16, (b+1)*area*16)
	}
}

func blockKernels() *stepKernels {
	add := func(result []float64, c int, s *BlockSums) {
		for i, v := range s {
			result[c+i] += v
		}
	}
	of := func(p []float32, c int) *BlockScalars { return (*BlockScalars)(p[c:]) }
	k := &stepKernels{
		blocks: true,
		order:  func(int, int) philox.Order { return philox.Order{} },
		sum: func(area int, x []float32, result []float64) {
			eachBlock(area, len(x), func(c, lo, hi int) {
				var s BlockSums
				s.Sum(x[lo:hi])
				add(result, c, &s)
			})
		},
		dot: func(area int, x, y []float32, result []float64) {
			eachBlock(area, len(x), func(c, lo, hi int) {
				var s BlockSums
				s.Dot(x[lo:hi], y[lo:hi])
				add(result, c, &s)
			})
		},
		squares: func(area int, x []float32, center []float32, result []float64) {
			eachBlock(area, len(x), func(c, lo, hi int) {
				var s, centers BlockSums
				for i := range centers {
					centers[i] = float64(center[c+i])
				}
				s.Squares(x[lo:hi], &centers)
				add(result, c, &s)
			})
		},
		normalise: func(area int, out, x, p, q []float32) {
			eachBlock(area, len(x), func(c, lo, hi int) { BlockNormalise(out[lo:hi], x[lo:hi], of(p, c), of(q, c)) })
		},
		scale: func(area int, out, x, p, q []float32) {
			eachBlock(area, len(x), func(c, lo, hi int) { BlockScaleShift(out[lo:hi], x[lo:hi], of(p, c), of(q, c)) })
		},
		normaliseGradient: func(area int, out, d, y, p, q, r []float32) {
			eachBlock(area, len(d), func(c, lo, hi int) {
				BlockNormaliseGradient(out[lo:hi], d[lo:hi], y[lo:hi], of(p, c), of(q, c), of(r, c))
			})
		},
		forward: func(p Conv, y, x, w []float32) { ConvForwardBlocked(p, y, x, w, 1) },
		data:    func(p Conv, dx, dy, w []float32) { ConvBackwardDataBlocked(p, dx, dy, w, 1) },
		weight:  func(p Conv, dw, x, dy []float32) { ConvBackwardWeightBlocked(p, dw, x, dy, 1) },
		int8Forward: func(l *stepLayer) {
			ConvForwardInt8Blocked(l.p, l.y, l.from.actCodes, l.w, l.from.actExponents, l.wExponents, 1)
		},
		int8Data: func(l *stepLayer) {
			ConvBackwardDataInt8Blocked(l.p, l.dx, l.dyCodes, l.w, l.dyExponents, l.wExponents, 1)
		},
		int8Weight: func(l *stepLayer) {
			ConvBackwardWeightInt8Blocked(l.p, l.dw, l.from.actCodes, l.dyCodes, l.from.actExponents, l.dyExponents, Blockwise, 1)
		},
	}
	k.quantizeActivation = func(l *stepLayer, n int) {
		l.quantize(k, l.act, l.actExponents, n)
		// The codes beside the values, by the kernel that packs them.
		size := len(l.act) / l.p.N
		pack := int8PackArgs{src: [4]unsafe.Pointer{unsafe.Pointer(&l.act[n*size])}, dst: unsafe.Pointer(&l.actCodes[n*size]), flip: 128}
		pack.scales[0] = power(-l.actExponents[n])
		pack.extent(1, size, size, size)
		int8Pack(&pack, int8Straight)
	}
	k.quantizeError = func(l *stepLayer, n int) {
		size := len(l.dy) / l.p.N
		x := l.dy[n*size : (n+1)*size]
		g, random := l.grid(k, x, l.dyExponents, n, size)
		round.Codes(l.dyCodes[n*size:(n+1)*size], x, g, round.Stochastic, random)
	}
	return k
}

// stepLayer is a convolution, its batch norm and the ReLU behind.
type stepLayer struct {
	p                                    Conv
	from                                 *stepLayer
	w, dw                                []float32
	y, normalised, out, act              []float32
	dAct, dOut, dNormalised, dy, dx      []float32
	actCodes, dyCodes                    []int8
	actExponents, dyExponents            []int
	wExponents                           []int
	mean, invstd, gamma, beta, zero      []float32
	meanError, meanProduct               []float32
	residual                             *stepLayer
	sums, products, channelSums, squares []float64
}

// grid is that of 8 bits with an exponent for the sample, and where its random bits are.
func (l *stepLayer) grid(k *stepKernels, x []float32, exponents []int, n, size int) (round.Grid, round.Random) {
	e := -20
	if m := round.MaxAbs(x); m > 0 {
		e = math.Ilogb(float64(m)) - 6
	}
	exponents[n] = e
	return round.Grid{Step: math.Ldexp(1, e), Lo: -128, Hi: 127}, round.Random{Order: k.order(l.p.OC, l.p.OH()*l.p.OW()), Start: n * size, Bits: 16}
}

func (l *stepLayer) quantize(k *stepKernels, x []float32, exponents []int, n int) {
	size := len(x) / l.p.N
	x = x[n*size : (n+1)*size]
	g, random := l.grid(k, x, exponents, n, size)
	round.Values(x, x, g, round.Stochastic, random)
}

func stepNet(batch int) []*stepLayer {
	rng := rand.New(rand.NewPCG(1, 1))
	images := &stepLayer{p: Conv{OC: 3}, act: kerneltest.Data[float32](rng, kerneltest.Normal, batch*3*32*32)}
	var net []*stepLayer
	layer := func(from *stepLayer, size, oc, k, stride int) *stepLayer {
		c, pad := from.p.OC, k/2
		p := Conv{N: batch, C: c, H: size, W: size, OC: oc, KH: k, KW: k, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad, StrideH: stride, StrideW: stride, DilationH: 1, DilationW: 1}
		n := batch * oc * p.OH() * p.OW()
		l := &stepLayer{p: p, from: from, w: make([]float32, oc*c*k*k), dw: make([]float32, oc*c*k*k), dx: make([]float32, len(from.act))}
		l.wExponents = make([]int, oc)
		for i := range l.wExponents {
			l.wExponents[i] = -9 + i%2
		}
		for i := range l.w { // codes
			code := max(-128, min(127, math.Round(rng.NormFloat64()*40)))
			l.w[i] = float32(math.Ldexp(code, l.wExponents[i/(c*k*k)]))
		}
		for _, s := range []*[]float32{&l.y, &l.normalised, &l.out, &l.act, &l.dAct, &l.dOut, &l.dNormalised, &l.dy} {
			*s = make([]float32, n)
		}
		l.actCodes, l.dyCodes, l.actExponents, l.dyExponents = make([]int8, n), make([]int8, n), make([]int, batch), make([]int, batch)
		for _, s := range []*[]float32{&l.mean, &l.invstd, &l.gamma, &l.beta, &l.zero, &l.meanError, &l.meanProduct} {
			*s = make([]float32, oc)
		}
		for _, s := range []*[]float64{&l.sums, &l.products, &l.channelSums, &l.squares} {
			*s = make([]float64, oc)
		}
		for i := range l.gamma {
			l.gamma[i] = 1 + float32(i)/64
		}
		net = append(net, l)
		return l
	}
	last := layer(images, 32, 16, 3, 1)
	size := 32
	for stage, oc := range []int{16, 32, 64} {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			in := last
			first := layer(in, size, oc, 3, stride)
			residual := in
			if stride == 2 {
				residual = layer(in, size, oc, 1, 2)
			}
			size /= stride
			last = layer(first, size, oc, 3, 1)
			last.residual = residual
		}
	}
	return net
}

func means(result []float64, count int, to []float32) {
	for i := range to {
		to[i] = float32(result[i] / float64(count))
	}
	clear(result)
}

// step runs forward and backward. codes says whether activations and errors are quantized to 8 bits.
func (k *stepKernels) step(net []*stepLayer, codes bool) {
	for _, l := range net {
		batch, area, size := l.p.N, l.p.OH()*l.p.OW(), len(l.y)/l.p.N
		if l.from.actExponents == nil || !codes {
			k.forward(l.p, l.y, l.from.act, l.w)
		} else {
			k.int8Forward(l)
		}
		if l.p.KW == 1 {
			continue
		}
		samples := func(body func(n, lo, hi int)) {
			for n := range batch {
				body(n, n*size, (n+1)*size)
			}
		}
		samples(func(_, lo, hi int) { k.sum(area, l.y[lo:hi], l.sums) })
		means(l.sums, batch*area, l.mean)
		samples(func(_, lo, hi int) { k.squares(area, l.y[lo:hi], l.mean, l.squares) })
		means(l.squares, batch*area, l.invstd)
		for i, v := range l.invstd {
			l.invstd[i] = float32(1 / math.Sqrt(float64(v)+1e-5))
		}
		samples(func(n, lo, hi int) {
			k.normalise(area, l.normalised[lo:hi], l.y[lo:hi], l.mean, l.invstd)
			k.scale(area, l.out[lo:hi], l.normalised[lo:hi], l.gamma, l.beta)
			switch {
			case l.residual == nil:
			case l.residual.p.KW == 1:
				Add(l.out[lo:hi], l.out[lo:hi], l.residual.y[lo:hi])
			default:
				Add(l.out[lo:hi], l.out[lo:hi], l.residual.act[lo:hi])
			}
			ReLU(l.act[lo:hi], l.out[lo:hi])
			if codes {
				k.quantizeActivation(l, n)
			}
			clear(l.dAct[lo:hi])
		})
	}
	last := net[len(net)-1]
	copy(last.dAct, last.normalised)
	for i := len(net) - 1; i >= 0; i-- {
		l := net[i]
		batch, area, size := l.p.N, l.p.OH()*l.p.OW(), len(l.y)/l.p.N
		samples := func(body func(n, lo, hi int)) {
			for n := range batch {
				body(n, n*size, (n+1)*size)
			}
		}
		if l.p.KW == 1 {
			samples(func(n, lo, hi int) {
				copy(l.dy[lo:hi], l.dAct[lo:hi])
				if codes {
					k.quantizeError(l, n)
				}
			})
		} else {
			samples(func(_, lo, hi int) {
				ReLUGradient(l.dOut[lo:hi], l.dAct[lo:hi], l.out[lo:hi])
				if l.residual != nil {
					Add(l.residual.dAct[lo:hi], l.residual.dAct[lo:hi], l.dOut[lo:hi])
				}
				k.sum(area, l.dOut[lo:hi], l.sums) // beta's gradient
				k.dot(area, l.dOut[lo:hi], l.normalised[lo:hi], l.products)
				k.scale(area, l.dNormalised[lo:hi], l.dOut[lo:hi], l.gamma, l.zero)
				k.sum(area, l.dNormalised[lo:hi], l.channelSums)
				k.dot(area, l.dNormalised[lo:hi], l.normalised[lo:hi], l.squares)
			})
			clear(l.sums)
			clear(l.products)
			means(l.channelSums, batch*area, l.meanError)
			means(l.squares, batch*area, l.meanProduct)
			samples(func(n, lo, hi int) {
				k.normaliseGradient(area, l.dy[lo:hi], l.dNormalised[lo:hi], l.normalised[lo:hi], l.meanError, l.meanProduct, l.invstd)
				if codes && i > 0 {
					k.quantizeError(l, n)
				}
			})
		}
		if codes && i > 0 {
			k.int8Weight(l)
			k.int8Data(l)
		} else {
			k.weight(l.p, l.dw, l.from.act, l.dy)
			if i > 0 {
				k.data(l.p, l.dx, l.dy, l.w)
			}
		}
		if i > 0 {
			Add(l.from.dAct, l.from.dAct, l.dx)
		}
	}
}

func TestStepInBlocksIsTheOneInPlanes(t *testing.T) {
	planes, blocks := stepNet(3), stepNet(3)
	for _, codes := range []bool{false, true} {
		if codes && !hasInt8Blocks() {
			continue
		}
		planeKernels().step(planes, codes)
		blockKernels().step(blocks, codes)
		for i, l := range planes {
			require.NotZero(t, round.MaxAbs(l.dw))
			kerneltest.RequireSameBits(t, l.dw, blocks[i].dw, "layer ", i, codes)
		}
	}
}

// BenchmarkBlockedStep is such a step of 128 images, in planes and in blocks in turns.
func BenchmarkBlockedStep(b *testing.B) {
	for _, codes := range []bool{false, true} {
		if codes && !hasInt8Blocks() {
			continue
		}
		name := "float32"
		if codes {
			name = "int8"
		}
		b.Run(name, func(b *testing.B) {
			planes, blocks := stepNet(128), stepNet(128)
			first, second := planeKernels(), blockKernels()
			inTurns(b, 0, 1, func() { first.step(planes, codes) }, func() { second.step(blocks, codes) })
		})
	}
}
