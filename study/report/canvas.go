package report

import (
	"fmt"
	"html/template"
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// canvas draws for gonum's plot as SVG whose colours are those of the page, see ink, so that a chart follows the reader's
// choice of a light or dark appearance; gonum's own SVG writes fixed ones.
type canvas struct {
	body          strings.Builder
	width, height vg.Length
	pen           pen
	stack         []pen
}

var _ vg.CanvasSizer = (*canvas)(nil)

// pen is the state that Push saves. A point (x, y) is drawn at (ax + cy + e, bx + dy + f).
type pen struct {
	color            color.Color
	width            vg.Length
	dash             []vg.Length
	offset           vg.Length
	a, b, c, d, e, f float64
}

func newCanvas(width, height vg.Length) *canvas {
	c := &canvas{width: width, height: height, pen: pen{a: 1, d: -1, f: float64(height)}} // SVG counts from the top
	vg.Initialize(c)
	c.SetColor(inkText) // not black, which a dark page swallows
	return c
}

// Size implements vg.CanvasSizer.
func (c *canvas) Size() (w, h vg.Length) { return c.width, c.height }

// SetLineWidth implements vg.Canvas.
func (c *canvas) SetLineWidth(w vg.Length) { c.pen.width = w }

// SetLineDash implements vg.Canvas.
func (c *canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.pen.dash, c.pen.offset = pattern, offset
}

// SetColor implements vg.Canvas.
func (c *canvas) SetColor(col color.Color) { c.pen.color = col }

// Push implements vg.Canvas.
func (c *canvas) Push() { c.stack = append(c.stack, c.pen) }

// Pop implements vg.Canvas.
func (c *canvas) Pop() {
	c.pen = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

// Rotate implements vg.Canvas.
func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	p := &c.pen
	p.a, p.b, p.c, p.d = p.a*cos+p.c*sin, p.b*cos+p.d*sin, p.c*cos-p.a*sin, p.d*cos-p.b*sin
}

// Translate implements vg.Canvas.
func (c *canvas) Translate(pt vg.Point) { c.pen.e, c.pen.f = c.pen.at(pt) }

// Scale implements vg.Canvas.
func (c *canvas) Scale(x, y float64) {
	c.pen.a, c.pen.b, c.pen.c, c.pen.d = c.pen.a*x, c.pen.b*x, c.pen.c*y, c.pen.d*y
}

// at returns where a point is drawn.
func (p *pen) at(pt vg.Point) (x, y float64) {
	return p.a*float64(pt.X) + p.c*float64(pt.Y) + p.e, p.b*float64(pt.X) + p.d*float64(pt.Y) + p.f
}

// size returns by what lengths grow.
func (p *pen) size() float64 { return math.Sqrt(math.Abs(p.a*p.d - p.b*p.c)) }

// Stroke implements vg.Canvas.
func (c *canvas) Stroke(path vg.Path) {
	if c.pen.width <= 0 {
		return
	}
	style := "fill:none;stroke:" + css(c.pen.color) + ";stroke-width:" + decimal(float64(c.pen.width)*c.pen.size())
	if len(c.pen.dash) > 0 {
		style += ";stroke-dasharray:" + dashes(c.pen.dash)
		if c.pen.offset != 0 {
			style += ";stroke-dashoffset:" + decimal(float64(c.pen.offset))
		}
	}
	fmt.Fprintf(&c.body, `<path d="%s" style="%s"/>`+"\n", c.data(path), style)
}

// Fill implements vg.Canvas.
func (c *canvas) Fill(path vg.Path) {
	fmt.Fprintf(&c.body, `<path d="%s" style="fill:%s"/>`+"\n", c.data(path), css(c.pen.color))
}

// FillString implements vg.Canvas. The font is the page's for charts, which measures like the one that places were
// computed with.
func (c *canvas) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size == 0 {
		return
	}
	x, y := c.pen.at(pt)
	turn := ""
	if angle := math.Atan2(c.pen.b, c.pen.a) * 180 / math.Pi; angle != 0 {
		turn = fmt.Sprintf(` transform="rotate(%s %s %s)"`, decimal(angle), decimal(x), decimal(y))
	}
	fmt.Fprintf(&c.body, `<text x="%s" y="%s"%s style="fill:%s;font-size:%spx">%s</text>`+"\n", decimal(x), decimal(y), turn,
		css(c.pen.color), decimal(float64(f.Font.Size)*c.pen.size()), template.HTMLEscapeString(text))
}

// DrawImage implements vg.Canvas. An image that cannot be encoded, one without pixels, is not drawn.
func (c *canvas) DrawImage(rect vg.Rectangle, img image.Image) {
	source, err := dataURI(img)
	if err != nil {
		return
	}
	x, y := c.pen.at(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	size := rect.Size()
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" href="%s"/>`+"\n", decimal(x), decimal(y),
		decimal(float64(size.X)*c.pen.size()), decimal(float64(size.Y)*c.pen.size()), source)
}

// group puts what draw draws into a group that a reader's pointer, or an assistant, calls by a title.
func (c *canvas) group(title string, draw func()) {
	c.body.WriteString("<g><title>" + template.HTMLEscapeString(title) + "</title>\n")
	draw()
	c.body.WriteString("</g>\n")
}

// svg returns the drawing under a name. It has no size of its own but fills the place that the page's style gives it.
func (c *canvas) svg(class, name string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="%s" role="img" aria-label="%s" viewBox="0 0 %s %s" xmlns="http://www.w3.org/2000/svg">`+"\n%s</svg>",
		class, template.HTMLEscapeString(name), decimal(float64(c.width)), decimal(float64(c.height)), c.body.String()))
}

// data writes a path as SVG does.
func (c *canvas) data(path vg.Path) string {
	var b strings.Builder
	write := func(command string, points ...vg.Point) {
		b.WriteString(command)
		for i, pt := range points {
			if i > 0 {
				b.WriteByte(' ')
			}
			x, y := c.pen.at(pt)
			b.WriteString(decimal(x) + "," + decimal(y))
		}
	}
	for i, part := range path {
		switch part.Type {
		case vg.MoveComp:
			write("M", part.Pos)
		case vg.LineComp:
			write("L", part.Pos)
		case vg.ArcComp:
			c.arc(write, part, i == 0)
		case vg.CurveComp:
			command := "C"
			if len(part.Control) == 1 {
				command = "Q"
			}
			write(command, append(append([]vg.Point{}, part.Control...), part.Pos)...)
		case vg.CloseComp:
			b.WriteString("Z")
		}
	}
	return b.String()
}

// arc writes an arc as cubic curves, each of at most a quarter of the circle, which miss it by less than 3/10000 of the
// radius.
func (c *canvas) arc(write func(string, ...vg.Point), part vg.PathComp, first bool) {
	on := func(angle float64) (pt, tangent vg.Point) {
		sin, cos := math.Sincos(angle)
		return part.Pos.Add(vg.Point{X: part.Radius * vg.Length(cos), Y: part.Radius * vg.Length(sin)}),
			vg.Point{X: -part.Radius * vg.Length(sin), Y: part.Radius * vg.Length(cos)}
	}
	from, tangent := on(part.Start)
	if first {
		write("M", from)
	} else {
		write("L", from)
	}
	n := math.Ceil(math.Abs(part.Angle) / (math.Pi / 2))
	for i := 1.0; i <= n; i++ {
		to, next := on(part.Start + part.Angle*i/n)
		arm := vg.Length(4.0 / 3 * math.Tan(part.Angle/n/4)) // a cubic that meets the arc at its ends and its middle
		write("C", from.Add(tangent.Scale(arm)), to.Sub(next.Scale(arm)), to)
		from, tangent = to, next
	}
}

// dashes writes a dash pattern.
func dashes(pattern []vg.Length) string {
	texts := make([]string, len(pattern))
	for i, d := range pattern {
		texts[i] = decimal(float64(d))
	}
	return strings.Join(texts, " ")
}

// decimal writes a coordinate to a hundredth.
func decimal(v float64) string { return plain(v, 2) }
