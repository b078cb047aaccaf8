package kernel

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// ConvBackwardWeightInt8 is ConvBackwardWeight on values that are codes of 8 bits times 2^xExponents and 2^dyExponents,
// by sample. The caller certifies that each sample's sum is a float32 number, or with Whole that sums over all samples
// are float64 numbers.
func ConvBackwardWeightInt8(p Conv, dw, x, dy []float32, xExponents, dyExponents []int, sum Sum, threads int) bool {
	p.check(len(x), len(dw), len(dy))
	if !hasInt8() || p.StrideW > 2 || p.OH()*p.OW() > int8Terms || !int8Powers(xExponents, dyExponents) {
		return false
	}
	p = p.flat()
	c := int8Gradient{Conv: p, dw: dw, x: x, dy: dy, xExponents: xExponents, dyExponents: dyExponents, double: sum == Whole, vectors: int8VectorsFor(p.OC)}
	tiles := (p.OC + c.lanes() - 1) / c.lanes()
	across := max(min(threads, tiles), 1)
	down := min(max(threads/across, 1), p.C)
	Parallel(across*down, 1, threads, func(lo, hi int) {
		local := getInt8Workspace()
		defer local.release()
		for i := lo; i < hi; i++ {
			part := weightGradient{
				oc: [2]int{tiles * (i % across) / across * c.lanes(), min(tiles*(i%across+1)/across*c.lanes(), p.OC)},
				c:  [2]int{p.C * (i / across) / down, p.C * (i/across + 1) / down},
			}
			c.run(local, part)
		}
	})
	return !c.bad.Load()
}

// int8Gradient is a convolution whose weight's gradient is computed from codes.
type int8Gradient struct {
	Conv
	dw, x, dy               []float32
	xExponents, dyExponents []int
	double                  bool // samples' sums are added in float64
	vectors                 int  // of 16 output channels, in a tile
	bad                     atomic.Bool
}

func (c *int8Gradient) lanes() int { return 16 * c.vectors }

// int8ErrorBytes is how many bytes of errors are multiplied with a block of inputs before the next block: totals and
// errors then stay in the nearest cache.
const int8ErrorBytes = 1 << 14

// run computes a part of the gradient. Errors become vectors of channels by quads of positions; inputs stay planes of
// codes, each of whose rows begins at an output's first place or, with a stride, at one of its columns' remainders.
func (c *int8Gradient) run(w *int8Workspace, part weightGradient) {
	p := c.Conv
	p.C = part.c[1] - part.c[0]
	g := forwardSource(p)
	g.rowStep = 1
	oh, ow, lanes := p.OH(), p.OW(), c.lanes()
	quads := (ow + 3) / 4
	places := oh * quads
	samples := min(max(int8ErrorBytes/(4*lanes*places), 1), p.N) // at a time
	channels := part.oc[1] - part.oc[0]
	tiles := (channels + lanes - 1) / lanes
	terms := p.C * p.KH * p.KW
	offsets := forwardOffsets(grow(&w.offsets, terms), p, &g)
	rows := (terms + 7) / 8 * 8

	fillWith(grow(&w.source, samples*g.size()), 128)
	clear(grow(&w.plain, lanes*4*places))
	clear(grow(&w.vectors, samples*4*lanes*places))
	corrections := grow(&w.corrections, samples*lanes)
	if c.double {
		clear(grow(&w.double, tiles*rows*lanes))
	} else {
		clear(grow(&w.single, tiles*rows*lanes))
	}
	scales := grow(&w.scales, samples)
	t := &w.outer
	t.quads, t.skip = quads, p.StrideH*g.groups*g.pitch-4*quads
	t.sampleSkip = g.size() - oh*(4*quads+t.skip)
	for n := 0; n < p.N && !c.bad.Load(); {
		order := c.next(w, n, samples)
		n += len(order)
		for s, sample := range order {
			x := c.x[(sample*c.C+part.c[0])*p.H*p.W : (sample*c.C+part.c[1])*p.H*p.W]
			w.planes(&g, w.source[s*g.size():], x, power(-exponentOf(c.xExponents, sample)), &c.bad)
			scales[s] = power(c.exponent(sample))
		}
		t.scale = float64(scales[len(order)-1])
		for tile := range tiles {
			first := part.oc[0] + tile*lanes
			count := min(lanes, part.oc[1]-first)
			for s, sample := range order {
				dy := c.dy[(sample*p.OC+first)*oh*ow : (sample*p.OC+first+count)*oh*ow]
				vectors := w.vectors[s*4*lanes*places:]
				w.errors(vectors, dy, count, lanes, oh, ow, power(-exponentOf(c.dyExponents, sample)), &c.bad)
				for v := range c.vectors {
					t.vectors, t.pitch, t.lines = unsafe.Pointer(&vectors[64*v]), 4*lanes, places
					t.output = unsafe.Pointer(&corrections[s*lanes+16*v])
					int8Negative(t)
				}
			}
			t.vectors, t.lines, t.left = unsafe.Pointer(&w.vectors[0]), oh, oh
			for row := 0; row < rows; row += 8 {
				if c.double {
					t.output, t.pitch = unsafe.Pointer(&w.double[(tile*rows+row)*lanes]), 8*lanes
				} else {
					t.output, t.pitch = unsafe.Pointer(&w.single[(tile*rows+row)*lanes]), 4*lanes
				}
				for i := range t.rows {
					t.rows[i] = unsafe.Pointer(&w.source[offsets[min(row+i, terms-1)]])
				}
				t.corrections, t.samples, t.done = unsafe.Pointer(&corrections[0]), len(order), 0
				t.scales, t.shifts = unsafe.Pointer(&scales[0]), unsafe.Pointer(&w.shifts[0])
				int8Outer(t, c.vectors, c.double)
			}
		}
	}
	for o := range channels {
		from := o/lanes*rows*lanes + o%lanes
		to := c.dw[((part.oc[0]+o)*c.C+part.c[0])*p.KH*p.KW:][:terms]
		for i := range to {
			if c.double {
				to[i] = float32(w.double[from+i*lanes])
			} else {
				to[i] = w.single[from+i*lanes]
			}
		}
	}
}

// exponent is that of a sample's products.
func (c *int8Gradient) exponent(sample int) int {
	return exponentOf(c.xExponents, sample) + exponentOf(c.dyExponents, sample)
}

// next lists the samples from n on that are summed at a time, at most so many. For totals in float64 these are as many as
// int32 has bits for, by falling exponents, and w gets the shifts between them.
func (c *int8Gradient) next(w *int8Workspace, n, most int) []int {
	order := grow(&w.order, 0)
	shifts := grow(&w.shifts, most)
	clear(shifts)
	lowest, highest := c.exponent(n), c.exponent(n)
	for sample := n; sample < min(n+most, c.N); sample++ {
		lowest, highest = min(lowest, c.exponent(sample)), max(highest, c.exponent(sample))
		if c.double && (len(order)+1)*c.OH()*c.OW() > int8Terms>>(highest-lowest) && len(order) > 0 {
			break
		}
		order = append(order, sample)
	}
	w.order = order
	if c.double {
		slices.SortFunc(order, func(i, j int) int { return c.exponent(j) - c.exponent(i) })
		for s := 1; s < len(order); s++ {
			shifts[s] = c.exponent(order[s-1]) - c.exponent(order[s])
		}
	}
	return order
}

// planes packs what terms read of a sample's planes, columns by their remainder to the stride, which is 1 or 2.
func (w *int8Workspace) planes(g *padded, dst []byte, sample []float32, scale float32, bad *atomic.Bool) {
	rows, columns := min(g.height, g.rows-g.top), min(g.width, g.columns-g.left)
	if rows <= 0 || columns <= 0 {
		return
	}
	p := &w.pack
	p.scales[0], p.flip = scale, 0
	layout := int8Straight
	if g.groups == 2 {
		layout = int8EvenOdd
	}
	for plane := range g.planes {
		p.src[0] = unsafe.Pointer(&sample[plane*g.height*g.width])
		p.dst = unsafe.Pointer(&dst[g.at(plane, g.top, g.left)])
		p.odd = unsafe.Pointer(&dst[g.at(plane, g.top, g.left+1)])
		p.extent(rows, columns, g.width, g.groups*g.pitch)
		int8Pack(p, layout)
		if p.wrong != 0 {
			bad.Store(true)
		}
	}
}

// errors packs a sample's errors of some channels as vectors of so many lanes: quads of neighbours in a row, channel by
// channel. Behind a row's end stand zeros.
func (w *int8Workspace) errors(dst []int8, dy []float32, channels, lanes, oh, ow int, scale float32, bad *atomic.Bool) {
	quads := (ow + 3) / 4
	places := oh * quads
	p := &w.pack
	p.scales[0], p.flip = scale, 128
	p.src[0], p.dst = unsafe.Pointer(&dy[0]), unsafe.Pointer(&w.plain[0])
	if ow%4 == 0 {
		p.extent(channels, oh*ow, oh*ow, 4*places)
	} else {
		p.extent(channels*oh, ow, ow, 4*quads)
	}
	int8Pack(p, int8Straight)
	if p.wrong != 0 {
		bad.Store(true)
	}
	// A quad moves as the float32 that has its bits.
	plain := unsafe.Slice((*float32)(unsafe.Pointer(&w.plain[0])), lanes*places)
	vectors := unsafe.Slice((*float32)(unsafe.Pointer(&dst[0])), lanes*places)
	transpose(vectors, lanes, plain, places, channels, places)
}
