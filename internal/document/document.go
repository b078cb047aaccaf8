// Package document reads small YAML files strictly: every key must be known, every value must have its kind, and every
// error names file, line and column. It has no anchors, tags, merge keys or second documents.
package document

import (
	stderrors "errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/halftone-go/halftone/internal/spelling"
	"github.com/pkg/errors"
)

// Limits beyond which Parse refuses a file. A policy that spells out every tensor of an LSTM over 50 steps has about
// 600 KiB; nothing that is read here nests deeper than three levels, and the parser's time grows with the square of it.
const (
	MaxSize  = 4 << 20 // bytes
	MaxDepth = 32      // brackets inside brackets, or list marks on one line
)

// Node is a value of a file with its place in it.
type Node struct {
	file  string
	node  ast.Node
	place place
}

// Entry is a key of a mapping with its value.
type Entry struct {
	Key   string
	Value Node
	key   Node
}

// Errorf returns an error about the entry's key, with its place.
func (e Entry) Errorf(format string, args ...any) error { return e.key.Errorf(format, args...) }

// Mapping is a mapping from strings, its entries in the order of the file.
type Mapping struct {
	Node
	Entries []Entry
}

// Parse reads data, the content of file (the name is for messages), whose top level must be a mapping.
func Parse(file string, data []byte) (m Mapping, err error) {
	if len(data) > MaxSize {
		return Mapping{}, errors.Errorf("%s: %d bytes are more than the %d that are read", file, len(data), MaxSize)
	}
	// The file comes from outside and the parser is not ours: whatever it does with a malformed one is an error of the file.
	defer func() {
		if r := recover(); r != nil {
			m, err = Mapping{}, errors.Errorf("%s: not YAML: %v", file, r)
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := checkDepth(file, tokens); err != nil {
		return Mapping{}, err
	}
	parsed, err := parser.Parse(tokens, 0)
	if err != nil {
		return Mapping{}, syntaxError(file, err)
	}
	var bodies []ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return Mapping{}, errors.Errorf("%s:1: the file is empty", file)
	case 1:
		return newNode(file, bodies[0]).Mapping()
	default:
		return Mapping{}, newNode(file, bodies[1]).Errorf("a second document; one file holds one")
	}
}

func checkDepth(file string, tokens token.Tokens) error {
	brackets, marks, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, marks = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType:
			marks++
		}
		if max(brackets, marks) > MaxDepth {
			return errors.Errorf("%s:%d:%d: nested more than %d levels deep", file, t.Position.Line, t.Position.Column, MaxDepth)
		}
	}
	return nil
}

func syntaxError(file string, err error) error {
	var positioned yaml.Error
	if stderrors.As(err, &positioned) && positioned.GetToken() != nil {
		p := positioned.GetToken().Position
		return errors.Errorf("%s:%d:%d: %s", file, p.Line, p.Column, positioned.GetMessage())
	}
	return errors.Errorf("%s: %v", file, err)
}

// Line returns the line of the value, from 1.
func (n Node) Line() int { return n.place.line }

type place struct{ line, column int }

func newNode(file string, node ast.Node) Node {
	at := node.GetToken()
	// A mapping's token is the colon of its first entry, or the opening brace.
	if m, ok := node.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		at = m.Values[0].Key.GetToken()
	}
	if at == nil || at.Position == nil {
		return Node{file, node, place{1, 1}}
	}
	return Node{file, node, place{at.Position.Line, at.Position.Column}}
}

// Errorf returns an error about the value, with its place.
func (n Node) Errorf(format string, args ...any) error {
	return errors.Errorf("%s:%d:%d: %s", n.file, n.place.line, n.place.column, fmt.Sprintf(format, args...))
}

// String returns the value as a string, quoted or plain. A number or a truth value must be quoted.
func (n Node) String() (string, error) {
	if s, ok := n.node.(*ast.StringNode); ok {
		return s.Value, nil
	}
	return "", n.Errorf("%s where a string belongs%s", n.kind(), n.quoteHint())
}

func (n Node) quoteHint() string {
	switch n.node.(type) {
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "; quote it"
	default:
		return ""
	}
}

// Int returns the value as an integer.
func (n Node) Int() (int, error) {
	if i, ok := n.node.(*ast.IntegerNode); ok {
		switch v := i.Value.(type) {
		case int64:
			if int64(int(v)) == v {
				return int(v), nil
			}
		case uint64:
			if v <= uint64(int(^uint(0)>>1)) {
				return int(v), nil
			}
		}
		return 0, n.Errorf("%s is too large", i.String())
	}
	return 0, n.Errorf("%s where an integer belongs", n.kind())
}

// Bool returns the value as a truth value.
func (n Node) Bool() (bool, error) {
	if b, ok := n.node.(*ast.BoolNode); ok {
		return b.Value, nil
	}
	return false, n.Errorf("%s where true or false belongs", n.kind())
}

// List returns the elements of a list.
func (n Node) List() ([]Node, error) {
	sequence, ok := n.node.(*ast.SequenceNode)
	if !ok {
		return nil, n.Errorf("%s where a list belongs", n.kind())
	}
	nodes := make([]Node, len(sequence.Values))
	for i, value := range sequence.Values {
		nodes[i] = newNode(n.file, value)
	}
	return nodes, nil
}

// Mapping returns the entries of a mapping, whose keys must be strings.
func (n Node) Mapping() (Mapping, error) {
	node, ok := n.node.(*ast.MappingNode)
	if !ok {
		return Mapping{}, n.Errorf("%s where a mapping (key: value) belongs", n.kind())
	}
	m := Mapping{Node: n}
	for _, value := range node.Values {
		key := newNode(n.file, value.Key)
		name, ok := value.Key.(*ast.StringNode)
		if !ok {
			return Mapping{}, key.Errorf("%s where a key belongs", key.kind())
		}
		entry := Entry{Key: name.Value, Value: newNode(n.file, value.Value), key: key}
		if value.Value.Type() == ast.NullType {
			// The parser places a missing value behind what follows it.
			entry.Value.place = key.place
		}
		m.Entries = append(m.Entries, entry)
	}
	return m, nil
}

// Only returns an error about the first key that is not among keys, with the nearest of them.
func (m Mapping) Only(keys ...string) error {
	for _, entry := range m.Entries {
		if !slices.Contains(keys, entry.Key) {
			return entry.Errorf("unknown key %q; nearest: %s", entry.Key, strings.Join(spelling.Nearest(entry.Key, keys, 1), ""))
		}
	}
	return nil
}

// Get returns the value of key and whether it is there.
func (m Mapping) Get(key string) (Node, bool) {
	for _, entry := range m.Entries {
		if entry.Key == key {
			return entry.Value, true
		}
	}
	return Node{}, false
}

// Need returns the value of key, or an error that says that it is missing.
func (m Mapping) Need(key string) (Node, error) {
	value, ok := m.Get(key)
	if !ok {
		return Node{}, m.Errorf("the key %q is missing", key)
	}
	return value, nil
}

// OneOf returns the value as a string that must be one of values.
func (n Node) OneOf(values ...string) (string, error) {
	s, err := n.String()
	if err != nil {
		return "", err
	}
	if !slices.Contains(values, s) {
		return "", n.Errorf("%q is not one of: %s", s, strings.Join(values, ", "))
	}
	return s, nil
}

// kind says in a reader's words what the value is.
func (n Node) kind() string {
	switch node := n.node.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.LiteralNode:
		return "a text of several lines"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor or alias"
	case *ast.TagNode:
		return "a tag"
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return node.String()
	case *ast.StringNode:
		return fmt.Sprintf("%q", node.Value)
	default:
		return strings.ToLower(n.node.Type().String())
	}
}
