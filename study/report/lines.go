package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/pkg/errors"
)

// Lines is a line chart. Each of its series is joined point by point; a value that is not finite makes a gap. Series of any
// length may be given: long ones are thinned, see pieces, and what the chart leaves out is said below it.
type Lines struct {
	// Title says what the chart shows; it must not be empty. Note, when set, stands below the chart.
	Title, Note string
	X, Y        Axis
	Series      []Series
	// Marks are vertical lines at places that matter, such as the end of a warm-up.
	Marks  []Mark
	Legend Legend
}

// Mark is a vertical line.
type Mark struct {
	X     float64
	Label string
}

// Legend says where the names of the series stand.
type Legend int

// The legends.
const (
	// Direct puts each name at the end of its line, where there is room for all of them; otherwise it is Boxed.
	Direct Legend = iota
	// Boxed lists the names above the chart.
	Boxed
)

var lines = template.Must(template.New("lines").Parse(`<figure class="lines">
<figcaption>{{.Title}}</figcaption>
{{- if .Keys}}
<ul class="keys{{if .Direct}} narrow{{end}}">
{{- range .Keys}}<li><svg class="key" aria-hidden="true" viewBox="0 0 26 10" xmlns="http://www.w3.org/2000/svg"><path d="M1,5L25,5" style="{{.Style}}"/></svg>{{.Name}}</li>{{end -}}
</ul>
{{- end}}
{{- with .YTitle}}
<p class="axis y">{{.}}</p>
{{- end}}
{{.Wide}}
{{.Narrow}}
{{- with .XTitle}}
<p class="axis x">{{.}}</p>
{{- end}}
{{- range .Notes}}
<p class="note">{{.}}</p>
{{- end}}
<details><summary>In numbers</summary>
{{.Numbers}}
{{- with .Marks}}
<p class="note">Marks: {{range $i, $m := .}}{{if $i}}, {{end}}{{$m}}{{end}}.</p>
{{- end}}
</details></figure>`))

// key is an entry of a legend.
type key struct {
	Name  string
	Style template.CSS
}

func (l Lines) html() (template.HTML, error) {
	if strings.TrimSpace(l.Title) == "" {
		return "", errors.New("a line chart has no title")
	}
	c := newChart(&l)
	data := struct {
		Title                 string
		Keys                  []key
		Direct                bool
		YTitle, XTitle        string
		Wide, Narrow, Numbers template.HTML
		Notes, Marks          []string
	}{Title: l.Title, YTitle: l.Y.String(), XTitle: l.X.String(), Notes: c.notes()}
	var err error
	if data.Numbers, err = l.numbers().html(); err != nil {
		return "", err
	}
	data.Wide, data.Direct = c.draw(wide)
	data.Narrow, _ = c.draw(narrow)
	for i, s := range l.Series {
		if s.Name != "" {
			data.Keys = append(data.Keys, key{s.Name, keyStyle(i)})
		}
	}
	for _, m := range l.Marks {
		data.Marks = append(data.Marks, fmt.Sprintf("%s at %s", m.Label, Number(m.X, 6)))
	}
	return render(lines, data)
}

// keyStyle returns the style of a series' line in a legend.
func keyStyle(i int) template.CSS {
	style := "stroke:" + css(seriesInk(i))
	if dash := seriesDash(i); dash != nil {
		style += ";stroke-dasharray:" + dashes(dash)
	}
	return template.CSS(style)
}

// numbers returns the series in a table for those who cannot see the chart, or want more digits.
func (l *Lines) numbers() Table {
	t := Table{Title: l.Title + ", in numbers", Columns: []Column{
		{Title: "Series"},
		{Title: "Points", Align: Right},
		{Title: "First", Align: Right},
		{Title: "Lowest", Align: Right},
		{Title: "Highest", Align: Right},
		{Title: "Last", Align: Right},
	}}
	for i, s := range l.Series {
		row := []string{s.label(i), fmt.Sprint(len(s.Points)), "", "", "", ""}
		if n := len(s.Points); n > 0 {
			row[2], row[5] = Number(s.Points[0].Y, 5), Number(s.Points[n-1].Y, 5)
		}
		if values := s.finite(); !values.empty() {
			row[3], row[4] = Number(values.lo, 5), Number(values.hi, 5)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// label returns the name of a series, or what it is called without one.
func (s Series) label(i int) string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprintf("series %d", i+1)
}

// finite returns the range of the finite values.
func (s Series) finite() span {
	values := nowhere
	for _, p := range s.Points {
		if !math.IsNaN(p.Y) && !math.IsInf(p.Y, 0) {
			values = values.with(p.Y)
		}
	}
	return values
}
