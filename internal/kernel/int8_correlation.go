package kernel

import (
	"slices"
	"sync/atomic"
	"unsafe"
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
func (c *int8Correlation) setWeights(w *int8Workspace, from int8Weights, taps []int8Tap) bool {
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
	for slot, in := range from.channels {
		if in < 0 {
			continue
		}
		for out := range c.m {
			block, shift := out, 0
			if from.bySource {
				block, shift = in, exponentOf(from.exponents, in)-lowest
			}
			inverse := power(-exponentOf(from.exponents, block))
			to := c.weights[((out/lanes*terms+slot/4*len(taps))*lanes+out%lanes)*4+slot%4:]
			values := from.values[out*from.outPitch+in*from.inPitch:]
			sum := int32(0)
			for t, tap := range taps {
				v := values[tap.weight] * inverse
				code := int8(v)
				if float32(code) != v {
					return false
				}
				to[t*lanes*4] = code
				sum += int32(code)
			}
			c.corrections[out] -= 128 * sum << shift
		}
	}
	return true
}

// setQuads lists the outputs of `lines` rows in w, whose sources are so many bytes apart.
func (c *int8Correlation) setQuads(w *int8Workspace, lines, columns, linePitch, columnPitch, outputPitch int) {
	first := len(w.segments)
	for line := range lines {
		for column := 0; column < columns; column += 4 {
			w.segments = append(w.segments, segment{line*linePitch + column*columnPitch, line*outputPitch + column, min(4, columns-column)})
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
func (c *int8Correlation) run(w *int8Workspace, out []float32, tileLo, tileHi int) {
	lanes, count := c.lanes(), 4/c.vectors
	scratch := grow(&w.scratch, lanes*4*count)
	t := &w.tile
	t.offsets = unsafe.Pointer(unsafe.SliceData(c.offsets))
	t.groups = unsafe.Pointer(unsafe.SliceData(c.groups))
	for first := 0; first < len(c.segments); first += count {
		segments := c.segments[first:min(first+count, len(c.segments))]
		full := len(segments) == count
		for s := range count {
			segment := segments[min(s, len(segments)-1)]
			t.bases[s] = unsafe.Pointer(&w.source[segment.base])
			full = full && segment.lanes == 4
		}
		for tile := tileLo; tile < tileHi; tile++ {
			channel := tile * lanes
			complete := full && channel+lanes <= c.m
			for s := range count {
				if complete {
					t.outputs[s] = unsafe.Pointer(&out[channel*c.area+segments[s].output])
				} else {
					t.outputs[s] = unsafe.Pointer(&scratch[4*s])
				}
			}
			t.pitch = 16 * count
			if complete {
				t.pitch = 4 * c.area
			}
			t.weights = unsafe.Pointer(&c.weights[channel*len(c.offsets)*4])
			t.corrections = unsafe.Pointer(&c.corrections[channel])
			t.scales = unsafe.Pointer(&w.scales[channel])
			t.count = len(c.groups)
			int8Tile(t, c.vectors, c.step)
			if complete {
				continue
			}
			for s, segment := range segments {
				for r := range min(lanes, c.m-channel) {
					copy(out[(channel+r)*c.area+segment.output:][:segment.lanes], scratch[(r*count+s)*4:])
				}
			}
		}
	}
}

// int8Samples spreads samples of so many tiles over threads, each with a workspace. It reports whether all went well.
func int8Samples(n, tiles, threads int, start func(w *int8Workspace, bad *atomic.Bool) sampleFunc) bool {
	parts := 1
	if n < threads {
		parts = min((threads+n-1)/n, tiles)
	}
	var bad atomic.Bool
	Parallel(n*parts, 1, threads, func(lo, hi int) {
		w := getInt8Workspace()
		defer w.release()
		sample := start(w, &bad)
		for i := lo; i < hi && !bad.Load(); i++ {
			part := i % parts
			sample(i/parts, tiles*part/parts, tiles*(part+1)/parts)
		}
	})
	return !bad.Load()
}

// fillBytes sets all bytes to the same value.
func fillBytes(s []byte, value byte) {
	for i := range s {
		s[i] = value
	}
}
