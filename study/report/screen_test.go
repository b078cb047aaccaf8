package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// screenOf returns the lines that Screen writes.
func screenOf(t *testing.T, r *Report, width int, colour bool) []string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.Screen(&b, width, colour))
	require.True(t, strings.HasSuffix(b.String(), "\n"))
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// many returns a report with sections of that many figures each.
func many(counts ...int) *Report {
	r := &Report{Title: "many figures", Subtitle: "of all kinds"}
	for i, n := range counts {
		var f Figures
		for k := range n {
			f = append(f, Figure{
				Label: fmt.Sprintf("figure %d of section %d", k, i), Value: fmt.Sprint(k * 1000), Unit: "images/s",
				Note: "a note about it that is rather long and would not fit", Status: Status(k % 3),
			})
		}
		r.Sections = append(r.Sections, Section{Heading: fmt.Sprintf("Section %d", i), Blocks: []Block{Paragraph("p"), f}})
	}
	return r
}

func TestScreenFits(t *testing.T) {
	for _, counts := range [][]int{{}, {1}, {3, 4}, {4, 4, 4, 3}, {6, 6, 6, 6}, {40}, {9, 9, 9, 9, 9, 9, 9}, make([]int, 30)} {
		for _, width := range []int{0, 1, 10, 20, 40, 79, 80, 200} {
			lines := screenOf(t, many(counts...), width, false)
			limit := width
			if width == 0 {
				limit = 80
			}
			assert.LessOrEqual(t, len(lines), 22)
			for _, line := range lines {
				assert.LessOrEqual(t, uniseg.StringWidth(line), limit, "%q", line)
				assert.Equal(t, strings.TrimRight(line, " "), line)
				assert.NotContains(t, line, "\x1b")
			}
		}
	}
}

func TestScreenShowsAllItCan(t *testing.T) {
	for _, counts := range [][]int{{3, 4}, {5, 5, 5}, {8, 8, 8, 7}} {
		text := strings.Join(screenOf(t, many(counts...), 100, false), "\n")
		for i, n := range counts {
			for k := range n {
				assert.Contains(t, text, fmt.Sprintf("figure %d of section %d", k, i), "%v", counts)
			}
		}
	}
	lines := screenOf(t, many(30, 30), 80, false)
	assert.Equal(t, "... not all of 60 figures fit here, 20 of them missed; the report has them", lines[21])
	ok := many(50)
	for i := range 50 {
		ok.Sections[0].Blocks[1].(Figures)[i].Status = OK
	}
	assert.Equal(t, "... not all of 50 figures fit here; the report has them", screenOf(t, ok, 80, false)[21])
}

func TestScreenLinesUp(t *testing.T) {
	lines := screenOf(t, &Report{Title: "t", Sections: []Section{{Heading: "Speed", Blocks: []Block{&Figures{
		{Label: "日本", Value: "7", Unit: "s", Status: OK, Note: "first"},
		{Label: "longer", Value: "1234", Unit: "images/s", Status: Missed, Note: "second"},
		{Label: "bare", Value: "x"},
	}}}, {Heading: "no figures"}}}, 80, false)
	assert.Equal(t, []string{
		"t", "", "Speed",
		"  日本       7 s         ok      first",
		"  longer  1234 images/s  missed  second",
		"  bare       x",
	}, lines)
}

func TestScreenColour(t *testing.T) {
	r := many(3)
	plain, coloured := screenOf(t, r, 80, false), screenOf(t, r, 80, true)
	require.Len(t, coloured, len(plain))
	escape := strings.NewReplacer("\x1b[0m", "", "\x1b["+bold+"m", "", "\x1b["+faint+"m", "", "\x1b["+green+"m", "", "\x1b["+red+"m", "")
	for i := range plain {
		assert.Equal(t, plain[i], escape.Replace(coloured[i]))
	}
	assert.Contains(t, strings.Join(coloured, ""), "\x1b["+red+"mmissed\x1b[0m")
}

// No text moves the cursor or changes the terminal.
func TestScreenIsClean(t *testing.T) {
	const hostile = "a\x1b[2J\x07\r\n\tb\u009b31m\u202ec\xff"
	r := everything(func(s string) string { return s + hostile })
	for _, line := range screenOf(t, r, 80, false) {
		for _, c := range line {
			assert.True(t, c >= ' ' && c != 0x7f && (c < 0x80 || c > 0x9f) && c != 0x202e, "%q in %q", c, line)
		}
	}
}

func TestScreenReportsWriteErrors(t *testing.T) {
	assert.ErrorContains(t, many(1).Screen(broken{}, 80, false), "full")
	assert.ErrorContains(t, many(1).Write(broken{}), "full")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }
