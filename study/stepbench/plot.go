package stepbench

import (
	"fmt"
	"image/color"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// What a picture of profiles shows, and how large.
const (
	plotShare  = 0.01 // of the step, at least, of a row that has a bar
	plotWidth  = 10 * vg.Inch
	barHeight  = 0.22 * vg.Inch
	panelExtra = 1.1 * vg.Inch // for title and axis
	barPart    = 0.7           // of a row's height
)

var (
	takenColour = color.RGBA{R: 0xb8, G: 0xc9, B: 0xd9, A: 0xff}
	boundColour = color.RGBA{R: 0x1f, G: 0x4e, B: 0x79, A: 0xff}
)

// Label names the row's kind of op.
func (r ProfileRow) Label() string {
	label := strings.Join(strings.Fields(r.Op+" "+string(r.Role)+" "+r.Use), " ")
	if r.Arithmetic != "" {
		label += ", " + r.Arithmetic
	}
	return label
}

// Plot draws profiles as "png" or "svg": for each a bar per row, as long as the time that it takes, in which the part that the
// bound asks for is dark.
func Plot(w io.Writer, profiles []Profile, kind string) error {
	var panels [][]*plot.Plot
	longest := 0
	for _, p := range profiles {
		rows := slices.DeleteFunc(slices.Clone(p.Rows), func(r ProfileRow) bool { return r.Share < plotShare })
		longest = max(longest, len(rows))
		panel, err := bars(p, rows)
		if err != nil {
			return err
		}
		panels = append(panels, []*plot.Plot{panel})
	}
	height := (barHeight*vg.Length(longest) + panelExtra) * vg.Length(len(panels))
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch kind {
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(plotWidth, height), vgimg.UseDPI(120))}
	case "svg":
		canvas = vgsvg.New(plotWidth, height)
	default:
		return errors.Errorf("a picture is png or svg, not %q", kind)
	}
	const pad = 3 * vg.Millimeter
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: 2 * pad, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: 2 * pad}
	for row, surfaces := range plot.Align(panels, tiles, draw.New(canvas)) {
		panels[row][0].Draw(surfaces[0])
	}
	_, err := canvas.WriteTo(w)
	return errors.WithStack(err)
}

// bars draws rows of a profile, the first one at the top.
func bars(p Profile, rows []ProfileRow) (*plot.Plot, error) {
	taken, bound := make(plotter.Values, len(rows)), make(plotter.Values, len(rows))
	labels := make([]string, len(rows))
	for i, r := range rows {
		at := len(rows) - 1 - i
		taken[at], bound[at], labels[at] = r.ThreadMS, r.ThreadMS*min(1, r.OfBound), r.Label()
	}
	out := plot.New()
	out.Title.Text = fmt.Sprintf("%s: %.1f ms a step, %.0f %% of the bounds", p.Name, p.StepMS, 100*p.OfBound)
	out.Title.Padding = 2 * vg.Millimeter
	out.X.Label.Text = "milliseconds of threads"
	out.X.Min = 0
	for _, b := range []struct {
		values plotter.Values
		colour color.Color
		legend string
	}{{taken, takenColour, "taken"}, {bound, boundColour, "least, by the bound"}} {
		chart, err := plotter.NewBarChart(b.values, barPart*barHeight)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		chart.Horizontal, chart.Color, chart.LineStyle.Width = true, b.colour, 0
		out.Add(chart)
		out.Legend.Add(b.legend, chart)
	}
	out.NominalY(labels...)
	out.Legend.Padding = vg.Millimeter
	return out, nil
}
