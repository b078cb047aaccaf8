package report

import (
	"bytes"
	"encoding/base64"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFigures(t *testing.T) {
	page := pageOf(t, Figures{
		{Label: "accuracy", Value: "61.2", Unit: "%", Note: "wanted: 45", Status: OK},
		{Label: "loss", Value: "1.1"},
		{Label: "time", Value: "11", Unit: "min", Status: Missed},
	})
	list := page.find("dl")[0]
	require.Len(t, list.children, 3)
	assert.Equal(t, []string{"figure ok", "figure", "figure missed"},
		[]string{list.children[0].attr["class"], list.children[1].attr["class"], list.children[2].attr["class"]})
	assert.Equal(t, "accuracy\n61.2 %\nwanted: 45\n✓ ok", list.children[0].text.String())
	assert.Equal(t, "loss\n1.1", list.children[1].text.String())
}

func TestTable(t *testing.T) {
	page := pageOf(t, Table{
		Title: "rules", Columns: []Column{{Title: "rule"}, {Title: "accuracy", Unit: "%", Align: Right}},
		Rows: [][]string{{"tflite.single", "60.9"}, {"shift.rne", "60.8"}},
	})
	table := page.find("table")[0]
	assert.Equal(t, "rules", table.find("caption")[0].text.String())
	rows := table.find("tr")
	require.Len(t, rows, 3)
	assert.Equal(t, "accuracy %", rows[0].children[1].text.String())
	assert.Equal(t, "th", rows[2].children[0].name)
	assert.Equal(t, "td", rows[2].children[1].name)
	assert.Equal(t, "right", rows[2].children[1].attr["class"])
	assert.Equal(t, "60.8", rows[2].children[1].text.String())
}

func TestCodeKeepsItsText(t *testing.T) {
	const text = "  a --b=\"c\" \\\n\td\n"
	assert.Equal(t, text, pageOf(t, Code{Text: text}).find("code")[0].text.String())
}

func TestBars(t *testing.T) {
	page := pageOf(t, Bars{Title: "change", Unit: "points", Bars: []Bar{
		{Name: "down", Value: -1},
		{Name: "up", Value: 3, Text: "three"},
		{Name: "none", Value: math.NaN()},
		{Name: "zero"},
		{Name: "far", Value: math.Inf(-1)},
	}})
	rows := page.find("tbody")[0].children
	require.Len(t, rows, 5)
	rect := func(i int) []string {
		r := rows[i].find("rect")
		if len(r) == 0 {
			return nil
		}
		return []string{r[0].attr["x"], r[0].attr["width"]}
	}
	assert.Equal(t, []string{"0", "250"}, rect(0))
	assert.Equal(t, []string{"250", "750"}, rect(1))
	assert.Nil(t, rect(2))
	assert.Equal(t, []string{"250", "0"}, rect(3))
	assert.Nil(t, rect(4))
	for i, want := range []string{"-1 points", "three points", "NaN points", "0 points", "-Inf points"} {
		assert.Equal(t, want, rows[i].children[2].text.String())
	}
}

// Bars of any finite lengths lie inside the drawing.
func TestBarsOfExtremeLengths(t *testing.T) {
	for _, values := range [][]float64{{math.MaxFloat64, -math.MaxFloat64}, {5e-324, 0}, {0, 0}, {}, {-1e-300}} {
		b := Bars{Title: "t"}
		for _, v := range values {
			b.Bars = append(b.Bars, Bar{Value: v})
		}
		for _, rect := range pageOf(t, b).find("rect") {
			x, width := number(t, rect.attr["x"]), number(t, rect.attr["width"])
			assert.True(t, x >= 0 && width >= 0 && x+width <= 1000.01, "%v: %v + %v", values, x, width)
		}
	}
}

func TestImages(t *testing.T) {
	pixels := make([]byte, 3*2*3) // 3 channels, 2 rows of 3
	pixels[5], pixels[6+5], pixels[12+5] = 10, 20, 30
	img, err := FromPlanes(pixels, 3, 2, 3)
	require.NoError(t, err)
	grey, err := FromPlanes([]byte{7}, 1, 1, 1)
	require.NoError(t, err)
	assert.Equal(t, color.RGBA{7, 7, 7, 255}, grey.At(0, 0))

	page := pageOf(t, Images{Title: "p", Pictures: []Picture{{Image: img, Caption: "cat", Status: OK}, {Image: grey}}})
	shown := page.find("img")
	require.Len(t, shown, 2)
	assert.Equal(t, []string{"cat", "3", "2"}, []string{shown[0].attr["alt"], shown[0].attr["width"], shown[0].attr["height"]})
	content, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(shown[0].attr["src"], "data:image/png;base64,"))
	require.NoError(t, err)
	decoded, err := png.Decode(bytes.NewReader(content))
	require.NoError(t, err)
	r, g, b, _ := decoded.At(2, 1).RGBA()
	assert.Equal(t, []uint32{10, 20, 30}, []uint32{r >> 8, g >> 8, b >> 8})

	for _, c := range []struct{ length, channels, height, width int }{{4, 2, 1, 2}, {3, 3, 1, 2}, {0, 1, 0, 4}, {1, 1, -1, -1}} {
		_, err := FromPlanes(make([]byte, c.length), c.channels, c.height, c.width)
		assert.Error(t, err)
	}
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.html")
	r := everything(plainText)
	require.NoError(t, r.WriteFile(name))
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, write(t, r), string(content))
	r.Sections[1].Blocks[0] = Lines{}
	assert.ErrorContains(t, r.WriteFile(name), "report.html: section \"charts\", block 1")
	again, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, content, again, "the file before stays")
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{0, 3, "0"},
		{math.Copysign(0, -1), 3, "0"},
		{1, 3, "1"},
		{-0.25, 3, "-0.25"},
		{61.2345, 3, "61.2"},
		{999.96, 4, "1000"},
		{0.00012345, 3, "0.000123"},
		{0.000012345, 3, "1.23e-5"},
		{3e-9, 3, "3e-9"},
		{123456, 3, "123456"},
		{1234567, 3, "1.23e6"},
		{1234567, 9, "1234567"},
		{5e-324, 3, "4.94e-324"},
		{math.MaxFloat64, 3, "1.8e308"},
		{7.7, 0, "8"},
		{-0.4, 1, "-0.4"},
		{math.NaN(), 3, "NaN"},
		{math.Inf(1), 3, "Inf"},
		{math.Inf(-1), 3, "-Inf"},
	} {
		assert.Equal(t, c.want, Number(c.v, c.digits), "%v", c.v)
	}
}
