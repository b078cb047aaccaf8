package report

import (
	"image"
	"image/color"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func TestCanvasTransforms(t *testing.T) {
	c := newCanvas(100, 50)
	at := func(x, y vg.Length) [2]float64 {
		px, py := c.pen.at(vg.Point{X: x, Y: y})
		return [2]float64{math.Round(px*100) / 100, math.Round(py*100) / 100}
	}
	assert.Equal(t, [2]float64{10, 30}, at(10, 20), "SVG counts from the top")
	c.Push()
	c.Translate(vg.Point{X: 10, Y: 20})
	c.Rotate(math.Pi / 2)
	assert.Equal(t, [2]float64{10, 25}, at(5, 0), "to the right is up now")
	c.Scale(2, 2)
	assert.Equal(t, [2]float64{10, 20}, at(5, 0))
	assert.InDelta(t, 2, c.pen.size(), 1e-9)
	c.FillString(plot.DefaultTextHandler.Cache().Lookup(chartFont, 10), vg.Point{}, "<turned>")
	c.FillString(plot.DefaultTextHandler.Cache().Lookup(chartFont, 0), vg.Point{}, "of no size")
	c.Pop()
	assert.Equal(t, [2]float64{10, 30}, at(10, 20))
	text := parse(t, string(c.svg("k", "n"))).find("text")
	require.Len(t, text, 1)
	assert.Equal(t, "rotate(-90 10 30)", text[0].attr["transform"])
	assert.Equal(t, "fill:var(--text);font-size:20px", text[0].attr["style"])
	assert.Equal(t, "<turned>", text[0].text.String())
}

func TestCanvasPaths(t *testing.T) {
	c := newCanvas(100, 100)
	var path vg.Path
	path.Move(vg.Point{X: 60, Y: 50})
	path.Arc(vg.Point{X: 50, Y: 50}, 10, 0, math.Pi)
	path.QuadTo(vg.Point{X: 40, Y: 40}, vg.Point{X: 50, Y: 40})
	path.Close()
	c.SetColor(color.NRGBA{R: 255, A: 128})
	c.SetLineWidth(0)
	c.Stroke(path)
	assert.Empty(t, c.body.String(), "a line without width is not drawn")
	c.SetLineWidth(2)
	c.SetLineDash([]vg.Length{3, 1.5}, 1)
	c.Stroke(path)
	drawn := parse(t, string(c.svg("", ""))).find("path")[0]
	assert.Equal(t, "M60,50L60,50C60,44.48 55.52,40 50,40C44.48,40 40,44.48 40,50Q40,60 50,60Z", drawn.attr["d"])
	assert.Equal(t, "fill:none;stroke:rgb(255 0 0 / 0.502);stroke-width:2;stroke-dasharray:3 1.5;stroke-dashoffset:1", drawn.attr["style"])

	c = newCanvas(100, 100)
	c.SetColor(nil)
	c.Fill(vg.Path{{Type: vg.ArcComp, Radius: 1, Angle: 1}})
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: 1, Y: 2}, Max: vg.Point{X: 11, Y: 22}}, image.NewGray(image.Rect(0, 0, 1, 1)))
	c.DrawImage(vg.Rectangle{}, image.NewGray(image.Rectangle{}))
	page := parse(t, string(c.svg("", "")))
	assert.True(t, strings.HasPrefix(page.find("path")[0].attr["d"], "M1,100C"))
	images := page.find("image")
	require.Len(t, images, 1)
	assert.Equal(t, []string{"1", "78", "10", "20"},
		[]string{images[0].attr["x"], images[0].attr["y"], images[0].attr["width"], images[0].attr["height"]})
}

// custom returns the custom properties of a part of the page's style.
func custom(style string) map[string]color.NRGBA {
	colors := map[string]color.NRGBA{}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(style, -1) {
		var v [3]uint8
		for i := range v {
			for _, digit := range m[2][2*i : 2*i+2] {
				v[i] = v[i]*16 + uint8(strings.IndexRune("0123456789abcdef", digit))
			}
		}
		colors[m[1]] = color.NRGBA{v[0], v[1], v[2], 255}
	}
	return colors
}

// contrast is the ratio of WCAG 2.1: (L1 + 0.05) / (L2 + 0.05) of the relative luminances of sRGB colours.
func contrast(a, b color.NRGBA) float64 {
	luminance := func(c color.NRGBA) float64 {
		linear := func(v uint8) float64 {
			x := float64(v) / 255
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// Text and lines can be told from the page in both appearances, as WCAG 2.1 (AA) asks: 4.5 for text, 3 for graphics.
func TestContrast(t *testing.T) {
	light, dark, found := strings.Cut(pageCSS, "prefers-color-scheme: dark")
	require.True(t, found)
	dark, _, _ = strings.Cut(dark, "* {")
	for name, style := range map[string]string{"light": light, "dark": dark} {
		colors := custom(style)
		for _, text := range []string{"--text", "--quiet", "--link", "--ok", "--missed"} {
			for _, ground := range []string{"--page", "--panel"} {
				assert.GreaterOrEqual(t, contrast(colors[text], colors[ground]), 4.5, "%s: %s on %s", name, text, ground)
			}
		}
		for i := range seriesInks {
			ink := string(seriesInk(i))
			require.Contains(t, colors, ink)
			assert.GreaterOrEqual(t, contrast(colors[ink], colors["--page"]), 3.0, "%s: %s", name, ink)
		}
	}
}

func TestSeriesDiffer(t *testing.T) {
	seen := map[string]bool{}
	assert.Equal(t, "0", decimal(-0.001))
	for i := range seriesInks * len(seriesDashes) {
		style := string(keyStyle(i))
		assert.False(t, seen[style], style)
		seen[style] = true
	}
	assert.Equal(t, keyStyle(0), keyStyle(seriesInks*len(seriesDashes)))
}
