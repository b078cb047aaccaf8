package kernel

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// int8SampleConv is sampleConv on codes of 8 bits, of one exponent in a sample.
type int8SampleConv struct {
	source       padded // planes of four channels
	copies       *paddedCopies[byte]
	order        int8Order
	channels     []int // of the source, in their order there; -1 for none
	inputs       int   // how many they are
	exponents    []int // of the weight
	bySource     bool  // those of source channels, else of output channels
	m            int   // output channels
	rows         int   // of an output plane
	columns      int
	classes      []class // of the columns: a row of results holds one after the other
	width        int     // of a class
	reset        bool    // results start from zero
	correlations []int8Correlation
	taps         []int8Tap
	packed       int8Workspace // the correlations' weights, distances, corrections and segments
}

var int8SampleConvs = sync.Pool{New: func() any { return new(int8SampleConv) }}

// lay says where the samples' copies lie, and reports whether the distances in one are small enough.
func (c *int8SampleConv) lay(source padded) bool {
	if source.int8Size() > maxSample {
		return false
	}
	c.source, c.copies = source, copiesOf(source, source.int8Size(), byte(128))
	return true
}

func (c *int8SampleConv) lanes() int { return 16 * int8VectorsFor(c.m) }

func (c *int8SampleConv) tiles() int { return (c.m + c.lanes() - 1) / c.lanes() }

// int8Room is what one goroutine computes samples in.
type int8Room struct {
	*int8Workspace
	copy   *paddedCopy[byte]
	filled int // the sample whose copy it is, or -1
}

func (c *int8SampleConv) room() int8Room { return int8Room{getInt8Workspace(), c.copies.take(), -1} }

func (c *int8SampleConv) leave(r int8Room) {
	r.release()
	c.copies.give(r.copy)
}

// runSample computes the channels of some tiles of sample n of out from that of in, whose exponent is given. It reports
// whether the sample's values are codes.
func (c *int8SampleConv) runSample(r *int8Room, out, in []float32, n, exponent, tileLo, tileHi int) bool {
	if n != r.filled {
		size := c.inputs * c.source.height * c.source.width
		if !r.quads(&c.source, r.copy.elements, c.channels, in[n*size:(n+1)*size], power(-exponent)) {
			return false
		}
		c.setScales(grow(&r.scales, c.tiles()*c.lanes()), exponent)
		r.filled = n
	}
	area, plane := c.rows*c.width*len(c.classes), c.rows*c.columns
	lo, hi := tileLo*c.lanes(), min(tileHi*c.lanes(), c.m)
	place := out[n*c.m*plane : (n+1)*c.m*plane]
	results, direct := place, len(c.classes) == 1
	if !direct {
		results = grow(&r.single, c.m*area)
	}
	if c.reset {
		clear(results[lo*area : hi*area])
	}
	for i := range c.correlations {
		c.correlations[i].run(r.int8Workspace, results, r.copy.elements, tileLo, tileHi)
	}
	if !direct {
		join(place[lo*plane:hi*plane], results[lo*area:hi*area], c.classes, c.columns, c.width)
	}
	return true
}

// setScales sets the step of every output channel's sums.
func (c *int8SampleConv) setScales(scales []float32, exponent int) {
	if c.bySource {
		step := power(exponent + slices.Min(c.exponents))
		for i := range scales {
			scales[i] = step
		}
		return
	}
	for o := range c.m {
		scales[o] = power(exponent + exponentOf(c.exponents, o))
	}
}

// runSamples computes n samples, spread over threads. It reports whether all went well.
func (c *int8SampleConv) runSamples(out, in []float32, exponents []int, n, threads int) bool {
	parts, tiles := 1, c.tiles()
	if n < threads {
		parts = min((threads+n-1)/n, tiles)
	}
	var bad atomic.Bool
	parallel.Share(n*parts, 1, threads, func(w *parallel.Work) {
		room := c.room()
		defer c.leave(room)
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			for i := lo; i < hi && !bad.Load(); i++ {
				part := i % parts
				if !c.runSample(&room, out, in, i/parts, exponentOf(exponents, i/parts), tiles*part/parts, tiles*(part+1)/parts) {
					bad.Store(true)
				}
			}
		}
	})
	return !bad.Load()
}
