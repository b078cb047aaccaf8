package report

import (
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// format is the size of a drawing, in points that a page shows as its pixels, and how many ticks its axes have at most. A
// page holds each chart in two of them and shows the one that fits the screen.
type format struct {
	class          string
	width, height  vg.Length
	xTicks, yTicks int
	direct         bool // has room for names at the lines
}

var (
	wide   = format{class: "wide", width: 820, height: 350, xTicks: 8, yTicks: 6, direct: true}
	narrow = format{class: "narrow", width: 340, height: 250, xTicks: 4, yTicks: 5}
)

// lineHeight is the distance of the lines of text in a chart.
const lineHeight = 16

// chart is a line chart whose series have been placed.
type chart struct {
	*Lines
	traces []trace
	x, y   span
	whole  bool
}

func newChart(l *Lines) *chart {
	c := &chart{Lines: l, x: nowhere, y: nowhere, whole: whole(l.Series)}
	for _, s := range l.Series {
		t := l.trace(s)
		c.traces = append(c.traces, t)
		if !t.x.empty() {
			c.x = c.x.with(t.x.lo).with(t.x.hi)
		}
		if !t.y.empty() {
			c.y = c.y.with(t.y.lo).with(t.y.hi)
		}
	}
	for _, m := range l.Marks {
		if x, class := l.X.place(m.X); class == drawable {
			c.x = c.x.with(x)
		}
	}
	if !l.Y.Log && c.y.lo > 0 && c.y.lo < c.y.hi/3 {
		c.y.lo = 0 // where that costs little of the chart, heights can be compared
	}
	return c
}

// draw draws the chart in a format and tells whether the names of the series stand at their lines.
func (c *chart) draw(f format) (svg template.HTML, direct bool) {
	p := plot.New()
	p.BackgroundColor = nil
	x, y := c.X.scale(c.x, f.xTicks, true, c.whole), c.Y.scale(c.y, f.yTicks, false, false)
	dress(&p.X, x)
	dress(&p.Y, y)
	p.Y.Width, p.Y.Tick.Width = 0, 0 // the grid does
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	grid.Horizontal = draw.LineStyle{Color: inkGrid, Width: 1}
	p.Add(grid)

	target := newCanvas(f.width, f.height)
	surface := draw.New(target)
	names := endNames{chart: c}
	if f.direct && c.Legend == Direct && names.fit(f) {
		direct = true
		p.Add(names)
	}
	p.Add(newMarks(c, target, p.DataCanvas(surface)))
	for i := range c.traces {
		p.Add(curve{chart: c, index: i, target: target})
	}
	p.Draw(surface)
	return target.svg(f.class, fmt.Sprintf("Line chart: %s. %s against %s.", c.Title, orNumbers(c.Y), orNumbers(c.X))), direct
}

// orNumbers returns what an axis is called where it has no title.
func orNumbers(a Axis) string {
	if s := a.String(); s != "" {
		return s
	}
	return "values"
}

// dress gives an axis the looks of the page.
func dress(a *plot.Axis, s scale) {
	a.Min, a.Max, a.Tick.Marker = s.lo, s.hi, s
	a.Padding = 0
	a.LineStyle = draw.LineStyle{Color: inkQuiet, Width: 1}
	a.Tick.LineStyle, a.Tick.Length = a.LineStyle, 4
	a.Tick.Label.Color = inkQuiet
	a.Tick.Label.Font = chartFont
	a.Label.TextStyle.Font = chartFont
}

// chartFont measures like the fonts of the page's style for charts.
var chartFont = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 13}

// chartText returns the style of text in a chart.
func chartText(i ink) text.Style {
	return text.Style{Color: i, Font: chartFont, YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
}

// notes says what a reader of the chart has to know.
func (c *chart) notes() []string {
	var notes []string
	if c.Note != "" {
		notes = append(notes, c.Note)
	}
	for i, t := range c.traces {
		n := len(c.Series[i].Points)
		if n == 0 {
			notes = append(notes, c.Series[i].label(i)+": no points.")
		}
		low := "are below what can be drawn"
		if c.Y.Log {
			low = "are 0 or less, which has no logarithm"
		}
		for _, left := range []struct {
			count int
			why   string
		}{
			{t.count[below], low + " (▼)"},
			{t.count[above], "are infinite or beyond 10" + superscript.Replace(fmt.Sprint(math.Log10(reach))) + " (▲)"},
			{t.count[missing], "are not numbers, or have no place along the axis below"},
		} {
			if left.count > 0 {
				notes = append(notes, fmt.Sprintf("%s: %d of %d points %s.", c.Series[i].label(i), left.count, n, left.why))
			}
		}
	}
	return notes
}
