package document

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sample = `# a comment
name: mac8
size: {rows: 8, columns: 0x10}
clamp: true
list:
  - one
  - {two: 2}
`

func TestValues(t *testing.T) {
	m, err := Parse("a.yaml", []byte(sample))
	require.NoError(t, err)
	require.NoError(t, m.Only("name", "size", "clamp", "list"))

	name, err := m.Need("name")
	require.NoError(t, err)
	s, err := name.String()
	require.NoError(t, err)
	assert.Equal(t, "mac8", s)

	node, ok := m.Get("size")
	require.True(t, ok)
	size, err := node.Mapping()
	require.NoError(t, err)
	columns, err := size.Need("columns")
	require.NoError(t, err)
	n, err := columns.Int()
	require.NoError(t, err)
	assert.Equal(t, 16, n)
	assert.Equal(t, 3, columns.Line())

	clamp, err := m.Need("clamp")
	require.NoError(t, err)
	b, err := clamp.Bool()
	require.NoError(t, err)
	assert.True(t, b)

	node, _ = m.Get("list")
	list, err := node.List()
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, 7, list[1].Line())

	_, ok = m.Get("absent")
	assert.False(t, ok)
}

func TestWrongKinds(t *testing.T) {
	m, err := Parse("a.yaml", []byte(sample))
	require.NoError(t, err)
	size, _ := m.Get("size")
	name, _ := m.Get("name")
	clamp, _ := m.Get("clamp")

	_, err = size.String()
	assert.EqualError(t, err, "a.yaml:3:7: a mapping where a string belongs")
	_, err = clamp.String()
	assert.EqualError(t, err, "a.yaml:4:8: true where a string belongs; quote it")
	_, err = name.Int()
	assert.EqualError(t, err, `a.yaml:2:7: "mac8" where an integer belongs`)
	_, err = name.Bool()
	assert.EqualError(t, err, `a.yaml:2:7: "mac8" where true or false belongs`)
	_, err = name.List()
	assert.EqualError(t, err, `a.yaml:2:7: "mac8" where a list belongs`)
	_, err = name.Mapping()
	assert.EqualError(t, err, `a.yaml:2:7: "mac8" where a mapping (key: value) belongs`)
	_, err = name.OneOf("a", "b")
	assert.EqualError(t, err, `a.yaml:2:7: "mac8" is not one of: a, b`)
	_, err = m.Need("array")
	assert.EqualError(t, err, `a.yaml:2:1: the key "array" is missing`)
	assert.EqualError(t, m.Only("name", "size", "clmp", "list"), `a.yaml:4:1: unknown key "clamp"; nearest: clmp`)
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "a.yaml:1: the file is empty"},
		{"only a comment", "# x\n", "a.yaml:1: the file is empty"},
		{"a scalar", "x\n", `a.yaml:1:1: "x" where a mapping (key: value) belongs`},
		{"a list", "- x\n", "a.yaml:1:1: a list where a mapping (key: value) belongs"},
		{"two documents", "a: 1\n---\nb: 2\n", "a.yaml:3:1: a second document; one file holds one"},
		{"a key twice", "a: 1\nb: 2\na: 3\n", `a.yaml:3:1: mapping key "a" already defined at [1:1]`},
		{"cut short", "a: [1,\n", "a.yaml:1:4: sequence end token ']' not found"},
		{"a number as key", "1: a\n", "a.yaml:1:1: 1 where a key belongs"},
		{"a merge key", "<<: {a: 1}\n", "a.yaml:1:1: an anchor or alias where a key belongs"},
		{"too large", strings.Repeat("#", MaxSize+1), "a.yaml: 4194305 bytes are more than the 4194304 that are read"},
		{"brackets", "a:\n  " + strings.Repeat("[", 100000), "a.yaml:2:35: nested more than 32 levels deep"},
		{"braces", strings.Repeat("{a: ", 100000), "a.yaml:1:129: nested more than 32 levels deep"},
		{"lists", "a:\n" + strings.Repeat("- ", 100000), "a.yaml:2:65: nested more than 32 levels deep"},
	} {
		_, err := Parse("a.yaml", []byte(c.data))
		assert.EqualError(t, err, c.want, c.name)
	}
}

func TestAnchorsTagsAndTextsAreNoStrings(t *testing.T) {
	m, err := Parse("a.yaml", []byte("a: &x one\nb: *x\nc: !!str 1\nd: |\n  text\ne:\nf: 99999999999999999999\n"))
	require.NoError(t, err)
	for key, want := range map[string]string{
		"a": "a.yaml:1:4: an anchor or alias where a string belongs",
		"b": "a.yaml:2:4: an anchor or alias where a string belongs",
		"c": "a.yaml:3:4: a tag where a string belongs",
		"d": "a.yaml:4:4: a text of several lines where a string belongs",
		"e": "a.yaml:6:1: nothing where a string belongs",
	} {
		node, _ := m.Get(key)
		_, err := node.String()
		assert.EqualError(t, err, want, key)
	}
	large, _ := m.Get("f")
	_, err = large.Int()
	assert.Error(t, err)
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{sample, "", "a: [1, {b: c}]", "? a\n: b\n", "a: &x 1\nb: *x", "a: \"\\u00e9\"", "{a: 'it''s'}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("f.yaml", data)
		if err != nil {
			require.Contains(t, err.Error(), "f.yaml", "an error names the file")
			return
		}
		walk(m.Node)
	})
}

// walk asks every value for every kind: none may panic.
func walk(n Node) {
	_, _ = n.String()
	_, _ = n.Int()
	_, _ = n.Bool()
	_ = n.Line()
	if m, err := n.Mapping(); err == nil {
		for _, entry := range m.Entries {
			walk(entry.Value)
		}
	}
	if list, err := n.List(); err == nil {
		for _, element := range list {
			walk(element)
		}
	}
}
