package policy

import (
	"strings"

	"github.com/pkg/errors"
)

// glob is a compiled pattern over names with slashes: * stands for any characters of one segment, ** for any number of
// segments, none included, so that p/** also matches p.
type glob struct {
	literal  string // the pattern, when it has no wildcard
	segments []string
}

func compileGlob(pattern string) (glob, error) {
	if !strings.Contains(pattern, "*") {
		return glob{literal: pattern}, nil
	}
	segments := strings.Split(pattern, "/")
	for _, segment := range segments {
		if segment != "**" && strings.Contains(segment, "**") {
			return glob{}, errors.Errorf("%q: ** must stand alone between slashes; write * for any characters of a name", segment)
		}
	}
	return glob{segments: segments}, nil
}

func (g glob) match(name string) bool {
	if g.segments == nil {
		return g.literal == name
	}
	var parts []string
	if name != "" {
		parts = strings.Split(name, "/")
	}
	return wildcard(g.segments, parts, func(s string) bool { return s == "**" }, matchSegment)
}

func matchSegment(pattern, segment string) bool {
	return wildcard([]byte(pattern), []byte(segment),
		func(c byte) bool { return c == '*' },
		func(p, c byte) bool { return p == c })
}

// wildcard matches items against a pattern in which a star stands for any number of items. Going back to the last star
// only is enough: an earlier one could take no items that the last one cannot take as well. So the time is at most
// len(pattern) * len(items).
func wildcard[T any](pattern, items []T, isStar func(T) bool, same func(pattern, item T) bool) bool {
	p, i := 0, 0
	star, taken := -1, 0 // the last star, and the first item behind those that it took
	for i < len(items) {
		switch {
		case p < len(pattern) && isStar(pattern[p]):
			star, taken = p, i
			p++
		case p < len(pattern) && same(pattern[p], items[i]):
			p++
			i++
		case star >= 0:
			taken++
			p, i = star+1, taken
		default:
			return false
		}
	}
	for p < len(pattern) && isStar(pattern[p]) {
		p++
	}
	return p == len(pattern)
}
