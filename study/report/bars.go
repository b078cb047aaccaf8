package report

import (
	"html/template"
	"math"

	"github.com/pkg/errors"
)

// Bars are horizontal bars from zero, each with its name and its value: a table whose bars are drawings.
type Bars struct {
	// Title says what the bars show; it must not be empty. Note, when set, stands below them.
	Title, Note string
	// Unit, when set, follows every value.
	Unit string
	Bars []Bar
}

// Bar is a bar. A value that is not finite is written but has no bar.
type Bar struct {
	Name  string
	Value float64
	// Text, when set, is written in place of the value in four digits.
	Text string
	// Status, when set, marks the bar.
	Status Status
}

var bars = template.Must(template.New("bars").Parse(`<figure class="bars"><table><caption>{{.Title}}</caption>
<thead class="hidden"><tr><th scope="col">Name</th><th scope="col">Bar</th><th scope="col">Value</th>{{if .Judged}}<th scope="col">Status</th>{{end}}</tr></thead>
<tbody>
{{- $zero := .Zero}}{{$unit := .Unit}}{{$judged := .Judged}}
{{- range .Rows}}
<tr{{with .Status.String}} class="{{.}}"{{end}}><th scope="row">{{.Name}}</th><td class="bar"><svg aria-hidden="true" viewBox="0 0 1000 16" preserveAspectRatio="none" xmlns="http://www.w3.org/2000/svg">
{{- if .Drawn}}<rect x="{{.Left}}" y="1" width="{{.Width}}" height="14"/>{{end -}}
<path d="M{{$zero}},0L{{$zero}},16"/></svg></td><td class="right">{{.Text}}{{with $unit}} <span class="unit">{{.}}</span>{{end}}</td>
{{- if $judged}}<td>{{if .Status}}<b class="status" role="img" aria-label="{{.Status}}">{{.Status.Sign}}</b>{{end}}</td>{{end}}</tr>
{{- end}}
</tbody></table>
{{- with .Note}}<p class="note">{{.}}</p>{{end}}</figure>`))

// drawnBar is a bar with its place, in thousandths of the width.
type drawnBar struct {
	Bar
	Drawn       bool
	Left, Width string
}

func (b Bars) html() (template.HTML, error) {
	if b.Title == "" {
		return "", errors.New("bars have no title")
	}
	var largest float64
	for _, bar := range b.Bars {
		if bar.finite() {
			largest = max(largest, math.Abs(bar.Value))
		}
	}
	lo, hi := 0.0, 0.0 // in parts of the largest, so that no difference overflows
	for _, bar := range b.Bars {
		if bar.finite() && largest > 0 {
			lo, hi = min(lo, bar.Value/largest), max(hi, bar.Value/largest)
		}
	}
	if lo == hi {
		hi = 1
	}
	at := func(v float64) float64 { return 1000 * (v - lo) / (hi - lo) }
	data := struct {
		Bars
		Zero   string
		Judged bool // some bar has a status
		Rows   []drawnBar
	}{Bars: b, Zero: decimal(at(0))}
	for _, bar := range b.Bars {
		row := drawnBar{Bar: bar}
		if row.Text == "" {
			row.Text = Number(bar.Value, 4)
		}
		if bar.finite() && largest > 0 {
			from, to := at(min(0, bar.Value/largest)), at(max(0, bar.Value/largest))
			row.Drawn, row.Left, row.Width = true, decimal(from), decimal(to-from)
		}
		data.Judged = data.Judged || bar.Status != Unjudged
		data.Rows = append(data.Rows, row)
	}
	return render(bars, data)
}

func (b Bar) finite() bool { return !math.IsNaN(b.Value) && !math.IsInf(b.Value, 0) }
