package kernel

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ConvBackwardWeightInt8 is ConvBackwardWeight on values that are codes of 8 bits times 2^xExponents and 2^dyExponents,
// by sample. The caller certifies that each sample's sum is a float32 number, or with Whole that sums over all samples
// are float64 numbers.
func ConvBackwardWeightInt8(p Conv, dw, x, dy []float32, xExponents, dyExponents []int, sum Sum, threads int) bool {
	p.Check(len(x), len(dw), len(dy))
	if !hasInt8() || p.StrideW > 2 || p.OH()*p.OW() > int8Terms || !int8Powers(xExponents, dyExponents) {
		return false
	}
	c := int8GradientOf(p.flat(), sum == Whole)
	c.dw, c.x, c.dy, c.xExponents, c.dyExponents = dw, x, dy, xExponents, dyExponents
	return c.run(threads)
}

// int8Gradient is a convolution whose weight's gradient is computed from codes. Errors become vectors of channels by quads
// of positions; inputs stay planes of codes, each of whose rows begins at an output's first place or, with a stride, at one
// of its columns' remainders.
type int8Gradient struct {
	Conv
	dw, x, dy               []float32
	xExponents, dyExponents []int
	double                  bool           // samples' sums are added in float64
	vectors                 int            // of 16 output channels, in a tile
	source                  padded         // of a sample
	quads, places           int            // of a row of errors, and of a plane
	panels                  int            // of 8 terms
	most                    int            // samples that are packed at a time
	shared                  *int8Workspace // by all threads
	bad                     atomic.Bool
}

func int8GradientOf(p Conv, double bool) *int8Gradient {
	c := &int8Gradient{Conv: p, double: double, vectors: int8VectorsFor(p.OC), source: forwardSource(p)}
	c.source.rowStep = 1
	c.quads = (p.OW() + 3) / 4
	c.places = p.OH() * c.quads
	c.panels = (c.terms() + 7) / 8
	c.most = min(max(int8PackedBytes/(c.source.size()+c.tiles()*c.errorBytes()), 1), p.N)
	return c
}

func (c *int8Gradient) lanes() int { return 16 * c.vectors }
func (c *int8Gradient) tiles() int { return (c.OC + c.lanes() - 1) / c.lanes() }
func (c *int8Gradient) terms() int { return c.C * c.KH * c.KW }

// errorBytes is the size of a sample's vectors of errors, of a tile.
func (c *int8Gradient) errorBytes() int { return 4 * c.lanes() * c.places }

const (
	// int8PackedBytes is how many bytes of inputs and errors are packed before they are multiplied. Each thread packs some
	// samples and multiplies some channels of all of them, so that none is packed twice.
	int8PackedBytes = 1 << 19
	// int8ErrorBytes is how many bytes of errors are multiplied with a panel of inputs before the next panel: totals and
	// errors then stay in the nearest cache.
	int8ErrorBytes = 1 << 14
)

// int8Together are packed samples, from lo to hi, whose sums are added together.
type int8Together struct {
	lo, hi int
	scale  float64 // of the last one's products
}

// run computes the gradient. It reports whether all values are codes.
func (c *int8Gradient) run(threads int) bool {
	c.shared = getInt8Workspace()
	defer c.shared.release()
	g, tiles, lanes := &c.source, c.tiles(), c.lanes()
	forwardOffsets(grow(&c.shared.offsets, c.terms()), c.Conv, g)
	fillWith(grow(&c.shared.source, c.most*g.size()), 128)
	clear(grow(&c.shared.vectors, tiles*c.most*c.errorBytes()))
	grow(&c.shared.corrections, tiles*c.most*lanes)
	if c.double {
		clear(grow(&c.shared.double, tiles*c.panels*8*lanes))
	} else {
		clear(grow(&c.shared.single, tiles*c.panels*8*lanes))
	}
	pack, add := c.pack, c.add
	for n := 0; n < c.N && !c.bad.Load(); n += len(c.shared.order) {
		c.choose(n)
		parallel.For(len(c.shared.order), 1, threads, pack)
		parallel.For(tiles*c.panels, max(tiles*c.panels/16, 1), threads, add)
	}
	c.store(threads)
	return !c.bad.Load()
}

// pack packs the samples lo to hi of those that were chosen.
func (c *int8Gradient) pack(lo, hi int) {
	local := getInt8Workspace()
	defer local.release()
	lanes, area := c.lanes(), c.OH()*c.OW()
	clear(grow(&local.plain, lanes*4*c.places))
	t := &local.outer
	for s := lo; s < hi && !c.bad.Load(); s++ {
		n := c.shared.order[s]
		local.planes(&c.source, c.shared.source[s*c.source.size():], c.x[n*c.C*c.H*c.W:(n+1)*c.C*c.H*c.W], power(-exponentOf(c.xExponents, n)), &c.bad)
		for tile := range c.tiles() {
			first, at := tile*lanes, tile*c.most+s
			count := min(lanes, c.OC-first)
			vectors := c.shared.vectors[at*c.errorBytes() : (at+1)*c.errorBytes()]
			local.errors(vectors, c.dy[(n*c.OC+first)*area:(n*c.OC+first+count)*area], count, lanes, c.OH(), c.OW(), power(-exponentOf(c.dyExponents, n)), &c.bad)
			for v := range c.vectors {
				t.vectors, t.pitch, t.lines = unsafe.Pointer(&vectors[64*v]), 4*lanes, c.places
				t.output = unsafe.Pointer(&c.shared.corrections[at*lanes+16*v])
				int8Negative(t)
			}
		}
	}
}

// add adds the sums of the packed samples to the totals of the panels lo to hi, which are those of one tile after the other.
func (c *int8Gradient) add(lo, hi int) {
	if c.bad.Load() {
		return
	}
	local := getInt8Workspace()
	defer local.release()
	size, lanes := c.source.size(), c.lanes()
	t := &local.outer
	t.quads, t.skip, t.lines = c.quads, c.StrideH*c.source.groups*c.source.pitch-4*c.quads, c.OH()
	t.sampleSkip = size - c.OH()*(4*c.quads+t.skip)
	for _, together := range c.shared.together {
		t.samples, t.scale = together.hi-together.lo, together.scale
		t.scales, t.shifts = unsafe.Pointer(&c.shared.scales[together.lo]), unsafe.Pointer(&c.shared.shifts[together.lo])
		source := c.shared.source[together.lo*size:]
		for i := lo; i < hi; i++ {
			tile, row := i/c.panels, i%c.panels*8
			at := tile*c.most + together.lo
			t.vectors = unsafe.Pointer(&c.shared.vectors[at*c.errorBytes()])
			t.corrections = unsafe.Pointer(&c.shared.corrections[at*lanes])
			if c.double {
				t.output, t.pitch = unsafe.Pointer(&c.shared.double[i*8*lanes]), 8*lanes
			} else {
				t.output, t.pitch = unsafe.Pointer(&c.shared.single[i*8*lanes]), 4*lanes
			}
			for r := range t.rows {
				t.rows[r] = unsafe.Pointer(&source[c.shared.offsets[min(row+r, c.terms()-1)]])
			}
			t.left, t.done = t.lines, 0
			int8Outer(t, c.vectors, c.double)
		}
	}
}

// store rounds the totals, and puts them in their places.
func (c *int8Gradient) store(threads int) {
	terms, lanes := c.terms(), c.lanes()
	parallel.For(c.OC, 16, threads, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			from, to := o/lanes*c.panels*8*lanes+o%lanes, c.dw[o*terms:(o+1)*terms]
			for i := range to {
				if c.double {
					to[i] = float32(c.shared.double[from+i*lanes])
				} else {
					to[i] = c.shared.single[from+i*lanes]
				}
			}
		}
	})
}

// exponent is that of a sample's products.
func (c *int8Gradient) exponent(sample int) int {
	return exponentOf(c.xExponents, sample) + exponentOf(c.dyExponents, sample)
}

// choose lists the samples from n on that are packed at a time, and which of them are summed together.
func (c *int8Gradient) choose(n int) {
	c.shared.order, c.shared.together = c.shared.order[:0], c.shared.together[:0]
	grow(&c.shared.scales, c.most)
	clear(grow(&c.shared.shifts, c.most))
	end, most := min(n+c.most, c.N), max(int8ErrorBytes/c.errorBytes(), 1)
	for n < end {
		lo := len(c.shared.order)
		n += c.next(n, min(n+most, end))
		for s, sample := range c.shared.order[lo:] {
			c.shared.scales[lo+s] = power(c.exponent(sample))
		}
		c.shared.together = append(c.shared.together, int8Together{lo, len(c.shared.order), float64(c.shared.scales[len(c.shared.order)-1])})
	}
}

// next lists the samples from n on, but not beyond end, that are summed together, and returns how many these are. For totals
// in float64 they are as many as int32 has bits for, by falling exponents, with the shifts between them.
func (c *int8Gradient) next(n, end int) int {
	first := len(c.shared.order)
	lowest, highest := c.exponent(n), c.exponent(n)
	for sample := n; sample < end; sample++ {
		lowest, highest = min(lowest, c.exponent(sample)), max(highest, c.exponent(sample))
		if c.double && (sample-n+1)*c.OH()*c.OW() > int8Terms>>(highest-lowest) && sample > n {
			break
		}
		c.shared.order = append(c.shared.order, sample)
	}
	together := c.shared.order[first:]
	if c.double {
		slices.SortFunc(together, func(i, j int) int { return c.exponent(j) - c.exponent(i) })
		for s := 1; s < len(together); s++ {
			c.shared.shifts[first+s] = c.exponent(together[s-1]) - c.exponent(together[s])
		}
	}
	return len(together)
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
	Transpose(vectors, lanes, plain, places, channels, places)
}
