package graph

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

var _ watcher = (*comparison)(nil)

// compared is a step of a program beside that of its reference.
type compared struct {
	got, want *step
	kept      bool // its memory serves no other tensor
	bySamples bool // a segment or a stage takes some samples at a time through it
	// counted is what both quantize nodes had counted before the run.
	counted [2]count
	seen    atomic.Int64

	mutex sync.Mutex
	first *difference
}

// difference is where two tensors differ first.
type difference struct {
	index, count int // count is that of all elements that differ
	got, want    float64
}

// count is what a quantize node has counted.
type count struct {
	runs  uint64
	stats number.Stats
}

func countOf(s *step) (c count) {
	if q, ok := s.op.(*qops.Quantize); ok {
		c.runs, c.stats = q.Counts()
	}
	return c
}

// since is what was counted since an earlier count.
func (c count) since(before count) count {
	c.runs -= before.runs
	c.stats.Count -= before.stats.Count
	c.stats.Clipped -= before.stats.Clipped
	c.stats.Underflowed -= before.stats.Underflowed
	c.stats.NaN -= before.stats.NaN
	c.stats.Inf -= before.stats.Inf
	return c
}

// begin forgets the last run.
func (s *compared) begin() {
	s.counted = [2]count{countOf(s.got), countOf(s.want)}
	s.seen.Store(0)
	s.first = nil
}

// ran implements watcher.
func (c *comparison) ran(of *step, lo, hi int, _ time.Duration) {
	s := c.of[of.node]
	out := of.call.Out
	if out.Size() == 0 {
		return // it stays inside of a kernel
	}
	if s == nil {
		return // an input in another layout
	}
	if s.bySamples && qops.Reduces(of.op) { // it is there behind the last sample
		if s.seen.Add(int64(hi-lo)) > 0 && lo == hi {
			s.compare(out, 0, out.Size())
		}
		return
	}
	if lo == hi {
		return // behind the last sample the memory may hold another tensor already
	}
	s.seen.Add(int64(hi - lo))
	perSample := out.Size()
	if len(out.Shape) > 0 {
		perSample /= out.Shape[0]
	}
	s.compare(out, lo*perSample, hi*perSample)
}

// compare compares the elements from lo to hi of the tensor in one of its layouts. Where all of them are compared at once, nothing that was found before
// counts: a step that ran by rows may run again as a whole.
func (s *compared) compare(got *qops.Array, lo, hi int) {
	d := firstDifference(got, s.want.call.Out, lo, hi)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case hi-lo == s.want.call.Out.Size():
		s.first = d
	case d == nil:
	case s.first == nil:
		s.first = d
	default:
		count := s.first.count + d.count
		if d.index < s.first.index {
			s.first = d
		}
		s.first.count = count
	}
}

// firstDifference returns nil where the elements from lo to hi have the same bits, or are NaN in both.
func firstDifference(got, want *qops.Array, lo, hi int) *difference {
	if got.Blocked {
		return firstOtherInBlocks(got, want, lo, hi)
	}
	if got.F64 != nil {
		return firstOther(got.F64, want.F64, lo, hi, math.Float64bits)
	}
	return firstOther(got.F32, want.F32, lo, hi, math.Float32bits)
}

func firstOther[T qops.Float, B comparable](got, want []T, lo, hi int, bits func(T) B) *difference {
	var d *difference
	for i := lo; i < hi; i++ {
		g, w := got[i], want[i]
		if bits(g) == bits(w) || g != g && w != w {
			continue
		}
		if d == nil {
			d = &difference{index: i, got: float64(g), want: float64(w)}
		}
		d.count++
	}
	return d
}

// firstOtherInBlocks is firstOther of some samples of a tensor in blocks.
func firstOtherInBlocks(got, want *qops.Array, lo, hi int) *difference {
	planes := make([]float32, hi-lo)
	for i := lo; i < hi; i++ {
		planes[got.PlainIndex(i)-lo] = got.F32[i]
	}
	d := firstOther(planes, want.F32[lo:hi], 0, hi-lo, math.Float32bits)
	if d != nil {
		d.index += lo
	}
	return d
}

// verdict says in what the step was not the reference's. What fused kernels keep to themselves is not looked at, unless
// it outlives the run.
func (s *compared) verdict() error {
	out := s.want.call.Out
	if s.seen.Load() == 0 && s.kept {
		s.compare(s.got.call.Out, 0, out.Size())
	}
	if d := s.first; d != nil {
		return errors.Errorf("element %d of %d is %x and should be %x (%d differ)", d.index, out.Size(), d.got, d.want, d.count)
	}
	if s.seen.Load() == 0 {
		return nil
	}
	if got, want := countOf(s.got).since(s.counted[0]), countOf(s.want).since(s.counted[1]); got != want {
		return errors.Errorf("it counts %+v and should count %+v", got, want)
	}
	if _, ok := s.got.op.(*qops.Quantize); !ok || s.want.call.Out.Grid == nil {
		return nil
	}
	return sameGrid(s.got.call.Out.Grid, s.want.call.Out.Grid)
}

// sameGrid compares what a quantize node knows of its values.
func sameGrid(gotGrid, wantGrid *qops.Grid) error {
	if gotGrid == nil {
		return errors.New("it has no grid")
	}
	g, w := &gotGrid.Scales, &wantGrid.Scales
	if !slices.EqualFunc(g.Step, w.Step, sameNumber) || !slices.Equal(g.Zero, w.Zero) || !slices.EqualFunc(g.Points, w.Points, sameNumber) {
		return errors.Errorf("its scales are %s and should be %s", scaleText(g), scaleText(w))
	}
	if !slices.Equal(gotGrid.Clipped, wantGrid.Clipped) {
		return errors.New("other elements are marked as clipped")
	}
	if gotGrid.Codes != nil && wantGrid.Codes != nil {
		if d := firstDifference(gotGrid.Codes, wantGrid.Codes, 0, wantGrid.Codes.Size()); d != nil {
			return errors.Errorf("code %d is %v and should be %v", d.index, d.got, d.want)
		}
	}
	return nil
}

func sameNumber(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// scaleText is a few of the scales in hexadecimal.
func scaleText(s *number.Scales) string {
	return fmt.Sprintf("%x %v %x", s.Step[:min(4, len(s.Step))], s.Zero[:min(4, len(s.Zero))], s.Points[:min(4, len(s.Points))])
}

// describe names a tensor for an error about it.
func (c *comparison) describe(s *compared, what error) string {
	p := c.program
	point := p.placed.info[s.got.node].point
	form := "before its quantize node"
	switch q := p.placed.quantize[s.got.node]; {
	case q != nil:
		form = "quantized to " + q.Format.String()
	case p.placed.format[s.got.node].IsFloat32():
		form = "not quantized"
	}
	use := ""
	if point.Use != "" {
		use = string(point.Use) + ", "
	}
	return fmt.Sprintf("tensor %s (layer %s, op %s, role %s, %s%s): %v", point.Name, point.Layer, point.Op, point.Role, use, form, what)
}
