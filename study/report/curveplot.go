package report

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots is the largest number of points of a series that are drawn one by one, besides the line.
const dots = 16

// dense is the number of points from which on a line is thin.
const dense = 400

// curve draws a series.
type curve struct {
	*chart
	index  int
	target *canvas
}

var _ plot.Plotter = curve{}

// Plot implements plot.Plotter.
func (c curve) Plot(area draw.Canvas, p *plot.Plot) {
	t := c.traces[c.index]
	name := c.Series[c.index].label(c.index)
	if n := len(c.Series[c.index].Points); n > 0 {
		name += ", last " + Number(c.Series[c.index].Points[n-1].Y, 4)
	}
	c.target.group(name, func() {
		shown := 0
		for _, run := range t.runs {
			shown += len(run)
		}
		style := c.style()
		if shown >= dense {
			style.Width = 1.2
		}
		for _, run := range t.runs {
			c.run(area, p, run, style, shown <= dots)
		}
		for _, x := range t.below {
			c.triangle(area, area.X(p.X.Norm(x)), area.Min.Y, 1)
		}
		for _, x := range t.above {
			c.triangle(area, area.X(p.X.Norm(x)), area.Max.Y, -1)
		}
	})
}

// run draws a stretch without a gap.
func (c curve) run(area draw.Canvas, p *plot.Plot, run plotter.XYs, style draw.LineStyle, each bool) {
	points := make([]vg.Point, len(run))
	for i, at := range run {
		points[i] = vg.Point{X: area.X(p.X.Norm(at.X)), Y: area.Y(p.Y.Norm(at.Y))}
	}
	if len(points) > 1 {
		area.StrokeLines(style, points)
	}
	if each || len(points) == 1 {
		for _, at := range points {
			area.DrawGlyphNoClip(draw.GlyphStyle{Color: seriesInk(c.index), Radius: 3, Shape: draw.CircleGlyph{}}, at)
		}
	}
}

// style returns how the line of the series is drawn.
func (c curve) style() draw.LineStyle {
	return draw.LineStyle{Color: seriesInk(c.index), Width: 2, Dashes: seriesDash(c.index)}
}

// triangle draws a mark at an edge of the chart: it points down for direction 1 and up for -1.
func (c curve) triangle(area draw.Canvas, x, edge, direction vg.Length) {
	area.SetColor(seriesInk(c.index))
	var path vg.Path
	path.Move(vg.Point{X: x, Y: edge})
	path.Line(vg.Point{X: x - 5, Y: edge + direction*9})
	path.Line(vg.Point{X: x + 5, Y: edge + direction*9})
	path.Close()
	area.Fill(path)
}
