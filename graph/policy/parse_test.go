package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// small is a complete policy with a rule of every sort.
const small = `halftone: policy/1
default:
  input: float32
  weight: "bfp:w8e8,block=channel,sr,sat"
  bias: float32
  activation: "bfp:w8e8,block=sample,sr,sat"
  state: float32
  statistic: float32
  loss: float32
  error: "bfp:w8e8,block=sample,sr,sat"
  gradient: float32
  momentum: float32
  master: float32
  offset: float32
  average: float32
  product: float32
  sum: exact
backward: every-op
clipped: pass
rules:
  - {match: "stem/**", activation: float32}
  - {match: "stage3/**", op: conv, weight: "fixed:w4f3,sr,sat", momentum: "fixed:w16f12,sr,sat"}
  - {match: "**", op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"}
  - {match: "fc", target: mac8}
  - {tensor: "stem/conv1.out", format: "fixed:w8f4,rne,sat"}
`

func TestParse(t *testing.T) {
	p, err := Parse("dir/mine.yaml", []byte(small))
	require.NoError(t, err)
	assert.Equal(t, "mine", p.Name)
	assert.Equal(t, EveryOp, p.Backward)
	assert.Equal(t, Pass, p.Clipped)
	assert.Empty(t, p.BatchNorm)
	assert.Len(t, p.Default, len(Roles()))
	assert.Equal(t, number.MustParse("exact"), p.Default[Sum])
	require.Len(t, p.Rules, 5)
	assert.Equal(t, Rule{
		Line: 22, Match: "stage3/**", Op: "conv",
		Formats: map[Role]number.Format{
			Weight:   number.MustParse("fixed:w4f3,sr,sat"),
			Momentum: number.MustParse("fixed:w16f12,sr,sat"),
		},
	}, p.Rules[1])
	assert.Equal(t, number.MustParse("fixed:w8f12,sr,sat"), *p.Rules[2].Format)
	assert.Equal(t, "mac8", p.Rules[3].Target)
}

func TestRoundTrip(t *testing.T) {
	p, err := Parse("mine.yaml", []byte(small+"batchnorm: fold\ntarget: mac8\n"))
	require.NoError(t, err)
	again, err := Parse("mine.yaml", p.YAML())
	require.NoError(t, err, "%s", p.YAML())
	assert.Equal(t, p.YAML(), again.YAML())
	assert.Empty(t, Diff(p, again))
	for i := range again.Rules {
		again.Rules[i].Line = p.Rules[i].Line
	}
	assert.Equal(t, p, again)
}

// Words that YAML would read as something else keep their meaning.
func TestRoundTripOfAwkwardNames(t *testing.T) {
	p, err := Load("float32")
	require.NoError(t, err)
	for _, name := range []string{"true", "null", "no", "1", "1e3", "a b", "a, b", "a: b", "#a", "'a'", `"a"`, `a\b`, "a\tb", "{a}", "é", "<a&b", "*/a", "- a", "~", ".inf"} {
		p.Rules = append(p.Rules, Rule{Tensor: name, Target: "mac8"})
	}
	again, err := Parse("x.yaml", p.YAML())
	require.NoError(t, err)
	assert.Empty(t, Diff(p, again))
}

// Every change of the sample is refused with a message that names the place and the remedy.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"foreign version", "policy/1", "policy/2", `p.yaml:1:11: "policy/2" is not one of: policy/1`},
		{"target file", "halftone: policy/1", "halftone: target/1", `p.yaml:1:11: "target/1" is not one of: policy/1`},
		{"unknown key", "backward:", "bakward:", `p.yaml:18:1: unknown key "bakward"; nearest: backward`},
		{"backward", "every-op", "at-ops", `p.yaml:18:11: backward: "at-ops" is not in this version, which has: every-op, at-quantizers`},
		{"optional", "target: mac8", "target: mac8, optional: perhaps", `p.yaml:24:43: "perhaps" where true or false belongs`},
		{"missing clipped", "clipped: pass\n", "", `p.yaml:1:1: the key "clipped" is missing; write one of: pass, zero`},
		{"clipped", "clipped: pass", "clipped: maybe", `p.yaml:19:10: clipped: "maybe" is not in this version, which has: pass, zero`},
		{"batchnorm", "clipped: pass", "clipped: pass\nbatchnorm: keep", `p.yaml:20:12: batchnorm: "keep" is not in this version, which has: fold`},
		{"unknown role", "  bias: float32", "  biass: float32", `p.yaml:5:3: unknown key "biass"; nearest: bias`},
		{"missing roles", "  bias: float32\n", "", "p.yaml:3:3: default has no format for bias"},
		{"unquoted number", "bias: float32", "bias: 32", "p.yaml:5:9: 32 where a string belongs; quote it"},
		{"accumulator as weight", "bias: float32", "bias: exact", "p.yaml:5:9: bias: exact says how sums are taken and belongs to the role sum"},
		{"unknown key in a rule", "op: conv, weight:", "op: conv, wieght:", `p.yaml:22:36: unknown key "wieght"; nearest: weight`},
		{"unknown use", "backward-weight", "backward-wieght", `p.yaml:23:34: unknown use "backward-wieght"; nearest: backward-weight`},
		{"role on an edge", "format: \"fixed:w8f12", "error: \"fixed:w8f12", "p.yaml:23:5: a rule with an operand is about one use of a tensor; give format, not a role"},
		{"target on an edge", "format: \"fixed:w8f12,sr,sat\"", "target: mac8", "p.yaml:23:5: a rule with an operand is about one use of a tensor and takes no target"},
		{"format without a place", "operand: error, ", "", "p.yaml:23:5: format goes with tensor or operand; without them name the role (weight: ..., activation: ...)"},
		{"everywhere", `match: "fc", `, "", "p.yaml:24:5: a rule needs match, op, use, operand, takes or tensor; what holds everywhere belongs in default"},
		{"sets nothing", `"fc", target: mac8`, `"fc"`, "p.yaml:24:5: a rule sets nothing; give a format by role (weight: ..., activation: ...), format or target"},
		{"format and role", "target: mac8", "format: float32, weight: float32", "p.yaml:24:5: a rule has both format and formats by role; write two rules"},
		{"target of the way back", "target: mac8", "use: backward-data, target: mac8", "p.yaml:24:5: a target computes the forward pass, not backward-data"},
		{"empty match", `"fc"`, `""`, "p.yaml:24:13: an empty string; leave the key out"},
		{"stars inside a name", `"stem/**"`, `"stem**"`, `p.yaml:21:5: match: "stem**": ** must stand alone between slashes; write * for any characters of a name`},
		{"rules of no list", "rules:\n", "rules: none\n#", `p.yaml:20:8: "none" where a list belongs`},
	} {
		data := strings.Replace(small, c.old, c.new, 1)
		require.NotEqual(t, small, data, c.name)
		if c.name == "rules of no list" {
			data = data[:strings.Index(data, "#")]
		}
		_, err := Parse("p.yaml", []byte(data))
		assert.EqualError(t, err, c.want, c.name)
	}
}

// A format that is cut short shows a caret under the place.
func TestParseShowsWhereAFormatIsWrong(t *testing.T) {
	_, err := Parse("p.yaml", []byte(strings.Replace(small, "fixed:w4f3,sr,sat", "fixed:w4f3,sr", 1)))
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 3)
	assert.True(t, strings.HasPrefix(lines[0], "p.yaml:22:44: weight: "), lines[0])
	assert.Contains(t, lines[0], "fixed:w4f3,sr,sat")
	assert.Equal(t, "    fixed:w4f3,sr", lines[1])
	assert.Equal(t, "                 ^", lines[2])
}

func TestParseRefusesTruncatedFiles(t *testing.T) {
	for _, cut := range []int{0, 5, 60, len(small) / 2, len(small) - 8} {
		_, err := Parse("p.yaml", []byte(small[:cut]))
		require.Error(t, err, "%d bytes", cut)
		assert.Contains(t, err.Error(), "p.yaml:", "%d bytes", cut)
	}
}

func TestLoad(t *testing.T) {
	_, err := Load("swalp9")
	assert.EqualError(t, err, `policy "swalp9" is neither a file nor shipped; shipped are fixed16, fixed8, float32, halp8, qpytorch8, swalp8`)

	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte(small), 0o600))
	p, err := Load(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", p.Name)

	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(small, "mac8", "mac9", 1)), 0o600))
	_, err = Load(file)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "mine.yaml:24: rule 4: ")
	assert.Contains(t, err.Error(), "mac9")

	_, err = Load(t.TempDir())
	assert.Error(t, err, "a folder is no policy")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range Names() {
		text, err := Text(name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("f.yaml", data)
		if err != nil {
			require.Contains(t, err.Error(), "f.yaml", "an error names the file")
			return
		}
		again, err := Parse("f.yaml", p.YAML())
		require.NoError(t, err, "%s", p.YAML())
		require.Equal(t, p.YAML(), again.YAML())
		_, _ = p.Bind(nil)
	})
}
