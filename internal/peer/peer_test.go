package peer

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A shell takes the place of Python: it is called the same way.
const shell = "sh"

const known = "fixed:w8f4,rne,sat"

const ready = `printf '{"versions": {"torch": "1.2"}, "peers": {"fixed:w8f4,rne,sat": "fixed(8, 4)"}}\n'; `

func TestPeer(t *testing.T) {
	p, err := Start(t.Context(), shell, ready+`test "$*" = "8192 --threads 3" || exit 1; while read name; do echo 2.5; done`, "--elements", "8192", "--threads", "3")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"torch": "1.2"}, p.Versions)
	assert.Equal(t, "fixed(8, 4)", p.Call(known))
	assert.Empty(t, p.Call("another"))
	assert.Empty(t, (*Peer)(nil).Call(known))
	for range 3 {
		answer, err := p.Time(known)
		require.NoError(t, err)
		assert.InDelta(t, 2.5, answer, 0)
	}
	require.NoError(t, p.Close())
}

func TestPeersMemory(t *testing.T) {
	p, err := Start(t.Context(), shell, ready+`read name; test "$name" = resident && echo 250.5; read name; echo unknown`)
	require.NoError(t, err)
	answer, err := p.ResidentMB()
	require.NoError(t, err)
	assert.InDelta(t, 250.5, answer, 0)
	_, err = p.ResidentMB()
	assert.ErrorContains(t, err, "the peer's memory")
}

func TestPeerFails(t *testing.T) {
	for _, c := range []struct{ python, program, want string }{
		{"/none/python", "", "starting the peer"},
		{shell, "echo 'No module named torch' >&2; exit 1", "the peer failed: No module named torch"},
		{shell, "exit 1", "the peer failed"},
		{shell, "echo no JSON; exec cat", "the peer failed: invalid character"},
	} {
		_, err := Start(t.Context(), c.python, c.program)
		assert.ErrorContains(t, err, c.want)
	}
	for _, c := range []struct{ program, want string }{
		{"read name; echo soon", `the time of fixed:w8f4,rne,sat: the peer's answer is no positive number: "soon"`},
		{"read name; echo -1", "no positive number"},
		{"read name; echo oh >&2", "the peer failed: oh"},
	} {
		p, err := Start(t.Context(), shell, ready+c.program)
		require.NoError(t, err)
		_, err = p.Time(known)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestPeerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := Start(ctx, shell, "exec sleep 60")
	assert.ErrorContains(t, err, "the peer failed")
}

func TestTail(t *testing.T) {
	var last tail
	for range 3000 {
		_, err := last.Write([]byte("a line\n"))
		require.NoError(t, err)
	}
	_, err := last.Write([]byte("the end\n\n"))
	require.NoError(t, err)
	assert.Equal(t, "the end", last.String())
	assert.LessOrEqual(t, len(last.text), tailBytes)
}
