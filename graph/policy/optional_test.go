package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops/number"
)

// An optional rule may match nothing, others may not; where it matches it holds as any other.
func TestOptionalRules(t *testing.T) {
	p := withRules(t, `op: lstm, activation: float32, optional: true`, `op: relu, activation: float32, optional: true`)
	b, err := p.Bind(points())
	require.NoError(t, err)
	assert.True(t, b.Format(named(t, "stem/relu1.out")).IsFloat32())
	p.Rules[0].Optional = false
	_, err = p.Bind(points())
	require.ErrorContains(t, err, `there is no op "lstm"`)
	_, err = p.Unbound()
	require.NoError(t, err, "nobody asked whether rules match")
}

// takes tells ops of one kind apart by what they read.
func TestTakes(t *testing.T) {
	sum := Point{Name: "fc/add1.out", Layer: "fc", Op: "add", Role: Activation, Use: Forward, Takes: []string{"a", "b"}}
	biased := Point{Name: "fc/add2.out", Layer: "fc", Op: "add", Role: Activation, Use: Forward, Takes: []string{"input", "bias"}}
	p := withRules(t, `op: add, takes: bias, activation: float32`, `takes: b, activation: "fixed:w4f2,rne,sat"`)
	b, err := p.Bind([]Point{sum, biased})
	require.NoError(t, err)
	assert.True(t, b.Format(biased).IsFloat32())
	assert.Equal(t, number.MustParse("fixed:w4f2,rne,sat"), b.Format(sum))
	_, err = withRules(t, `op: add, takes: bais, activation: float32`).Bind([]Point{sum, biased})
	require.ErrorContains(t, err, `there is no takes "bais"`)
}

func TestRoundTripOfOptionalRules(t *testing.T) {
	p, err := Load("qpytorch8")
	require.NoError(t, err)
	again, err := Parse("qpytorch8.yaml", p.YAML())
	require.NoError(t, err, "%s", p.YAML())
	for i := range again.Rules {
		again.Rules[i].Line = p.Rules[i].Line
	}
	assert.Equal(t, p.Rules, again.Rules)
	assert.Contains(t, string(p.YAML()), "{op: add, takes: a, activation: float32, optional: true}")
}
