package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"fc", []string{"fc"}, []string{"", "fc1", "a/fc", "fc/a"}},
		{"**", []string{"", "a", "a/b/c"}, nil},
		{"*", []string{"a", "abc"}, []string{"", "a/b"}},
		{"stage3/**", []string{"stage3", "stage3/block1", "stage3/block1/conv"}, []string{"stage31", "stage", "a/stage3", ""}},
		{"stage*/**", []string{"stage3", "stage31/a"}, []string{"stem"}},
		{"**/conv1.out", []string{"conv1.out", "a/conv1.out", "a/b/conv1.out"}, []string{"conv1.outs", "conv1.out/a"}},
		{"stage?", []string{"stage?"}, []string{"stage3"}},
		{"a/*/c", []string{"a/b/c", "a/bb/c"}, []string{"a/c", "a/b/b/c"}},
		{"a/**/c", []string{"a/c", "a/b/c", "a/b/b/c"}, []string{"a", "c", "a/b/c/d"}},
		{"**/a/**/b/**", []string{"a/b", "x/a/y/b/z", "a/a/b/b"}, []string{"b/a", "a"}},
		{"*.grad-*", []string{"conv1.grad-weight", ".grad-"}, []string{"conv1.grad", "a/conv1.grad-weight"}},
	} {
		g, err := compileGlob(c.pattern)
		require.NoError(t, err)
		for _, name := range c.yes {
			assert.True(t, g.match(name), "%s matches %q", c.pattern, name)
		}
		for _, name := range c.no {
			assert.False(t, g.match(name), "%s does not match %q", c.pattern, name)
		}
	}
	_, err := compileGlob("stage**")
	assert.EqualError(t, err, `"stage**": ** must stand alone between slashes; write * for any characters of a name`)
}

// A pattern of many stars must not take exponential time.
func TestGlobTime(t *testing.T) {
	g, err := compileGlob(strings.Repeat("**/*a*a*a*a/", 50) + "b")
	require.NoError(t, err)
	start := time.Now()
	assert.False(t, g.match(strings.Repeat(strings.Repeat("a", 50)+"/", 50)))
	assert.Less(t, time.Since(start), time.Second)
}

// FuzzGlob compares with the definition, written as a recursion.
func FuzzGlob(f *testing.F) {
	f.Add("a/**/b*", "a/c/bc")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 12 || len(name) > 12 {
			return
		}
		g, err := compileGlob(pattern)
		if err != nil {
			return
		}
		want := pattern == name
		if strings.Contains(pattern, "*") {
			var parts []string
			if name != "" {
				parts = strings.Split(name, "/")
			}
			want = matchesByDefinition(strings.Split(pattern, "/"), parts)
		}
		assert.Equal(t, want, g.match(name), "%q %q", pattern, name)
	})
}

func matchesByDefinition(pattern, parts []string) bool {
	if len(pattern) == 0 {
		return len(parts) == 0
	}
	if pattern[0] == "**" {
		return matchesByDefinition(pattern[1:], parts) || len(parts) > 0 && matchesByDefinition(pattern, parts[1:])
	}
	return len(parts) > 0 && segmentByDefinition(pattern[0], parts[0]) && matchesByDefinition(pattern[1:], parts[1:])
}

func segmentByDefinition(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	if pattern[0] == '*' {
		return segmentByDefinition(pattern[1:], s) || s != "" && segmentByDefinition(pattern, s[1:])
	}
	return s != "" && s[0] == pattern[0] && segmentByDefinition(pattern[1:], s[1:])
}
