package oracles_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// foreign is a rounding or an overflow of another world.
type foreign struct{ what, world, name string }

// TestNames finds out which of Halftone's roundings and overflows do, on every vector, what those of the other worlds do.
// At most one does, and the tables of docs/oracles.md say which.
func TestNames(t *testing.T) {
	measured := map[string]map[foreign][]string{
		"rounding": measuredNames(t, "rounding", deterministicRoundings()),
		"overflow": measuredNames(t, "overflow", number.Overflows()),
	}
	worlds := map[string]bool{}
	for _, table := range measured {
		for f := range table {
			worlds[f.world] = true
		}
	}
	for what, table := range measured {
		documented := documentedNames(t, what, worlds)
		for f, names := range table {
			require.LessOrEqual(t, len(names), 1, "%v does not tell these apart", f)
			name := "none"
			if len(names) == 1 {
				name = names[0]
			}
			assert.Equal(t, name, documented[f], "Halftone's name for %v, in docs/oracles.md", f)
		}
		for f := range documented {
			assert.Contains(t, table, f, "docs/oracles.md names what no vector shows")
		}
	}
}

// deterministicRoundings are the roundings without random bits.
func deterministicRoundings() []string {
	return slices.DeleteFunc(number.Roundings(), func(name string) bool { return strings.HasPrefix(name, "sr") })
}

// measuredNames returns for each of the other worlds' names those of Halftone's that agree on every vector.
func measuredNames(t *testing.T, what string, candidates []string) map[foreign][]string {
	agreeing := map[foreign][]string{}
	for _, oracle := range oracles {
		for _, c := range readVectors(t, oracle).Cases {
			if c.What != what {
				continue
			}
			f := foreign{c.What, c.World, c.Name}
			if _, known := agreeing[f]; !known {
				agreeing[f] = slices.Clone(candidates)
			}
			agreeing[f] = slices.DeleteFunc(agreeing[f], func(name string) bool { return !agrees(t, c, name) })
		}
	}
	return agreeing
}

// agrees reports whether the rounding or overflow of that name gives what the case has. A format that refuses it is not
// one that agrees.
func agrees(t *testing.T, c vectorCase, name string) bool {
	f, err := number.Parse(fmt.Sprintf(c.Format, name))
	if err != nil {
		return false
	}
	got, err := c.quantize(f)
	require.NoError(t, err)
	for i, want := range c.Value.words {
		if !same(math.Float32bits(got[i]), want) {
			return false
		}
	}
	return true
}

var quoted = regexp.MustCompile("`([^`]+)`")

// documentedNames reads the table that begins with the word: a row for each of Halftone's names, a column for each
// world. Worlds whose programs were not run are left out.
func documentedNames(t *testing.T, what string, worlds map[string]bool) map[foreign]string {
	text, err := os.ReadFile("../../docs/oracles.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "\n| "+what+" |")
	require.True(t, found, "docs/oracles.md has no table %q", what)
	table, _, _ = strings.Cut(table, "\n\n")
	lines := strings.Split(table, "\n")
	header := cells(lines[0])
	names := map[foreign]string{}
	for _, line := range lines[2:] {
		row := cells(strings.TrimPrefix(line, "|"))
		require.Len(t, row, len(header)+1, line)
		for i, world := range header {
			if !worlds[world] {
				continue
			}
			for _, match := range quoted.FindAllStringSubmatch(row[i+1], -1) {
				f := foreign{what, world, match[1]}
				require.NotContains(t, names, f)
				names[f] = strings.Trim(row[0], "`")
			}
		}
	}
	return names
}

func cells(line string) []string {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
