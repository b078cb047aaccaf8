package report

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// markRows is the largest number of rows of labels over a chart. A label that finds no room has its line only; the table
// of numbers lists them all.
const markRows = 3

// marks draws the vertical lines of a chart, with their labels above it.
type marks struct {
	*chart
	target *canvas
	rows   int
	places []markPlace
}

// markPlace is where a label stands.
type markPlace struct {
	mark Mark
	at   float64 // place along the axis
	row  int     // counted from the chart upwards; -1 if there is no room
	left bool    // of the line
}

var (
	_ plot.Plotter    = marks{}
	_ plot.GlyphBoxer = marks{}
)

// markGap is the distance between a line and its label.
const markGap = 4

// newMarks finds places for the labels of a chart that is drawn in an area of the given width.
func newMarks(c *chart, target *canvas, area draw.Canvas) marks {
	m := marks{chart: c, target: target}
	x := c.X.scale(c.x, 1, true, false)
	var taken [markRows][]span
	for _, mark := range c.Marks {
		at, class := c.X.place(mark.X)
		if class != drawable {
			continue
		}
		line := float64(area.X((at - x.lo) / (x.hi - x.lo)))
		width := float64(chartText(inkQuiet).Width(mark.Label)) + markGap
		place := markPlace{mark: mark, at: at, row: -1}
		for row := 0; row < markRows && place.row < 0; row++ {
			for _, left := range []bool{false, true} {
				label := span{line, line + width}
				if left {
					label = span{line - width, line}
				}
				if label.lo >= float64(area.Min.X)-markGap && label.hi <= float64(area.Max.X)+markGap && free(taken[row], label) {
					taken[row] = append(taken[row], label)
					place.row, place.left = row, left
					m.rows = max(m.rows, row+1)
					break
				}
			}
		}
		m.places = append(m.places, place)
	}
	return m
}

// free tells whether a label touches none of those in its row.
func free(taken []span, label span) bool {
	for _, t := range taken {
		if label.lo < t.hi+markGap && t.lo < label.hi+markGap {
			return false
		}
	}
	return true
}

// GlyphBoxes implements plot.GlyphBoxer: it keeps room above the chart.
func (m marks) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: vg.Length(m.rows*lineHeight) + 2}}}}
}

// Plot implements plot.Plotter.
func (m marks) Plot(area draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: inkQuiet, Width: 1, Dashes: []vg.Length{3, 3}}
	top := func(place markPlace) vg.Length { return area.Max.Y + vg.Length((place.row+1)*lineHeight) }
	for _, place := range m.places { // all lines first: a label that one of them crosses covers it
		m.target.group(fmt.Sprintf("%s, at %s", place.mark.Label, Number(place.mark.X, 6)), func() {
			x := area.X(p.X.Norm(place.at))
			area.StrokeLine2(style, x, area.Min.Y, x, top(place))
		})
	}
	for _, place := range m.places {
		if place.row < 0 {
			continue
		}
		text := chartText(inkQuiet)
		at := vg.Point{X: area.X(p.X.Norm(place.at)) + markGap, Y: top(place) - lineHeight/2}
		if place.left {
			text.XAlign = draw.XRight
			at.X -= 2 * markGap
		}
		area.FillText(text, at, place.mark.Label)
	}
}
