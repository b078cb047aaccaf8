package report

import (
	"html/template"

	"github.com/pkg/errors"
)

// Table is a table with a heading over every column; the first cell of a row is the heading of the row.
type Table struct {
	// Title, when set, is the caption.
	Title   string
	Columns []Column
	// Rows hold as many cells as there are columns.
	Rows [][]string
}

// Column is a column of a table.
type Column struct {
	Title string
	// Unit, when set, stands behind the title.
	Unit  string
	Align Align
}

// Align says at which side the cells of a column line up.
type Align int

// The alignments.
const (
	// Left is for text.
	Left Align = iota
	// Right is for numbers.
	Right
)

// Class returns the style of a cell.
func (c Column) Class() string {
	if c.Align == Right {
		return "right"
	}
	return "left"
}

var table = template.Must(template.New("table").Parse(`<div class="scroll" role="region" tabindex="0" aria-label="{{or .Title "Table"}}"><table>
{{- with .Title}}<caption>{{.}}</caption>{{end}}
<thead><tr>
{{- range .Columns}}<th scope="col" class="{{.Class}}">{{.Title}}{{with .Unit}} <span class="unit">{{.}}</span>{{end}}</th>{{end -}}
</tr></thead>
<tbody>
{{- $columns := .Columns}}
{{- range .Rows}}
<tr>
{{- range $i, $cell := . -}}
{{- $class := (index $columns $i).Class -}}
{{- if $i}}<td class="{{$class}}">{{$cell}}</td>{{else}}<th scope="row" class="{{$class}}">{{$cell}}</th>{{end}}
{{- end -}}
</tr>
{{- end}}
</tbody></table></div>`))

func (t Table) html() (template.HTML, error) {
	if len(t.Columns) == 0 {
		return "", errors.Errorf("table %q has no columns", t.Title)
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return "", errors.Errorf("table %q: row %d has %d cells for %d columns", t.Title, i+1, len(row), len(t.Columns))
		}
	}
	return render(table, t)
}
