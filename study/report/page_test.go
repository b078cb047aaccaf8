package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// element is an element of a page, with the text directly and indirectly inside it.
type element struct {
	name     string
	attr     map[string]string
	parent   *element
	children []*element
	text     strings.Builder
}

// find returns all elements of a name inside e.
func (e *element) find(name string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		}
		found = append(found, c.find(name)...)
	}
	return found
}

// visit calls f for e and all elements inside.
func (e *element) visit(f func(*element)) {
	f(e)
	for _, c := range e.children {
		c.visit(f)
	}
}

// parse reads a page, which is written such that it is XML, too.
func parse(t *testing.T, page string) *element {
	t.Helper()
	root := &element{}
	at := root
	decoder := xml.NewDecoder(strings.NewReader(page))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "%s", page)
		switch v := token.(type) {
		case xml.StartElement:
			e := &element{name: v.Name.Local, attr: map[string]string{}, parent: at}
			for _, a := range v.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			at.children = append(at.children, e)
			at = e
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			for e := at; e != nil; e = e.parent {
				e.text.Write(v)
			}
		}
	}
	return root
}

// write returns the page of a report.
func write(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.Write(&b))
	return b.String()
}

// pageOf returns the parsed page of a report with the given blocks.
func pageOf(t *testing.T, blocks ...Block) *element {
	t.Helper()
	return parse(t, write(t, &Report{Title: "t", Sections: []Section{{Heading: "h", Blocks: blocks}}}))
}

// everything returns a report with every kind of block, in which every text is made by say.
func everything(say func(string) string) *Report {
	img := image.NewGray(image.Rect(0, 0, 2, 3))
	return &Report{
		Title: say("title"), Subtitle: say("subtitle"), Lead: say("lead"), Source: say("source"),
		Sections: []Section{
			{Heading: say("heading"), Blocks: []Block{
				Paragraph(say("paragraph")),
				Figures{
					{Label: say("label"), Value: say("value"), Unit: say("unit"), Note: say("figure note"), Status: OK},
					{Label: "second", Value: "2", Status: Missed},
				},
				Table{
					Title: say("table"), Columns: []Column{{Title: say("column"), Unit: say("column unit")}, {Title: "n", Align: Right}},
					Rows: [][]string{{say("cell"), say("second cell")}},
				},
			}},
			{Heading: "charts", Blocks: []Block{
				Lines{
					Title: say("lines"), Note: say("lines note"), X: Axis{Title: say("x"), Unit: say("x unit")},
					Y:      Axis{Title: say("y"), Unit: say("y unit"), Log: true},
					Series: []Series{{Name: say("s"), Points: []Point{{0, 1}, {1, 10}, {2, 0}}}, {Name: "other", Points: []Point{{0, 2}, {2, math.NaN()}}}},
					Marks:  []Mark{{X: 1, Label: say("mark")}},
				},
				Lines{Title: "boxed", Legend: Boxed, Series: []Series{{Name: say("boxed name"), Points: []Point{{0, 1}}}}},
				Bars{Title: say("bars"), Note: say("bars note"), Unit: say("bars unit"), Bars: []Bar{
					{Name: say("bar"), Value: 3, Status: OK}, {Name: "text", Value: -1, Text: say("bar text")},
				}},
			}},
			{Heading: "rest", Blocks: []Block{
				Images{Title: say("images"), Note: say("images note"), Pictures: []Picture{{Image: img, Caption: say("caption"), Status: Missed}, {Image: img}}},
				Code{Title: say("code"), Text: say("code text")},
			}},
		},
	}
}

func plainText(s string) string { return s }

func TestPageIsSelfContained(t *testing.T) {
	html := write(t, everything(plainText))
	page := parse(t, html)
	assert.True(t, strings.HasPrefix(html, "<!doctype html>\n"))
	assert.Empty(t, page.find("script"))
	assert.Empty(t, page.find("link"))
	for _, style := range page.find("style") {
		assert.NotContains(t, style.text.String(), "url(")
		assert.NotContains(t, style.text.String(), "@import")
	}
	page.visit(func(e *element) {
		for name, value := range e.attr {
			switch name {
			case "src":
				assert.True(t, strings.HasPrefix(value, "data:image/png;base64,"), value)
			case "href":
				assert.True(t, strings.HasPrefix(value, "#"), value)
			case "xmlns": // a name, nothing that is fetched
			default:
				assert.NotContains(t, value, "//", "%s of %s", name, e.name)
			}
			assert.False(t, strings.HasPrefix(name, "on"), "%s of %s", name, e.name)
		}
	})
	assert.NotContains(t, html, "ZgotmplZ", "what html/template writes for content that it does not trust")
}

func TestPageIsAccessible(t *testing.T) {
	page := parse(t, write(t, everything(plainText)))
	assert.Equal(t, "en", page.find("html")[0].attr["lang"])
	assert.Equal(t, "title", page.find("title")[0].text.String())
	for _, img := range page.find("img") {
		assert.NotEmpty(t, img.attr["alt"])
	}
	for _, svg := range page.find("svg") {
		if svg.attr["aria-hidden"] != "true" {
			assert.Equal(t, "img", svg.attr["role"])
			assert.NotEmpty(t, svg.attr["aria-label"])
		}
	}
	for _, table := range page.find("table") {
		for _, row := range table.find("tr") {
			assert.NotEmpty(t, row.find("th"), "a heading in every row")
		}
		for _, th := range table.find("th") {
			assert.Contains(t, []string{"col", "row"}, th.attr["scope"])
		}
	}
	ids := map[string]bool{}
	page.visit(func(e *element) {
		if id, ok := e.attr["id"]; ok {
			assert.False(t, ids[id], "id %s twice", id)
			ids[id] = true
		}
	})
	for _, a := range page.find("a") {
		assert.True(t, ids[strings.TrimPrefix(a.attr["href"], "#")], a.attr["href"])
	}
	assert.Len(t, page.find("a"), 3, "three sections are listed")
	assert.Empty(t, pageOf(t).find("a"), "one is not")
}

func TestSameReportSameBytes(t *testing.T) {
	first, second := everything(plainText), everything(plainText)
	assert.Equal(t, write(t, first), write(t, second))
}

// Every text of a report, however hostile, is found again as text and makes no element or attribute.
func TestHostileText(t *testing.T) {
	shape := func(page *element) (names []string) {
		page.visit(func(e *element) {
			// Which names stand at the lines, and where marks have labels, follows their width.
			if svg := e.name == "svg"; !svg && e.parent != nil && e.parent.name != "g" && e.parent.name != "svg" {
				names = append(names, e.name)
			}
		})
		return names
	}
	harmless := shape(parse(t, write(t, everything(plainText))))
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onload='alert(1)`, `]]></style><b>`, `<!--`, `--><i>`,
		`{{.}}`, `&amp; &lt; &#0;`, "a\x00b\x1b[31mc\x7f\u0085", "\xff\xfe half \xc3", "\u202e\ufeff\uffff", `javascript:alert(1)`,
		strings.Repeat("long ", 200), `</title></text></svg>`, "zwei\nZeilen\r\n\t",
	} {
		html := write(t, everything(func(s string) string { return s + hostile }))
		page := parse(t, html)
		assert.Equal(t, harmless, shape(page), "%q", hostile)
		page.visit(func(e *element) {
			assert.NotEqual(t, "script", e.name)
			for name := range e.attr {
				assert.False(t, strings.HasPrefix(name, "on"), "%q: %s", hostile, name)
			}
		})
		if bytes.Equal(bytes.Map(legible, []byte(hostile)), []byte(hostile)) && !strings.Contains(hostile, "\r") {
			assert.Contains(t, page.text.String(), "paragraph"+hostile)
			assert.Contains(t, page.find("title")[0].text.String(), "title"+hostile)
			assert.Equal(t, "caption"+hostile, page.find("img")[0].attr["alt"])
		}
	}
}

func TestReportErrors(t *testing.T) {
	line := Lines{Title: "l"}
	for _, c := range []struct {
		want   string
		report Report
	}{
		{"no title", Report{Title: " "}},
		{"section 2 of the report has no heading", Report{Title: "t", Sections: []Section{{Heading: "a"}, {}}}},
		{`section "a", block 2: there is none`, Report{Title: "t", Sections: []Section{{Heading: "a", Blocks: []Block{line, nil}}}}},
		{`section "a", block 1: a line chart has no title`, Report{Title: "t", Sections: []Section{{Heading: "a", Blocks: []Block{Lines{}}}}}},
	} {
		var b strings.Builder
		assert.ErrorContains(t, c.report.Write(&b), c.want)
		assert.Empty(t, b.String(), "nothing is written")
	}
	for want, block := range map[string]Block{
		`table "x" has no columns`:                       Table{Title: "x"},
		`table "x": row 1 has 2 cells for 1 columns`:     Table{Title: "x", Columns: make([]Column, 1), Rows: [][]string{{"a", "b"}}},
		"bars have no title":                             Bars{},
		`images "x": picture 1 has no image`:             Images{Title: "x", Pictures: make([]Picture, 1)},
		`images "x": picture 1: encoding the image: png`: Images{Title: "x", Pictures: []Picture{{Image: image.NewGray(image.Rectangle{})}}},
	} {
		_, err := block.html()
		assert.ErrorContains(t, err, want)
	}
}
