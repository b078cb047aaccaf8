package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/pkg/errors"
	"github.com/rivo/uniseg"
)

// screenLines is how long Screen writes: a terminal's 24 lines less two for what the caller says and the prompt.
const screenLines = 22

// screenWidth is the width of a terminal that does not tell.
const screenWidth = 80

// Screen writes the title and the key figures of all sections as aligned text: at most 22 lines of at most width columns
// (80 if width is not positive). What is too long is cut short, and figures that find no room are counted in the last
// line. Colours and bold letters are used only if colour is set.
func (r *Report) Screen(w io.Writer, width int, colour bool) error {
	if width <= 0 {
		width = screenWidth
	}
	s := screen{report: r, width: width, colour: colour}
	lines := s.layout()
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return errors.Wrap(err, "writing the figures")
}

// screen lays figures out for a terminal.
type screen struct {
	report *Report
	width  int
	colour bool
}

// cell is a piece of a line: text of a style, filled up to a width.
type cell struct {
	text  string
	width int
	right bool
	style string
}

// The styles of a terminal, as parameters of the escape sequence "select graphic rendition".
const (
	bold  = "1"
	faint = "2"
	green = "32"
	red   = "31"
)

// layout returns the lines: with a blank line before every heading, without, or with two figures in a line, whichever
// comes first to fit.
func (s *screen) layout() []string {
	var lines []string
	for _, form := range []struct {
		columns int
		airy    bool
	}{{1, true}, {1, false}, {2, false}} {
		if lines = s.lines(form.columns, form.airy); len(lines) <= screenLines {
			return lines
		}
	}
	return s.cut(lines)
}

// lines returns all lines in a form.
func (s *screen) lines(columns int, airy bool) []string {
	lines := []string{s.line(cell{text: s.report.Title, style: bold})}
	if s.report.Subtitle != "" {
		lines = append(lines, s.line(cell{text: s.report.Subtitle, style: faint}))
	}
	measured := s.measure(columns)
	for _, section := range s.report.Sections {
		figures := section.figures()
		if len(figures) == 0 {
			continue
		}
		if airy {
			lines = append(lines, "")
		}
		lines = append(lines, s.line(cell{text: section.Heading, style: bold}))
		for len(figures) > 0 {
			n := min(columns, len(figures))
			var cells []cell
			for _, f := range figures[:n] {
				cells = append(cells, measured.cells(f)...)
			}
			lines = append(lines, s.line(cells...))
			figures = figures[n:]
		}
	}
	return lines
}

// cut shortens lines to a screen and says in the last one how many figures it does not show.
func (s *screen) cut(lines []string) []string {
	total, missed := 0, 0
	for _, section := range s.report.Sections {
		for _, f := range section.figures() {
			total++
			if f.Status == Missed {
				missed++
			}
		}
	}
	text := fmt.Sprintf("... not all of %d figures fit here; the report has them", total)
	if missed > 0 {
		text = fmt.Sprintf("... not all of %d figures fit here, %d of them missed; the report has them", total, missed)
	}
	return append(lines[:screenLines-1:screenLines-1], s.line(cell{text: text}))
}

// figures returns the key figures of a section.
func (s Section) figures() Figures {
	var all Figures
	for _, b := range s.Blocks {
		switch f := b.(type) {
		case Figures:
			all = append(all, f...)
		case *Figures:
			all = append(all, *f...)
		}
	}
	return all
}

// columnWidths are the widths of the parts of a figure.
type columnWidths struct {
	label, value, unit, status, note int
}

// indent is the blank space before a figure, and gap that between its parts.
const indent, gap = 2, 2

// shortNote is the room below which the beginning of a note says nothing.
const shortNote = 8

// measure finds the widths with which all figures line up in the given number of columns. Where they do not fit, the note
// goes first, then the label is cut down to a third.
func (s *screen) measure(columns int) columnWidths {
	var c columnWidths
	for _, section := range s.report.Sections {
		for _, f := range section.figures() {
			c.label = max(c.label, uniseg.StringWidth(printable(f.Label)))
			c.value = max(c.value, uniseg.StringWidth(printable(f.Value)))
			c.unit = max(c.unit, uniseg.StringWidth(printable(f.Unit)))
			c.status = max(c.status, len(f.Status.String()))
			c.note = max(c.note, uniseg.StringWidth(printable(f.Note)))
		}
	}
	room := s.width / columns
	c.value = min(c.value, room/3)
	c.unit = min(c.unit, room/4)
	rest := room - indent - gap - c.value
	if c.unit > 0 {
		rest -= 1 + c.unit
	}
	if c.status > 0 {
		rest -= gap + c.status
	}
	c.label = min(c.label, max(rest, room/3))
	if rest -= c.label + gap; columns > 1 || rest < min(c.note, shortNote) {
		rest = 0
	}
	c.note = min(c.note, rest)
	return c
}

// cells returns a figure as cells of a line.
func (c columnWidths) cells(f Figure) []cell {
	style := ""
	switch f.Status {
	case OK:
		style = green
	case Missed:
		style = red
	}
	cells := []cell{
		{width: indent},
		{text: f.Label, width: c.label},
		{width: gap},
		{text: f.Value, width: c.value, right: true, style: bold},
	}
	if c.unit > 0 {
		cells = append(cells, cell{width: 1}, cell{text: f.Unit, width: c.unit})
	}
	if c.status > 0 {
		cells = append(cells, cell{width: gap}, cell{text: f.Status.String(), width: c.status, style: style})
	}
	if c.note > 0 {
		cells = append(cells, cell{width: gap}, cell{text: f.Note, width: c.note, style: faint})
	}
	return cells
}

// line joins cells to a line, cut at the width of the screen, without blanks at its end.
func (s *screen) line(cells ...cell) string {
	var b strings.Builder
	left, blanks := s.width, 0
	for _, c := range cells {
		limit := left
		if c.width > 0 {
			limit = min(left, c.width)
		}
		text := cutTo(printable(c.text), limit)
		wide := uniseg.StringWidth(text)
		fill := 0
		if c.width > 0 {
			fill = limit - wide
		}
		if c.right {
			blanks += fill
			fill = 0
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", blanks))
			blanks = 0
			if s.colour && c.style != "" {
				text = "\x1b[" + c.style + "m" + text + "\x1b[0m"
			}
			b.WriteString(text)
		}
		blanks += fill
		if c.width > 0 {
			left -= limit
		} else {
			left -= wide
		}
	}
	return b.String()
}

// cutTo shortens text to a width in columns; what is cut is replaced by dots.
func cutTo(text string, width int) string {
	const dots = "..."
	if uniseg.StringWidth(text) <= width {
		return text
	}
	room := width - len(dots)
	if room < 1 {
		return strings.Repeat(".", max(width, 0))
	}
	var b strings.Builder
	for graphemes := uniseg.NewGraphemes(text); graphemes.Next(); {
		if room -= graphemes.Width(); room < 0 {
			break
		}
		b.WriteString(graphemes.Str())
	}
	return strings.TrimRight(b.String(), " ") + dots
}

// printable replaces what would move a terminal's cursor, change its state, or turn the direction of writing.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c), unicode.IsControl(c):
			return ' '
		case unicode.Is(unicode.Bidi_Control, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "\ufffd"))
}
