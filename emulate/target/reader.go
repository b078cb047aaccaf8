package target

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/pkg/errors"
)

// reader turns nodes of a YAML document into values. It takes plain mappings and scalars only: no anchors, aliases or
// tags, so that a file cannot grow when it is read.
type reader struct{ file string }

// field is a key that a mapping must have, and what reads its value.
type field struct {
	key  string
	read func(ast.Node) error
}

// errorf is an error that names the file and the line of a node.
func (r reader) errorf(n ast.Node, format string, args ...any) error {
	line := 1
	if token := n.GetToken(); token != nil && token.Position != nil {
		line = token.Position.Line
	}
	return errors.Wrapf(errors.Errorf(format, args...), "%s: line %d", r.file, line)
}

// entries are the key-value pairs of a mapping.
func (r reader) entries(n ast.Node, place string) ([]*ast.MappingValueNode, error) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, nil
	case *ast.MappingValueNode: // a block mapping with one key
		return []*ast.MappingValueNode{m}, nil
	}
	return nil, r.errorf(n, "%s must be a mapping, key: value", place)
}

// mapping reads a mapping with exactly the given keys.
func (r reader) mapping(n ast.Node, place string, fields []field) error {
	entries, err := r.entries(n, place)
	if err != nil {
		return err
	}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	seen := make([]bool, len(fields))
	for _, entry := range entries {
		key, err := r.text(entry.Key, "key")
		if err != nil {
			return err
		}
		i := slices.Index(known, key)
		if i < 0 {
			return r.errorf(entry.Key, "unknown key %q in %s; the nearest known key is %q, all are %s",
				key, place, nearest(key, known), strings.Join(known, ", "))
		}
		if seen[i] {
			return r.errorf(entry.Key, "key %q appears twice; remove one", key)
		}
		seen[i] = true
		if err := fields[i].read(entry.Value); err != nil {
			return err
		}
	}
	if i := slices.Index(seen, false); i >= 0 {
		return r.errorf(n, "%s has no key %q; add it", place, known[i])
	}
	return nil
}

// only reads one key of a mapping, which decides what the others must be.
func (r reader) only(n ast.Node, place string, f field) error {
	entries, err := r.entries(n, place)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if key, err := r.text(entry.Key, "key"); err == nil && key == f.key {
			return f.read(entry.Value)
		}
	}
	return r.errorf(n, "%s has no key %q; add it", place, f.key)
}

// text reads a string. The tokens of other scalars are strings too, which is what a key such as `on` needs.
func (r reader) text(n ast.Node, key string) (string, error) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return n.GetToken().Value, nil
	}
	return "", r.errorf(n, "%s must be a plain word or a quoted string", key)
}

// choice reads a string that is one of several.
func (r reader) choice(n ast.Node, key string, v *string, allowed ...string) error {
	text, err := r.text(n, key)
	if err != nil {
		return err
	}
	if !slices.Contains(allowed, text) {
		return r.errorf(n, "%s: %q is not known; it may be %s", key, text, strings.Join(allowed, ", "))
	}
	*v = text
	return nil
}

func (r reader) boolean(n ast.Node, key string, v *bool) error {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return r.errorf(n, "%s must be true or false", key)
	}
	*v = b.Value
	return nil
}

func (r reader) integer(n ast.Node, key string, v *int, lo, hi int) error {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return r.errorf(n, "%s must be an integer from %d to %d", key, lo, hi)
	}
	switch value := i.Value.(type) {
	case int64:
		if value >= int64(lo) && value <= int64(hi) {
			*v = int(value)
			return nil
		}
	case uint64:
		if value >= uint64(max(lo, 0)) && value <= uint64(hi) {
			*v = int(value)
			return nil
		}
	}
	return r.errorf(n, "%s: %s is out of range; it may be %d to %d", key, n.GetToken().Value, lo, hi)
}
