package kernel

import (
	"sync"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// sampleConv is a convolution, forward or backward for data, whose weight is packed: correlations of a sample's planes
// with zeros around them, whose results are put in place. Samples may be computed at the same time.
type sampleConv[E Float] struct {
	kernel       tileKernel
	source       padded
	copies       *paddedCopies[E]
	isSource     bool // a sample can stand for its copy
	m            int  // output channels
	rows         int  // of an output plane
	columns      int
	classes      []class // of the columns: a row of results holds one after the other
	width        int     // of a class
	reset        bool    // results start from zero
	correlations []correlation[E]
	packed       workspace[E] // the correlations' weights, distances and segments
}

// oneClass are the classes of columns that lie in their order.
var oneClass = []class{{}}

func (c *sampleConv[E]) panels() int { return (c.m + c.kernel.rows - 1) / c.kernel.rows }

// area is the number of results of a channel.
func (c *sampleConv[E]) area() int { return c.rows * c.width * len(c.classes) }

// lay says where the samples' copies and results lie.
func (c *sampleConv[E]) lay(source padded) {
	c.source, c.isSource = source, source.isSource(c.kernel.lanes, c.width)
	c.copies = copiesOf(source, source.size(), E(0))
}

// sampleRoom is what one goroutine computes samples in.
type sampleRoom[E Float] struct {
	*workspace[E]
	copy   *paddedCopy[E]
	filled int // the sample whose copy it is, or -1
}

func (c *sampleConv[E]) room() sampleRoom[E] {
	return sampleRoom[E]{getWorkspace[E](), c.copies.take(), -1}
}

func (c *sampleConv[E]) leave(r sampleRoom[E]) {
	r.release()
	c.copies.give(r.copy)
}

// runSample computes the channels of some panels of sample n of out from that of in.
func runSample[T, E Float](c *sampleConv[E], r *sampleRoom[E], out, in []T, n, panelLo, panelHi int) {
	inputs, outputs := c.source.planes*c.source.height*c.source.width, c.m*c.rows*c.columns
	sample, place := in[n*inputs:(n+1)*inputs], out[n*outputs:(n+1)*outputs]
	source, same := sameType[E](sample)
	if !same || !c.isSource {
		source = r.copy.elements
		if n != r.filled {
			fill(&c.source, source, sample)
			r.filled = n
		}
	}
	area := c.area()
	results, direct := sameType[E](place)
	if !direct || len(c.classes) > 1 {
		direct = false
		results = grow(&r.result, c.m*area)
	}
	lo, hi := panelLo*c.kernel.rows, min(panelHi*c.kernel.rows, c.m)
	if c.reset {
		clear(results[lo*area : hi*area])
	}
	for i := range c.correlations {
		c.correlations[i].run(r.workspace, results, source, panelLo, panelHi)
	}
	if !direct {
		plane := c.rows * c.columns
		join(place[lo*plane:hi*plane], results[lo*area:hi*area], c.classes, c.columns, c.width)
	}
}

// runSamples computes n samples, spread over threads.
func runSamples[T, E Float](c *sampleConv[E], out, in []T, n, threads int) {
	// Few samples are cut into parts of their panels.
	parts, panels := 1, c.panels()
	if n < threads {
		parts = min((threads+n-1)/n, panels)
	}
	parallel.For(n*parts, 1, threads, func(lo, hi int) {
		room := c.room()
		defer c.leave(room)
		for i := lo; i < hi; i++ {
			part := i % parts
			runSample(c, &room, out, in, i/parts, panels*part/parts, panels*(part+1)/parts)
		}
	})
}

var (
	sampleConvs32   = sync.Pool{New: func() any { return new(sampleConv[float32]) }}
	sampleConvs64   = sync.Pool{New: func() any { return new(sampleConv[float64]) }}
	sampleConvsPair = sync.Pool{New: func() any { return new(sampleConv[pair]) }}
)

func sampleConvsOf[E Float]() *sync.Pool {
	switch any(E(0)).(type) {
	case float32:
		return &sampleConvs32
	case float64:
		return &sampleConvs64
	}
	return &sampleConvsPair
}

func getSampleConv[E Float]() *sampleConv[E] { return sampleConvsOf[E]().Get().(*sampleConv[E]) }

func (c *sampleConv[E]) release() { sampleConvsOf[E]().Put(c) }
