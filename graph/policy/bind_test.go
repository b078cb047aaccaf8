package policy

import (
	"strings"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// points of a small network: input -> stem (conv, relu) -> stage1/block1 (conv) -> fc (dense) -> loss.
func points() []Point {
	return []Point{
		{Name: "x", Layer: "input", Role: Input},
		{Name: "stem/w", Layer: "stem", Op: "conv", Role: Weight},
		{Name: "stem/conv1.out", Layer: "stem", Op: "conv", Role: Activation, Use: Forward},
		{Name: "stem/relu1.out", Layer: "stem", Op: "relu", Role: Activation, Use: Forward},
		{Name: "stage1/block1/w", Layer: "stage1/block1", Op: "conv", Role: Weight},
		{Name: "stage1/block1/conv1.out", Layer: "stage1/block1", Op: "conv", Role: Activation, Use: Forward},
		{Name: "stage1/block1/conv1.grad-data", Layer: "stage1/block1", Op: "conv", Role: Error, Use: BackwardData},
		{Name: "stage1/block1/conv1.grad-weight", Layer: "stage1/block1", Op: "conv", Role: Gradient, Use: BackwardWeight},
		{Name: "fc/w", Layer: "fc", Op: "dense", Role: Weight},
		{Name: "fc/dense1.out", Layer: "fc", Op: "dense", Role: Activation, Use: Forward},
		{Name: "softmaxloss1.out", Layer: "loss", Op: "softmaxloss", Role: Loss, Use: Forward},
		{Name: "stem/relu1.out>stage1/block1/conv1.data", Layer: "stage1/block1", Op: "conv", Role: Activation, Use: Forward, Operand: "data"},
		{Name: "stage1/block1/relu1.grad-data>stage1/block1/conv1.grad-weight.error", Layer: "stage1/block1", Op: "conv", Role: Error, Use: BackwardWeight, Operand: "error"},
	}
}

func named(t *testing.T, name string) Point {
	t.Helper()
	for _, pt := range points() {
		if pt.Name == name {
			return pt
		}
	}
	require.Fail(t, "no point", name)
	return Point{}
}

func withRules(t *testing.T, lines ...string) *Policy {
	t.Helper()
	text := small[:strings.Index(small, "rules:")]
	if len(lines) > 0 {
		text += "rules:\n"
	}
	for _, line := range lines {
		text += "  - {" + line + "}\n"
	}
	p, err := Parse("p.yaml", []byte(text))
	require.NoError(t, err)
	return p
}

func bind(t *testing.T, lines ...string) *Binding {
	t.Helper()
	b, err := withRules(t, lines...).Bind(points())
	require.NoError(t, err)
	return b
}

func TestDefaultFormats(t *testing.T) {
	b := bind(t)
	assert.Equal(t, "float32", b.Format(named(t, "x")).String())
	assert.Equal(t, "bfp:w8e8,block=channel,sr,sat", b.Format(named(t, "fc/w")).String())
	assert.Equal(t, "bfp:w8e8,block=sample,sr,sat", b.Format(named(t, "stem/relu1.out")).String())
	assert.Equal(t, "exact", b.Format(Point{Name: "fc/dense1.out", Op: "dense", Role: Sum, Use: Forward}).String())
	assert.Empty(t, b.Target(named(t, "fc/dense1.out")))
	_, ok := b.Edge(named(t, "stem/relu1.out>stage1/block1/conv1.data"))
	assert.False(t, ok, "no edge rule, no node")
	assert.Equal(t, "p", b.Policy().Name)
}

// Rules select by layer, op, use and name, and each changes only what it selects.
func TestRulesSelect(t *testing.T) {
	const f = "fixed:w5f3,rne,sat"
	for _, c := range []struct {
		rule    string
		changed []string
	}{
		{`match: "stem/**", activation: "` + f + `"`, []string{"stem/conv1.out", "stem/relu1.out"}},
		{`match: "stem", op: relu, activation: "` + f + `"`, []string{"stem/relu1.out"}},
		{`match: "*/block1", op: conv, weight: "` + f + `"`, []string{"stage1/block1/w"}},
		{`op: conv, weight: "` + f + `"`, []string{"stem/w", "stage1/block1/w"}},
		{`use: backward-data, error: "` + f + `"`, []string{"stage1/block1/conv1.grad-data"}},
		{`match: "**", gradient: "` + f + `"`, []string{"stage1/block1/conv1.grad-weight"}},
		{`tensor: "**/conv1.out", activation: "` + f + `"`, []string{"stem/conv1.out", "stage1/block1/conv1.out"}},
		{`tensor: "fc/*", format: "` + f + `"`, []string{"fc/w", "fc/dense1.out"}},
	} {
		b := bind(t, c.rule)
		var changed []string
		for _, pt := range points() {
			if b.Format(pt) == number.MustParse(f) {
				changed = append(changed, pt.Name)
			}
			_, ok := b.Edge(pt)
			assert.False(t, ok, "%s makes no edge", c.rule)
		}
		assert.Equal(t, c.changed, changed, c.rule)
	}
}

func TestLaterRulesWin(t *testing.T) {
	first, second := `match: "**", weight: "fixed:w4f3,sr,sat"`, `match: "fc", weight: "fixed:w6f3,sr,sat"`
	assert.Equal(t, 6, bind(t, first, second).Format(named(t, "fc/w")).Width())
	assert.Equal(t, 4, bind(t, first, second).Format(named(t, "stem/w")).Width())
	assert.Equal(t, 4, bind(t, second, first).Format(named(t, "fc/w")).Width())
}

func TestEdges(t *testing.T) {
	data, errorEdge := named(t, "stem/relu1.out>stage1/block1/conv1.data"), named(t, "stage1/block1/relu1.grad-data>stage1/block1/conv1.grad-weight.error")

	b := bind(t, `match: "**", op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"`)
	f, ok := b.Edge(errorEdge)
	assert.True(t, ok)
	assert.Equal(t, "fixed:w8f12,sr,sat", f.String())
	_, ok = b.Edge(data)
	assert.False(t, ok)
	for _, pt := range points() {
		assert.NotEqual(t, f, b.Format(pt), "an edge rule leaves the tensor %s alone", pt.Name)
	}

	for _, rule := range []string{
		`tensor: "stem/relu1.out>stage1/block1/conv1.data", format: "fixed:w8f4,rne,sat"`,
		`tensor: "**>**/conv*.data", format: "fixed:w8f4,rne,sat"`,
		`tensor: "stem/relu1.out>**", format: "fixed:w8f4,rne,sat"`,
		`tensor: "stem/*", operand: data, format: "fixed:w8f4,rne,sat"`,
	} {
		b = bind(t, rule, `operand: error, format: float32`)
		f, ok = b.Edge(data)
		assert.True(t, ok, rule)
		assert.Equal(t, 8, f.Width(), rule)
		f, ok = b.Edge(errorEdge)
		assert.True(t, ok && f.IsFloat32(), rule)
	}

	b = bind(t, `operand: data, format: "fixed:w8f4,rne,sat"`, `tensor: "stem/**", operand: data, format: float32`)
	f, ok = b.Edge(data)
	assert.True(t, ok && f.IsFloat32(), "the later rule wins")
}

func TestTargets(t *testing.T) {
	fc, conv := named(t, "fc/dense1.out"), named(t, "stem/conv1.out")
	b := bind(t, `match: "fc", target: mac8`)
	assert.Equal(t, "mac8", b.Target(fc))
	assert.Empty(t, b.Target(conv))

	p := withRules(t, `match: "fc", target: none`)
	p.Target = "mac8"
	b, err := p.Bind(points())
	require.NoError(t, err)
	assert.Empty(t, b.Target(fc))
	assert.Equal(t, "mac8", b.Target(conv))
	assert.Empty(t, b.Target(named(t, "x")), "an input has no op")
	assert.Empty(t, b.Target(named(t, "stage1/block1/conv1.grad-data")), "a target computes the forward pass")
}

// A rule for the tensors of an optimizer holds where there is a parameter, one for a sum where there is an op.
func TestRulesForWhatIsNoNode(t *testing.T) {
	b := bind(t, `match: "fc", momentum: "fixed:w9f4,sr,sat"`, `op: dense, sum: "acc:w20,wrap"`)
	assert.Equal(t, 9, b.Format(Point{Name: "fc/w", Layer: "fc", Op: "dense", Role: Momentum}).Width())
	assert.Equal(t, 20, b.Format(Point{Name: "fc/dense1.out", Layer: "fc", Op: "dense", Role: Sum, Use: Forward}).Width())
}

// A format given to a parameter by its name is the parameter's, not that of what an optimizer keeps under this name.
func TestFormatByNameIsNotTheOptimizers(t *testing.T) {
	b := bind(t, `tensor: "fc/*", format: "fixed:w9f4,sr,sat"`)
	assert.Equal(t, 9, b.Format(named(t, "fc/w")).Width())
	assert.True(t, b.Format(Point{Name: "fc/w", Layer: "fc", Op: "dense", Role: Momentum}).IsFloat32())
	assert.Equal(t, "exact", b.Format(Point{Name: "fc/dense1.out", Layer: "fc", Op: "dense", Role: Sum}).String())
}

func TestARuleThatMatchesNothing(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{`match: "stag1/**", weight: float32`, `there is no layer "stag1/**"; nearest: stage1, stem, fc`},
		{`match: "stage1/block2", weight: float32`, `there is no layer "stage1/block2"; nearest: stage1/block1, stage1, stem`},
		{`match: "stem", op: cnv, weight: float32`, `there is no op "cnv"; nearest: conv, relu`},
		{`match: "fc", op: dense, use: backward-data, error: float32`, `there is no use "backward-data"; nearest: forward`},
		{`op: conv, operand: weights, format: float32`, `there is no operand "weights"; nearest: data, error`},
		{`tensor: "stem/conv.out", activation: float32`, `there is no tensor "stem/conv.out"; nearest: stem/conv1.out, stem/relu1.out, stem/w`},
		{`tensor: "stem/relu1.out>stem/conv1.data", format: float32`, `there is no tensor "stem/relu1.out>stem/conv1.data"; nearest: stem/relu1.out>stage1/block1/conv1.data, stage1/block1/relu1.grad-data>stage1/block1/conv1.grad-weight.error`},
		{`match: "stem", state: float32, loss: float32`, `it sets state, loss, but what it selects has only the roles activation, weight`},
		{`match: "input", target: mac8`, `it sets target, but what it selects has only the roles input`},
	} {
		p := withRules(t, `match: "**", weight: float32`, c.rule)
		_, err := p.Bind(points())
		assert.EqualError(t, err, "p.yaml:22: rule 2: "+p.Rules[1].flow()+" matches nothing: "+c.want)
	}
}

func TestEveryIdleRuleIsNamed(t *testing.T) {
	_, err := withRules(t, `match: "a", weight: float32`, `match: "b", weight: float32`).Bind(points())
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 2)
	_, err = withRules(t, `match: "a", weight: float32`).Bind(nil)
	require.Error(t, err)
	assert.Contains(t, err.Error(), `there is no layer "a", nor any other`)
}

// A policy made by a program is checked like one from a file.
func TestBindChecksAPolicyMadeByAProgram(t *testing.T) {
	p := withRules(t)
	delete(p.Default, Bias)
	_, err := p.Bind(points())
	assert.EqualError(t, err, "p.yaml: default has no format for bias")

	p = withRules(t)
	p.File, p.Clipped = "", "maybe"
	_, err = p.Bind(points())
	assert.EqualError(t, err, `policy p: clipped: "maybe" is not in this version, which has: pass, zero`)

	p = withRules(t)
	p.Rules = []Rule{{Match: "a**", Target: "mac8"}}
	_, err = p.Bind(points())
	require.Error(t, err)
	assert.Contains(t, err.Error(), "p.yaml: rule 1: {match: \"a**\", target: mac8}: match: ")
}

// Spelling a policy out changes no format, no edge and no target.
func TestSpell(t *testing.T) {
	p := withRules(
		t,
		`match: "stem/**", activation: float32`,
		`op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"`,
		`match: "fc", target: none`,
		`match: "stem", target: other.yaml`,
	)
	p.Target = "mac8"
	b, err := p.Bind(points())
	require.NoError(t, err)
	all := append(points(), Point{Name: "fc/w", Layer: "fc", Op: "dense", Role: Momentum})

	spelled, err := Parse("spelled.yaml", b.Spell(all).YAML())
	require.NoError(t, err)
	again, err := spelled.Bind(all)
	require.NoError(t, err)
	for _, pt := range all {
		if !pt.IsEdge() {
			assert.Equal(t, b.Format(pt), again.Format(pt), pt.Name)
		}
		f, ok := b.Edge(pt)
		g, hasNode := again.Edge(pt)
		assert.Equal(t, f, g, pt.Name)
		assert.Equal(t, ok, hasNode, pt.Name)
		if pt.Use == Forward {
			assert.Equal(t, b.Target(pt), again.Target(pt), pt.Name)
		}
	}
	assert.Len(t, spelled.Rules, 12, "eleven tensors, and the one edge with a node")
}
