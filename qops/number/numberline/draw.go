package numberline

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a picture, and its colours.
const (
	width       = 9 * vg.Inch
	panelHeight = 2.2 * vg.Inch
)

var (
	ink   = color.RGBA{R: 0x1f, G: 0x4e, B: 0x79, A: 0xff}
	quiet = color.RGBA{R: 0xd8, G: 0xd8, B: 0xd8, A: 0xff}
)

// Draw draws the values of a format as "png" or "svg": as strokes on a line, the positive ones as strokes on a
// logarithmic line, and below each of these the distance to the next one, as a part of it.
func Draw(w io.Writer, f number.Format, kind string) error {
	values, err := Values(f)
	if err != nil {
		return err
	}
	panels := [][]*plot.Plot{{linear(f, values)}}
	if positive := above(values, 0); len(positive) > 1 {
		strokes, steps := logarithmic(positive), precision(positive)
		strokes.X.Min, strokes.X.Max = steps.X.Min, steps.X.Max
		panels = append(panels, []*plot.Plot{strokes}, []*plot.Plot{steps})
	}
	height := panelHeight * vg.Length(len(panels))
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch kind {
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	case "svg":
		canvas = vgsvg.New(width, height)
	default:
		return errors.Errorf("a picture is png or svg, not %q", kind)
	}
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: 4 * vg.Millimeter, PadTop: 3 * vg.Millimeter, PadBottom: 3 * vg.Millimeter, PadLeft: 3 * vg.Millimeter, PadRight: 6 * vg.Millimeter}
	for row, surfaces := range plot.Align(panels, tiles, draw.New(canvas)) {
		panels[row][0].Draw(surfaces[0])
	}
	_, err = canvas.WriteTo(w)
	return errors.WithStack(err)
}

// above returns those of the ascending values that are above least.
func above(values []float64, least float64) []float64 {
	for i, v := range values {
		if v > least {
			return values[i:]
		}
	}
	return nil
}

// linear draws all values where they lie.
func linear(f number.Format, values []float64) *plot.Plot {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%v: %d values from %.6g to %.6g", f, len(values), values[0], values[len(values)-1])
	if f.ScalesFrom() != number.FromFormat {
		p.Title.Text += ", in a block whose largest magnitude is 1"
	}
	p.Title.Padding = 2 * vg.Millimeter
	p.X.Label.Text = "value"
	p.Y.Min, p.Y.Max = 0, 1
	p.HideY()
	p.Add(strokes{values})
	pad(p, values)
	return p
}

// logarithmic draws positive values by their binary logarithms.
func logarithmic(positive []float64) *plot.Plot {
	logs := make([]float64, len(positive))
	for i, v := range positive {
		logs[i] = math.Log2(v)
	}
	p := plot.New()
	p.X.Label.Text = "positive values"
	p.X.Tick.Marker = powers{16}
	p.Y.Min, p.Y.Max = 0, 1
	p.HideY()
	p.Add(strokes{logs})
	pad(p, logs)
	return p
}

// precision draws the distance of each positive value to the next as a part of it, in a doubly logarithmic chart.
func precision(positive []float64) *plot.Plot {
	points := make(plotter.XYs, len(positive)-1)
	for i, v := range positive[:len(points)] {
		points[i] = plotter.XY{X: math.Log2(v), Y: math.Log2((positive[i+1] - v) / v)}
	}
	p := plot.New()
	p.X.Label.Text = "value"
	p.Y.Label.Text = "step / value"
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{16}, powers{8}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = quiet, quiet
	p.Add(grid, dots{points})
	pad(p, []float64{points[0].X, math.Log2(positive[len(points)])})
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, point := range points {
		lowest, highest = min(lowest, point.Y), max(highest, point.Y)
	}
	p.Y.Min, p.Y.Max = math.Floor(lowest)-0.5, math.Ceil(highest)+0.5
	return p
}

// pad makes the axis hold the values and a little more.
func pad(p *plot.Plot, values []float64) {
	lo, hi := values[0], values[len(values)-1]
	room := (hi - lo) / 50
	if room == 0 {
		room = 1
	}
	p.X.Min, p.X.Max = lo-room, hi+room
}

// powers are ticks of a binary logarithm, at powers of two.
type powers struct{ most int }

var _ plot.Ticker = powers{}

// Ticks returns about most ticks or fewer, at whole numbers, a power of two apart.
func (p powers) Ticks(lo, hi float64) []plot.Tick {
	apart := 1.0
	for (hi-lo)/apart > float64(p.most) {
		apart *= 2
	}
	var ticks []plot.Tick
	for at := math.Ceil(lo/apart) * apart; at <= hi; at += apart {
		ticks = append(ticks, plot.Tick{Value: at, Label: "2^" + strconv.Itoa(int(at))})
	}
	return ticks
}

// strokes are vertical lines. Of those that would lie on one another only the first is drawn.
type strokes struct{ x []float64 }

var _ plot.Plotter = strokes{}

// closest is the distance below which strokes and dots are one.
const closest = vg.Length(0.25)

// Plot draws the strokes.
func (s strokes) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	style := draw.LineStyle{Color: ink, Width: vg.Points(0.6)}
	last := vg.Length(math.Inf(-1))
	for _, v := range s.x {
		if x := toX(v); x-last >= closest {
			c.StrokeLine2(style, x, c.Min.Y, x, c.Max.Y)
			last = x
		}
	}
}

// dots are points, of which those that would lie on the one before are not drawn.
type dots struct{ at plotter.XYs }

var _ plot.Plotter = dots{}

// Plot draws the dots.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := draw.GlyphStyle{Color: ink, Radius: vg.Points(1.3), Shape: draw.CircleGlyph{}}
	last := vg.Point{X: vg.Length(math.Inf(-1))}
	for _, point := range d.at {
		at := vg.Point{X: toX(point.X), Y: toY(point.Y)}
		if math.Abs(float64(at.X-last.X)) >= float64(closest) || math.Abs(float64(at.Y-last.Y)) >= float64(closest) {
			c.DrawGlyph(style, at)
			last = at
		}
	}
}
