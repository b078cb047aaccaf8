package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShipped(t *testing.T) {
	for _, name := range Names() {
		p, err := Load(name)
		require.NoError(t, err)
		assert.Equal(t, name, p.Name)
		for _, r := range p.Rules {
			assert.True(t, r.Optional, "%s: a shipped policy fits every model", name)
		}
		for _, role := range []Role{Input, Loss, Statistic} {
			assert.True(t, p.Default[role].IsFloat32(), "%s keeps %s in float32", name, role)
		}
		_, err = p.Bind(points())
		assert.NoError(t, err)
	}
	assert.Equal(t, []string{"fixed16", "fixed8", "float32", "halp8", "qpytorch8", "swalp8"}, Names())
}

func TestShippedFormats(t *testing.T) {
	swalp, err := Load("swalp8")
	require.NoError(t, err)
	for _, role := range []Role{Weight, Bias, Gradient, Momentum, Master} {
		assert.Equal(t, "bfp:w8e8,block=channel,sr,sat", swalp.Default[role].String(), role)
	}
	for _, role := range []Role{Activation, State, Error} {
		assert.Equal(t, "bfp:w8e8,block=sample,sr,sat", swalp.Default[role].String(), role)
	}
	assert.Equal(t, "exact", swalp.Default[Sum].String())

	peer, err := Load("qpytorch8")
	require.NoError(t, err)
	assert.Equal(t, AtQuantizers, peer.Backward)
	for _, role := range []Role{Weight, Gradient, Momentum, Master} {
		assert.Equal(t, "bfp:w8e8,block=channel,sr,sym+qpytorch", peer.Default[role].String(), role)
	}
	for _, role := range []Role{Activation, State, Error} {
		assert.Equal(t, "bfp:w8e8,block=sample,sr,sym+qpytorch", peer.Default[role].String(), role)
	}

	halp, err := Load("halp8")
	require.NoError(t, err)
	for _, role := range Roles() {
		if role == Offset {
			assert.Equal(t, "int:w8,scale=run,sr,sat", halp.Default[role].String())
		} else {
			assert.True(t, halp.Default[role].IsFloat32(), role)
		}
	}
}
