package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/internal/spelling"
)

// suggestions is how many near names an error lists.
const suggestions = 3

// whyIdle says which condition of a rule is the first that no point meets, and what comes near.
func (c *compiledRule) whyIdle(points []Point) string {
	left := keep(points, func(pt Point) bool { return pt.IsEdge() == c.edge })
	for _, s := range c.selectors() {
		if s.want == "" {
			continue
		}
		next := keep(left, s.holds)
		if len(next) == 0 {
			return s.missing(left)
		}
		left = next
	}
	return fmt.Sprintf("it sets %s, but what it selects has only the roles %s",
		strings.Join(c.setNames(), ", "), strings.Join(distinct(left, func(pt Point) string { return string(pt.Role) }), ", "))
}

// missing says that none of points, which meet all earlier conditions, meets this one.
func (s selector) missing(points []Point) string {
	names := distinct(points, s.of)
	what, thing := s.key, strings.TrimSuffix(s.want, "/**")
	switch s.key {
	case "match":
		what, names = "layer", withParents(names)
	case "tensor":
		what = "tensor"
	}
	if len(names) == 0 {
		return fmt.Sprintf("there is no %s %q, nor any other", what, s.want)
	}
	return fmt.Sprintf("there is no %s %q; nearest: %s", what, s.want, strings.Join(spelling.Nearest(thing, names, suggestions), ", "))
}

func (c *compiledRule) setNames() []string {
	var names []string
	for _, role := range roles {
		if _, ok := c.Formats[role]; ok {
			names = append(names, string(role))
		}
	}
	if c.Target != "" {
		names = append(names, "target")
	}
	return names
}

func keep(points []Point, holds func(Point) bool) []Point {
	var kept []Point
	for _, pt := range points {
		if holds(pt) {
			kept = append(kept, pt)
		}
	}
	return kept
}

// distinct returns the values of points that are not empty, each once, sorted.
func distinct(points []Point, of func(Point) string) []string {
	var values []string
	for _, pt := range points {
		if v := of(pt); v != "" {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// withParents adds to layer paths the paths above them.
func withParents(paths []string) []string {
	var all []string
	for _, path := range paths {
		for i, c := range path {
			if c == '/' {
				all = append(all, path[:i])
			}
		}
		all = append(all, path)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
