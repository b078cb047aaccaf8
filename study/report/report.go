package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/pkg/errors"
)

// Report is a page.
type Report struct {
	// Title names the page; it must not be empty.
	Title string
	// Subtitle, when set, stands below the title, and Lead is the paragraph that opens the page.
	Subtitle, Lead string
	Sections       []Section
	// Source, when set, closes the page: what made it, and from what.
	Source string
}

// Section is a part of a report under a heading, which must not be empty.
type Section struct {
	Heading string
	Blocks  []Block
}

// Block is a part of a section. The kinds are those of this package.
type Block interface {
	// html renders the block. Errors say what is wrong with its content.
	html() (template.HTML, error)
}

var (
	_ Block = Paragraph("")
	_ Block = Figures{}
	_ Block = Table{}
	_ Block = Lines{}
	_ Block = Bars{}
	_ Block = Images{}
	_ Block = Code{}
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	page    = template.Must(template.New("page").Parse(pageHTML))
)

// contents is the number of sections from which on a page has a list of them.
const contents = 3

// Write writes the page. Nothing is written if a block's content is not sound; the error names section and block.
func (r *Report) Write(w io.Writer) error {
	if strings.TrimSpace(r.Title) == "" {
		return errors.New("the report has no title")
	}
	type section struct {
		Heading string
		Blocks  []template.HTML
	}
	data := struct {
		*Report
		CSS      template.CSS
		Contents bool
		Parts    []section
	}{Report: r, CSS: template.CSS(pageCSS), Contents: len(r.Sections) >= contents}
	for i, s := range r.Sections {
		if strings.TrimSpace(s.Heading) == "" {
			return errors.Errorf("section %d of the report has no heading", i+1)
		}
		part := section{Heading: s.Heading}
		for j, b := range s.Blocks {
			if b == nil {
				return errors.Errorf("section %q, block %d: there is none", s.Heading, j+1)
			}
			html, err := b.html()
			if err != nil {
				return errors.Wrapf(err, "section %q, block %d", s.Heading, j+1)
			}
			part.Blocks = append(part.Blocks, html)
		}
		data.Parts = append(data.Parts, part)
	}
	var buffer bytes.Buffer
	if err := page.Execute(&buffer, data); err != nil {
		return errors.Wrap(err, "writing the report")
	}
	_, err := w.Write(bytes.Map(legible, buffer.Bytes()))
	return errors.Wrap(err, "writing the report")
}

// WriteFile writes the page to a file, whole or not at all.
func (r *Report) WriteFile(name string) error { return atomicfile.Write(name, r.Write) }

// legible maps characters that may stand neither in HTML nor in XML to the replacement character. bytes.Map hands it
// bytes that are no UTF-8 as that character already.
func legible(c rune) rune {
	switch {
	case c == '\t' || c == '\n' || c == '\r':
		return c
	case c < ' ' || c >= 0x7f && c < 0xa0 || c == 0xfffe || c == 0xffff:
		return utf8.RuneError
	}
	return c
}

// render executes a block's template.
func render(t *template.Template, data any) (template.HTML, error) {
	var b strings.Builder
	err := t.Execute(&b, data)
	return template.HTML(b.String()), errors.Wrap(err, "rendering") // escaped by the template
}
