package report

import "html/template"

// Figures are the key figures of a section. They are also what Report.Screen prints.
type Figures []Figure

// Figure is a key figure. Value is text, so that its digits are the writer's choice; see Number.
type Figure struct {
	Label, Value string
	// Unit, when set, follows the value, and Note says in a few words what it is compared with or how it was measured.
	Unit, Note string
	Status     Status
}

var figures = template.Must(template.New("figures").Parse(`<dl class="figures">
{{- range .}}
<div class="figure{{with .Status.String}} {{.}}{{end}}"><dt>{{.Label}}</dt>
<dd class="value">{{.Value}}{{with .Unit}} <span class="unit">{{.}}</span>{{end}}</dd>
{{- with .Note}}
<dd class="note">{{.}}</dd>
{{- end}}
{{- if .Status}}
<dd class="status"><span aria-hidden="true">{{.Status.Sign}}</span> {{.Status}}</dd>
{{- end}}</div>
{{- end}}
</dl>`))

func (f Figures) html() (template.HTML, error) { return render(figures, f) }
