// Package schemas_test checks the JSON Schemas of policy and target files against the parsers: what is shipped
// validates, and what a parser refuses for its shape the schema refuses too.
package schemas_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(name + ".schema.json")
	require.NoError(t, err)
	return schema
}

// validate checks a YAML text against a schema.
func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err, "%s", text)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	require.NoError(t, err)
	return schema.Validate(instance)
}

func shippedPolicy(t *testing.T, name string) string {
	t.Helper()
	text, err := policy.Text(name)
	require.NoError(t, err)
	return string(text)
}

func TestShippedPolicies(t *testing.T) {
	schema := compile(t, "policy")
	for _, name := range policy.Names() {
		assert.NoError(t, validate(t, schema, shippedPolicy(t, name)), name)
	}
}

func TestShippedTargets(t *testing.T) {
	schema := compile(t, "target")
	files, err := filepath.Glob("../../emulate/target/shipped/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, len(target.Names()))
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NoError(t, validate(t, schema, string(text)), file)
	}
}

// Schema and parser agree about rules, one by one.
func TestPolicyRules(t *testing.T) {
	schema := compile(t, "policy")
	base := shippedPolicy(t, "swalp8") + "rules:\n  - "
	for _, c := range []struct {
		rule  string
		valid bool
	}{
		{`{match: "stem/**", activation: float32}`, true},
		{`{op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"}`, true},
		{`{tensor: "fc/*", format: float32}`, true},
		{`{tensor: "x>conv1.data", format: float32}`, true},
		{`{match: fc, target: mac8}`, true},
		{`{op: add, takes: bias, activation: float32, optional: true}`, true},
		{`{takes: bias, activation: float32}`, true},
		{`{op: add, takes: "", activation: float32}`, false},
		{`{op: add, activation: float32, optional: "true"}`, false},
		{`{weight: float32, optional: true}`, false},
		{`{match: fc, use: forward, target: mac8}`, true},
		{`{match: fc, weight: float32, target: mac8}`, true},
		{`{match: fc}`, false},
		{`{weight: float32}`, false},
		{`{match: fc, wieght: float32}`, false},
		{`{match: "", weight: float32}`, false},
		{`{match: fc, weight: 8}`, false},
		{`{match: fc, format: float32}`, false},
		{`{tensor: fc, format: float32, weight: float32}`, false},
		{`{operand: error, weight: float32}`, false},
		{`{operand: error, format: float32, target: mac8}`, false},
		{`{tensor: "x>conv1.data", activation: float32}`, false},
		{`{match: fc, use: backward, weight: float32}`, false},
		{`{match: fc, use: backward-data, target: mac8}`, false},
	} {
		_, parsed := policy.Parse("p.yaml", []byte(base+c.rule))
		validated := validate(t, schema, base+c.rule)
		assert.Equal(t, c.valid, parsed == nil, "parser, %s: %v", c.rule, parsed)
		assert.Equal(t, c.valid, validated == nil, "schema, %s: %v", c.rule, validated)
	}
}

// Every change of a shipped file is refused by schema and parser alike.
func TestRefused(t *testing.T) {
	mac8, err := os.ReadFile("../../emulate/target/shipped/mac8.yaml")
	require.NoError(t, err)
	parsePolicy := func(text string) error {
		_, err := policy.Parse("p.yaml", []byte(text))
		return err
	}
	parseTarget := func(text string) error {
		_, err := target.Parse("t.yaml", []byte(text))
		return err
	}
	for _, c := range []struct {
		schema   string
		text     string
		parse    func(string) error
		old, new string
	}{
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "policy/1", "policy/2"},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "  bias:", "  biass:"},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "  loss: float32\n", ""},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "every-op", "at-ops"},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "clipped: pass", "clipped: maybe"},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "clipped: pass\n", ""},
		{"policy", shippedPolicy(t, "swalp8"), parsePolicy, "clipped: pass", "clipped: pass\nbatchnorm: keep"},
		{"target", string(mac8), parseTarget, "weight: int8", "weight: uint8"},
		{"target", string(mac8), parseTarget, "activation: int8", "activation: int16"},
		{"target", string(mac8), parseTarget, "rows: 8, columns: 8", "lanes: 8"},
		{"target", string(mac8), parseTarget, "rows: 8", "rows: 0"},
		{"target", string(mac8), parseTarget, "clamp: true\n", ""},
		{"target", string(mac8), parseTarget, "clamp: true", `clamp: "true"`},
		{"target", string(mac8), parseTarget, "per-channel", "per-row"},
		{"target", string(mac8), parseTarget, "acc:w32,wrap", "fixed:w32f0,rne,wrap"},
		{"target", string(mac8), parseTarget, "add: 1", "ad: 1"},
	} {
		changed := strings.Replace(c.text, c.old, c.new, 1)
		require.NotEqual(t, c.text, changed, c.old)
		assert.Error(t, c.parse(changed), "parser: %s", c.new)
		assert.Error(t, validate(t, compile(t, c.schema), changed), "schema: %s", c.new)
	}
}
