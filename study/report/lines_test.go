package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}

// values returns a series over 0, 1, 2, ...
func values(name string, y ...float64) Series {
	i := -1.0
	return Curve(name, y, func(y float64) (float64, float64) { i++; return i, y })
}

var coordinates = regexp.MustCompile(`-?[0-9.]+,-?[0-9.]+`)

// points returns the places that a path goes through.
func points(t *testing.T, path *element) [][2]float64 {
	t.Helper()
	require.Regexp(t, `^([MLCQZ0-9., -])*$`, path.attr["d"], "numbers only")
	var all [][2]float64
	for _, pair := range coordinates.FindAllString(path.attr["d"], -1) {
		x, y, _ := strings.Cut(pair, ",")
		all = append(all, [2]float64{number(t, x), number(t, y)})
	}
	return all
}

// drawing returns the drawing of a class, and the groups of its series by title.
func drawing(t *testing.T, page *element, class string) (*element, map[string][]*element) {
	t.Helper()
	for _, svg := range page.find("svg") {
		if svg.attr["class"] != class {
			continue
		}
		groups := map[string][]*element{}
		for _, g := range svg.find("g") {
			groups[g.find("title")[0].text.String()] = g.find("path")
		}
		return svg, groups
	}
	require.Fail(t, "no drawing of class "+class)
	return nil, nil
}

func notes(page *element) []string {
	var texts []string
	for _, p := range page.find("p") {
		if p.attr["class"] == "note" {
			texts = append(texts, p.text.String())
		}
	}
	return texts
}

func TestLines(t *testing.T) {
	page := pageOf(t, Lines{
		Title: "loss", X: Axis{Title: "step"}, Y: Axis{Title: "loss", Unit: "nats"},
		Series: []Series{values("training", 4, 2, 1), values("test", 4.5, 3, 2.5)}, Marks: []Mark{{X: 1, Label: "slower"}},
	})
	for _, class := range []string{"wide", "narrow"} {
		svg, groups := drawing(t, page, class)
		assert.Equal(t, "Line chart: loss. loss (nats) against step.", svg.attr["aria-label"])
		require.Contains(t, groups, "training, last 1")
		require.Contains(t, groups, "test, last 2.5")
		assert.Contains(t, groups, "slower, at 1")
		assert.Contains(t, svg.text.String(), "slower")
		line := points(t, groups["training, last 1"][0])
		require.Len(t, line, 3)
		assert.True(t, line[0][0] < line[1][0] && line[1][0] < line[2][0], "x to the right: %v", line)
		assert.True(t, line[0][1] < line[1][1] && line[1][1] < line[2][1], "y upwards: %v", line)
		assert.Contains(t, groups["test, last 2.5"][0].attr["style"], "var(--series-2)", "the page's colours")
	}
	svg, _ := drawing(t, page, "wide")
	assert.Contains(t, svg.text.String(), "training", "names at the lines")
	svg, _ = drawing(t, page, "narrow")
	assert.NotContains(t, svg.find("text")[0].text.String(), "training")
	assert.Equal(t, "keys narrow", page.find("ul")[0].attr["class"])
	assert.Contains(t, page.text.String(), "loss (nats)")
	assert.Contains(t, page.find("details")[0].text.String(), "Marks: slower at 1.")
	row := page.find("details")[0].find("tbody")[0].children[0]
	assert.Equal(t, "training3"+"4"+"1"+"4"+"1", row.text.String(), "points, first, lowest, highest, last")
}

func TestLegendThatDoesNotFitIsBoxed(t *testing.T) {
	for name, l := range map[string]Lines{
		"long": {Title: "t", Series: []Series{values(strings.Repeat("name ", 20), 1, 2)}},
		"many": {Title: "t", Series: make([]Series, 40)},
		"told": {Title: "t", Series: []Series{values("a", 1, 2)}, Legend: Boxed},
	} {
		for i := range l.Series {
			if l.Series[i].Name == "" {
				l.Series[i] = values("series", 1, 2)
			}
		}
		page := pageOf(t, l)
		assert.Equal(t, "keys", page.find("ul")[0].attr["class"], name)
		assert.Len(t, page.find("li"), len(l.Series))
	}
}

// What has no place on a logarithmic axis is a gap, marked at the edge and counted below the chart.
func TestLogarithmicEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		y         []float64
		runs      int
		triangles int
		notes     []string
	}{
		{"plain", []float64{1, 1e-3, 1e-9}, 1, 0, nil},
		{"zero at the end", []float64{1, 0.1, 0, 0, 0}, 1, 1, []string{"s: 3 of 5 points are 0 or less, which has no logarithm (▼)."}},
		{"negative between", []float64{1, 0.1, -1, 0.1, 1}, 2, 1, []string{"s: 1 of 5 points are 0 or less, which has no logarithm (▼)."}},
		{"infinite", []float64{1, 10, inf, inf, 1, 2, inf}, 2, 2, []string{"s: 3 of 7 points are infinite or beyond 10³⁰⁰ (▲)."}},
		{"not a number", []float64{nan, 1, 2, nan, 3, 4}, 2, 0, []string{"s: 2 of 6 points are not numbers, or have no place along the axis below."}},
		{"all zero", []float64{0, 0}, 0, 1, []string{"s: 2 of 2 points are 0 or less, which has no logarithm (▼)."}},
		{"all not numbers", []float64{nan, nan}, 0, 0, []string{"s: 2 of 2 points are not numbers, or have no place along the axis below."}},
		{"the range of float64", []float64{5e-324, 1e300}, 1, 0, nil},
		{"constant", []float64{3, 3, 3}, 1, 0, nil},
		{"one point", []float64{3}, 0, 0, nil},
		{"no point", nil, 0, 0, []string{"s: no points."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := pageOf(t, Lines{Title: "t", Y: Axis{Log: true}, Series: []Series{values("s", c.y...)}})
			assert.Equal(t, c.notes, notes(page))
			for _, class := range []string{"wide", "narrow"} {
				_, groups := drawing(t, page, class)
				runs, triangles := 0, 0
				for _, paths := range groups {
					for _, path := range paths {
						points(t, path)
						switch {
						case strings.HasPrefix(path.attr["style"], "fill:none"):
							runs++
						case !strings.Contains(path.attr["d"], "C"): // neither a line nor a dot
							triangles++
						}
					}
				}
				assert.Equal(t, c.runs, runs, "lines")
				assert.Equal(t, c.triangles, triangles, "marks at the edges")
			}
		})
	}
}

// A single point between gaps is drawn as a dot.
func TestLonePointsAreDots(t *testing.T) {
	y := make([]float64, 101)
	for i := range y {
		y[i] = math.NaN()
	}
	y[50] = 7
	_, groups := drawing(t, pageOf(t, Lines{Title: "t", Series: []Series{values("s", y...)}}), "wide")
	require.Len(t, groups["s, last NaN"], 1)
	assert.Contains(t, groups["s, last NaN"][0].attr["d"], "C")
}

func TestXWithoutPlace(t *testing.T) {
	page := pageOf(t, Lines{
		Title: "t", X: Axis{Log: true}, Marks: []Mark{{X: -1, Label: "nowhere"}, {X: 10, Label: "ten"}},
		Series: []Series{{Name: "s", Points: []Point{{0, 1}, {1, 1}, {100, 2}, {math.NaN(), 3}, {math.Inf(1), 4}}}},
	})
	assert.Equal(t, "s: 3 of 5 points are not numbers, or have no place along the axis below.", notes(page)[0])
	_, groups := drawing(t, page, "wide")
	assert.Contains(t, groups, "ten, at 10")
	assert.NotContains(t, groups, "nowhere, at -1")
}

func TestLongSeriesAreThinnedWithoutLosingExtremes(t *testing.T) {
	y := make([]float64, 100_000)
	for i := range y {
		y[i] = math.Sin(float64(i) / 5000)
	}
	y[12_345], y[77_777] = 40, -30
	y[50_000] = math.NaN()
	l := Lines{Series: []Series{values("s", y...)}}
	got := l.trace(l.Series[0])
	lo, hi, count := math.Inf(1), math.Inf(-1), 0
	previous := -1.0
	for _, run := range got.runs {
		count += len(run)
		for _, p := range run {
			assert.Greater(t, p.X, previous, "in order")
			assert.Equal(t, y[int(p.X)], p.Y, "points of the series")
			previous = p.X
			lo, hi = min(lo, p.Y), max(hi, p.Y)
		}
	}
	assert.Equal(t, 40.0, hi)
	assert.Equal(t, -30.0, lo)
	assert.LessOrEqual(t, count, 4*pieces)
	assert.Len(t, got.runs, 2, "the gap is kept")
	assert.Equal(t, 0.0, got.runs[0][0].X)
	assert.Equal(t, 99_999.0, previous)

	few := l.trace(values("few", y[:4*pieces]...))
	assert.Len(t, few.runs[0], 4*pieces, "a short one is not thinned")
}

func TestMarksThatFindNoRoomKeepTheirLine(t *testing.T) {
	l := Lines{Title: "t", Series: []Series{values("s", make([]float64, 100)...)}}
	for i := range 20 {
		l.Marks = append(l.Marks, Mark{X: 50 + float64(i)/10, Label: "a label of some length"})
	}
	page := pageOf(t, l)
	svg, groups := drawing(t, page, "narrow")
	assert.Len(t, groups, 21)
	labels := 0
	for _, text := range svg.find("text") {
		if text.text.String() == "a label of some length" {
			labels++
			assert.GreaterOrEqual(t, number(t, text.attr["x"]), 0.0)
		}
	}
	assert.True(t, labels >= 1 && labels <= 2*markRows, "%d labels", labels)
	assert.Equal(t, 20, strings.Count(page.find("details")[0].text.String(), "a label of some length"))
}

func TestSpread(t *testing.T) {
	for _, c := range []struct{ given, want []float64 }{
		{[]float64{50}, []float64{50}},
		{[]float64{10, 50, 90}, []float64{10, 50, 90}},
		{[]float64{50, 52}, []float64{46, 56}},
		{[]float64{52, 50}, []float64{56, 46}},
		{[]float64{0, 0, 0}, []float64{0, 10, 20}},
		{[]float64{100, 99, 95}, []float64{100, 90, 80}},
		{[]float64{40, 48, 56}, []float64{38, 48, 58}},
		{nil, nil},
	} {
		got := append([]float64(nil), c.given...)
		spread(got, 10, 0, 100)
		assert.InDeltaSlice(t, c.want, got, 1e-9, "%v", c.given)
	}
}

// No values make a chart that is not well formed, or that has places that are no numbers.
func FuzzLines(f *testing.F) {
	f.Add(0.0, 1.0, 2.0, 3.0, true, "name")
	f.Add(math.Inf(1), math.NaN(), -1.0, 0.0, true, "")
	f.Add(1e300, -1e300, 5e-324, 0.0, false, "<a>")
	f.Add(7e300, -1e300, 5e-324, 0.0, false, "0")
	f.Fuzz(func(t *testing.T, a, b, c, d float64, log bool, name string) {
		page := pageOf(t, Lines{
			Title: "t", X: Axis{Log: log}, Y: Axis{Log: log}, Marks: []Mark{{X: a, Label: name}, {X: d, Label: name}},
			Series: []Series{{Name: name, Points: []Point{{a, b}, {c, d}, {b, a}}}, {Points: []Point{{d, c}}}},
		})
		for _, path := range page.find("path") {
			points(t, path)
		}
	})
}
