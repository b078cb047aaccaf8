package kernel

import "unsafe"

// correlation is the sum over terms that convolutions forward and backward have in common: for each of m channels and
// each place of a grid of outputs, weights times elements of a source at fixed distances from the place's base.
type correlation[E Float] struct {
	kernel   tileKernel
	m        int       // output channels
	area     int       // elements from a channel of outputs to the next
	weights  []E       // panels of kernel.rows channels: terms × rows
	offsets  []int32   // of the terms, in elements
	terms    int       // of a block
	add      bool      // blocks' sums are added to the output, which starts at +0
	segments []segment // all outputs of a channel
}

// segment is a row's piece of outputs.
type segment struct{ base, output, lanes int }

// appendSegments appends the segments of `lines` rows of outputs, whose bases and outputs are so far apart.
func appendSegments(s []segment, lanes, lines, columns, basePitch, outputPitch int) []segment {
	for line := range lines {
		for column := 0; column < columns; column += lanes {
			s = append(s, segment{line*basePitch + column, line*outputPitch + column, min(lanes, columns-column)})
		}
	}
	return s
}

func (c *correlation[E]) panels() int { return (c.m + c.kernel.rows - 1) / c.kernel.rows }

// run computes the outputs of the channels of some panels from one source.
func (c *correlation[E]) run(w *workspace[E], out, source []E, panelLo, panelHi int) {
	rows, count, lanes := c.kernel.rows, c.kernel.segments, c.kernel.lanes
	bytes := size[E]()
	scratch := grow(&w.scratch, rows*count*lanes)
	t := &w.tile
	t.offsets = unsafe.Pointer(unsafe.SliceData(c.offsets))
	t.terms, t.start = c.terms, startZero
	blocks := len(c.offsets) / c.terms
	if c.add {
		t.start = startAdd
	}
	for first := 0; first < len(c.segments); first += count {
		segments := c.segments[first:min(first+count, len(c.segments))]
		for s := range count {
			t.bases[s] = unsafe.Pointer(&source[segments[min(s, len(segments)-1)].base])
		}
		for panel := panelLo; panel < panelHi; panel++ {
			channel := panel * rows
			whole := channel+rows <= c.m
			complete := whole && len(segments) == count
			for s := range count {
				if whole && s < len(segments) && segments[s].lanes == lanes {
					t.outputs[s], t.pitches[s] = unsafe.Pointer(&out[channel*c.area+segments[s].output]), c.area*bytes
					continue
				}
				complete = false
				t.outputs[s], t.pitches[s] = unsafe.Pointer(&scratch[s*lanes]), count*lanes*bytes
			}
			if !complete && c.add {
				clear(scratch)
			}
			t.weights = unsafe.Pointer(&c.weights[channel*len(c.offsets)])
			t.blocks = blocks
			c.kernel.run(t)
			if complete {
				continue
			}
			for s, segment := range segments {
				if whole && segment.lanes == lanes {
					continue
				}
				for r := range min(rows, c.m-channel) {
					copy(out[(channel+r)*c.area+segment.output:][:segment.lanes], scratch[(r*count+s)*lanes:])
				}
			}
		}
	}
}
