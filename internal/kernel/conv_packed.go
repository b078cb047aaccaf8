package kernel

// PackedConv is a convolution, forward or backward for data, with its weight packed once for samples that are computed a
// few at a time. Its results are those of ConvForward and ConvBackwardData.
type PackedConv struct {
	shape  Conv
	data   bool // backward for data
	wide   bool // arithmetic in float64
	single sampleConv[float32]
	double sampleConv[float64]
}

// PackConvForward gives c the weight w of a forward convolution, whose sums are taken as told.
func PackConvForward[T Float](c *PackedConv, p Conv, w []T, sum Sum) {
	if c.take(p, false, len(w), size[T](), sum) {
		packForward(&c.double, p, w, sum)
	} else {
		packForward(&c.single, p, w, sum)
	}
}

// PackConvBackwardData gives c the weight w of a convolution whose gradient with respect to x is wanted.
func PackConvBackwardData[T Float](c *PackedConv, p Conv, w []T, sum Sum) {
	if c.take(p, true, len(w), size[T](), sum) {
		packBackwardData(&c.double, p, w, sum)
	} else {
		packBackwardData(&c.single, p, w, sum)
	}
}

// take notes what c is to compute, and returns whether it does so in float64.
func (c *PackedConv) take(p Conv, data bool, weights, bytes int, sum Sum) bool {
	p.Check(p.N*p.C*p.H*p.W, weights, p.N*p.OC*p.OH()*p.OW())
	c.shape, c.data, c.wide = p, data, bytes == 8 || sum == Whole
	return c.wide
}

// RunPackedConv computes the samples lo to hi of out from those of in: y from x, or dx from dy. Calls for other samples
// may run at the same time.
func RunPackedConv[T Float](c *PackedConv, out, in []T, lo, hi int) {
	c.shape.checkSamples(len(out), len(in), c.data)
	if c.wide {
		runSome(&c.double, out, in, lo, hi)
	} else {
		runSome(&c.single, out, in, lo, hi)
	}
}

func runSome[T, E Float](c *sampleConv[E], out, in []T, lo, hi int) {
	room := c.room()
	defer c.leave(room)
	for n := lo; n < hi; n++ {
		runSample(c, &room, out, in, n, 0, c.panels())
	}
}

// checkSamples panics unless the lengths are those of y and x, or of x and y for a gradient.
func (p Conv) checkSamples(out, in int, gradient bool) {
	x, y := p.N*p.C*p.H*p.W, p.N*p.OC*p.OH()*p.OW()
	if gradient {
		x, y = y, x
	}
	if out != y || in != x {
		panic(badLength)
	}
}

// PackedConvInt8 is PackedConv on codes of 8 bits, as ConvForwardInt8 and ConvBackwardDataInt8 are.
type PackedConvInt8 struct {
	shape Conv
	data  bool
	ready bool
	of    int8SampleConv
}

// PackForward takes the weight w of a forward convolution: codes times 2^exponents by output channel. It reports whether
// samples can be computed so.
func (c *PackedConvInt8) PackForward(p Conv, w []float32, exponents []int, threads int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.shape, c.data = p, false
	c.ready = int8Powers([]int{0}, exponents) && c.of.packForward(p, w, exponents, threads)
	return c.ready
}

// PackBackwardData is PackForward for the gradient with respect to x. The caller certifies what ConvBackwardDataInt8 asks.
func (c *PackedConvInt8) PackBackwardData(p Conv, w []float32, exponents []int, threads int) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	c.shape, c.data = p, true
	c.ready = int8Powers([]int{0}, exponents) && c.of.packBackwardData(p, w, exponents, threads)
	return c.ready
}

// Run computes sample n of out from that of in, codes times 2^exponent. It reports whether it did; where it did not, the
// sample holds anything. Calls for other samples may run at the same time.
func (c *PackedConvInt8) Run(out, in []float32, n, exponent int) bool {
	c.shape.checkSamples(len(out), len(in), c.data)
	if !c.ready || !int8Powers([]int{exponent}, c.of.exponents) {
		return false
	}
	room := c.of.room()
	defer c.of.leave(room)
	return c.of.runSample(&room, out, in, n, exponent, 0, c.of.tiles())
}
