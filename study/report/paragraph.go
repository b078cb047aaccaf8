package report

import "html/template"

// Paragraph is a paragraph of plain text.
type Paragraph string

var paragraph = template.Must(template.New("paragraph").Parse(`<p>{{.}}</p>`))

func (p Paragraph) html() (template.HTML, error) { return render(paragraph, string(p)) }
