package report

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The parts of a name at the end of a line: the distance from the chart, a piece of the line, and a gap before the text.
const (
	nameDistance = 8
	nameSample   = 16
	nameGap      = 5
)

// endNames writes the name of each series at the right of the chart, at the height where its line ends; names that would
// touch are moved apart.
type endNames struct{ *chart }

var (
	_ plot.Plotter    = endNames{}
	_ plot.GlyphBoxer = endNames{}
)

// width returns the room that the names take.
func (n endNames) width() vg.Length {
	var w vg.Length
	for _, s := range n.Series {
		w = max(w, chartText(inkText).Width(s.Name))
	}
	return nameDistance + nameSample + nameGap + w
}

// fit tells whether there is room for the names.
func (n endNames) fit(f format) bool {
	return n.width() <= 0.3*f.width && vg.Length(len(n.Series)*lineHeight) <= 0.8*f.height
}

// GlyphBoxes implements plot.GlyphBoxer: it keeps the room free.
func (n endNames) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: n.width()}}}}
}

// Plot implements plot.Plotter.
func (n endNames) Plot(area draw.Canvas, p *plot.Plot) {
	heights := make([]float64, len(n.Series))
	for i, t := range n.traces {
		heights[i] = float64(area.Min.Y)
		if len(t.runs) > 0 {
			run := t.runs[len(t.runs)-1]
			heights[i] = float64(area.Y(p.Y.Norm(run[len(run)-1].Y)))
		}
	}
	spread(heights, lineHeight, float64(area.Min.Y), float64(area.Max.Y))
	for i, s := range n.Series {
		if s.Name == "" {
			continue
		}
		x, y := area.Max.X+nameDistance, vg.Length(heights[i])
		area.StrokeLine2(curve{chart: n.chart, index: i}.style(), x, y, x+nameSample, y)
		area.FillText(chartText(inkText), vg.Point{X: x + nameSample + nameGap, Y: y}, s.Name)
	}
}

// spread moves heights as far apart as distance, keeps their order, and keeps them between lo and hi if they fit: the ones
// that are too near each other form a heap around their mean, and heaps that touch become one.
func spread(heights []float64, distance, lo, hi float64) {
	type heap struct {
		members []int
		middle  float64
	}
	order := make([]int, len(heights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if heights[a] < heights[b] {
			return -1
		} else if heights[a] > heights[b] {
			return 1
		}
		return 0
	})
	bound := func(h heap) heap {
		half := distance * float64(len(h.members)-1) / 2
		h.middle = max(min(h.middle, hi-half), lo+half)
		return h
	}
	var heaps []heap
	for _, i := range order {
		heaps = append(heaps, bound(heap{[]int{i}, heights[i]}))
		for k := len(heaps) - 1; k > 0; k-- {
			a, b := heaps[k-1], heaps[k]
			if b.middle-a.middle >= distance*float64(len(a.members)+len(b.members))/2 {
				break
			}
			both := heap{members: append(slices.Clone(a.members), b.members...)}
			for _, m := range both.members {
				both.middle += heights[m] / float64(len(both.members))
			}
			heaps = append(heaps[:k-1], bound(both))
		}
	}
	for _, h := range heaps {
		for k, m := range h.members {
			heights[m] = h.middle + distance*(float64(k)-float64(len(h.members)-1)/2)
		}
	}
}
