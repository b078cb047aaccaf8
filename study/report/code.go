package report

import "html/template"

// Code is text that keeps its line breaks and blanks, such as the commands that repeat a run.
type Code struct {
	// Title, when set, says what the text is.
	Title string
	Text  string
}

var code = template.Must(template.New("code").Parse(`<figure class="code">
{{- with .Title}}<figcaption>{{.}}</figcaption>{{end -}}
<pre tabindex="0"{{with .Title}} aria-label="{{.}}"{{end}}><code>{{.Text}}</code></pre></figure>`))

func (c Code) html() (template.HTML, error) { return render(code, c) }
