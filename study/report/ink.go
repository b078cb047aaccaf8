package report

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
)

// ink is a colour that the page's style defines, once for the light and once for the dark appearance: the name of a custom
// property of CSS.
type ink string

const (
	inkText  ink = "--text"
	inkQuiet ink = "--quiet" // ticks and marks
	inkGrid  ink = "--grid"
)

// seriesInks is the number of colours for series; page.css has --series-1 and so on. Longer lists repeat them, dashed.
const seriesInks = 6

// seriesDashes are the dash patterns of the first, second ... use of the colours.
var seriesDashes = [][]vg.Length{nil, {7, 4}, {2, 3}, {9, 3, 2, 3}}

// seriesInk returns the colour of a series.
func seriesInk(i int) ink { return ink(fmt.Sprintf("--series-%d", i%seriesInks+1)) }

// seriesDash returns the dash pattern of a series.
func seriesDash(i int) []vg.Length { return seriesDashes[i/seriesInks%len(seriesDashes)] }

// RGBA implements color.Color for those who do not know the page: a middle grey.
func (ink) RGBA() (r, g, b, a uint32) { return color.Gray{Y: 0x80}.RGBA() }

// css returns how a style says a colour.
func css(c color.Color) string {
	if i, ok := c.(ink); ok {
		return "var(" + string(i) + ")"
	}
	if c == nil {
		return css(inkText)
	}
	v := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("rgb(%d %d %d / %.3g)", v.R, v.G, v.B, float64(v.A)/255)
}
