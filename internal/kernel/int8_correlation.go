package kernel

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// int8Correlation is the sum over terms of convolutions forward and backward, on codes: for each of m channels and each
// place of a grid of outputs, weights times codes of a source at fixed distances from the place's base. A term is a quad
// of source channels and a tap.
type int8Correlation struct {
	m           int // output channels
	vectors     int // of 16 channels, in a tile
	step        int // elements between the sources of neighbouring outputs
	area        int // elements from a channel of outputs to the next
	weights     []int8
	offsets     []int32
	groups      []int8Group
	corrections []int32
	segments    []segment // quads of outputs
	whole       int       // how many of these, the first ones, have 4 outputs
}

// int8Tap is a tap: its place in a plane of the source, in elements, and in the weights.
type int8Tap struct{ source, weight int }

// int8Weights are the weights of a correlation.
type int8Weights struct {
	values            []float32
	outPitch, inPitch int // elements from an output channel to the next, and from a source channel to the next
	exponents         []int
	bySource          bool  // exponents are those of source channels, else of output channels
	channels          []int // of the source, in their order there
	planeBytes        int   // of four channels of the source
}

// int8VectorsFor is the number of vectors in a tile for so many channels.
func int8VectorsFor(m int) int {
	if rest := m % 32; rest > 0 && rest <= 16 {
		return 1
	}
	return 2
}

func (c *int8Correlation) lanes() int { return 16 * c.vectors }

func (c *int8Correlation) tiles() int { return (c.m + c.lanes() - 1) / c.lanes() }

// setWeights packs the weights of some taps into w, and reports whether they are codes.
func (c *int8Correlation) setWeights(w *int8Workspace, from int8Weights, taps []int8Tap, threads int) bool {
	quads := len(from.channels) / 4
	lanes, terms := c.lanes(), quads*len(taps)
	c.weights = extend(&w.vectors, c.tiles()*terms*lanes*4)
	c.corrections = extend(&w.corrections, c.tiles()*lanes)
	c.offsets = extend(&w.offsets, terms)[:0]
	for quad := range quads {
		for _, tap := range taps {
			c.offsets = append(c.offsets, int32(quad*from.planeBytes+4*tap.source))
		}
	}
	c.groups = from.groups(len(taps))
	lowest := slices.Min(from.exponents)
	inverses := make([]float32, len(from.exponents))
	for i, e := range from.exponents {
		inverses[i] = power(-e)
	}
	var bad atomic.Bool
	parallel.For(c.m, 16, threads, func(lo, hi int) {
		for slot, in := range from.channels {
			if in < 0 {
				continue
			}
			for out := lo; out < hi; out++ {
				block, shift := out, 0
				if from.bySource {
					block, shift = in, exponentOf(from.exponents, in)-lowest
				}
				inverse := inverses[block%len(inverses)] // the only one, or the block's
				to := c.weights[((out/lanes*terms+slot/4*len(taps))*lanes+out%lanes)*4+slot%4:]
				values := from.values[out*from.outPitch+in*from.inPitch:]
				sum := int32(0)
				for t, tap := range taps {
					v := values[tap.weight] * inverse
					code := int8(v)
					if float32(code) != v {
						bad.Store(true)
						return
					}
					to[t*lanes*4] = code
					sum += int32(code)
				}
				c.corrections[out] -= 128 * sum << shift
			}
		}
	})
	return !bad.Load()
}

// setQuads lists the outputs of `lines` rows in w, whose sources are so many bytes apart: whole quads, then rows' ends.
func (c *int8Correlation) setQuads(w *int8Workspace, lines, columns, linePitch, columnPitch, outputPitch int) {
	first := len(w.segments)
	add := func(line, column int) {
		w.segments = append(w.segments, segment{line*linePitch + column*columnPitch, line*outputPitch + column, min(4, columns-column)})
	}
	for line := range lines {
		for column := 0; column+4 <= columns; column += 4 {
			add(line, column)
		}
	}
	c.whole = len(w.segments) - first
	for line := range lines {
		if columns%4 > 0 {
			add(line, columns/4*4)
		}
	}
	c.segments = w.segments[first:]
}

// groups are the runs of quads whose source channels have the same exponent. Exponents fall: sums are shifted between.
func (from *int8Weights) groups(taps int) []int8Group {
	var groups []int8Group
	last := 0
	for quad := 0; quad < len(from.channels); quad += 4 {
		e := 0
		if from.bySource {
			e = exponentOf(from.exponents, from.channels[quad])
		}
		if quad == 0 {
			groups = append(groups, int8Group{})
		} else if e != last {
			groups = append(groups, int8Group{shift: last - e})
		}
		last = e
		groups[len(groups)-1].terms += taps
	}
	return groups
}

// run computes the outputs of the channels of some tiles from one source, whose scales lie in w.
func (c *int8Correlation) run(w *int8Workspace, out []float32, source []byte, tileLo, tileHi int) {
	lanes, quads := c.lanes(), 4/c.vectors
	t := &w.tile
	t.source = unsafe.Pointer(unsafe.SliceData(source))
	t.offsets = unsafe.Pointer(unsafe.SliceData(c.offsets))
	t.groups, t.groupCount = unsafe.Pointer(unsafe.SliceData(c.groups)), len(c.groups)
	for tile := tileLo; tile < tileHi; tile++ {
		channel := tile * lanes
		t.weights = unsafe.Pointer(&c.weights[channel*len(c.offsets)*4])
		t.corrections, t.scales = unsafe.Pointer(&c.corrections[channel]), unsafe.Pointer(&w.scales[channel])
		done := 0
		if channel+lanes <= c.m && c.whole >= quads {
			done = c.whole / quads * quads
			t.segments, t.count = unsafe.Pointer(unsafe.SliceData(c.segments)), done/quads
			t.output, t.pitch = unsafe.Pointer(&out[channel*c.area]), 4*c.area
			int8Tile(t, c.vectors, c.step)
		}
		for ; done < len(c.segments); done += quads {
			c.runApart(w, out, channel, c.segments[done:min(done+quads, len(c.segments))])
		}
	}
}

// runApart computes quads of outputs that do not fill a tile, in memory of their own.
func (c *int8Correlation) runApart(w *int8Workspace, out []float32, channel int, segments []segment) {
	lanes, quads := c.lanes(), 4/c.vectors
	scratch := grow(&w.scratch, lanes*4*quads)
	for s := range quads {
		w.apart[s] = segment{base: segments[min(s, len(segments)-1)].base, output: 4 * s}
	}
	t := &w.tile
	t.segments, t.count = unsafe.Pointer(&w.apart), 1
	t.output, t.pitch = unsafe.Pointer(&scratch[0]), 16*quads
	int8Tile(t, c.vectors, c.step)
	for s, segment := range segments {
		for r := range min(lanes, c.m-channel) {
			copy(out[(channel+r)*c.area+segment.output:][:segment.lanes], scratch[(r*quads+s)*4:])
		}
	}
}
