package cosim

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// top has the ports of a datapath and nothing inside.
func top() *circuit.Module {
	m := circuit.NewModule("Top", "")
	for _, name := range []string{"beat_valid", "write_valid", "out_ready", "compute"} {
		m.Input(name, circuit.Bit, "")
	}
	m.Input("activation_0", circuit.Signed(8), "")
	m.Input("load_row", circuit.Unsigned(11), "")
	m.Input("write_data", circuit.Unsigned(48), "")
	m.Output("code_0", circuit.Constant(circuit.Signed(4), -1), "")
	m.Output("code_1", circuit.Constant(circuit.Signed(4), 3), "")
	return m
}

func TestRecords(t *testing.T) {
	i := NewInterface(top())
	assert.Equal(t, []Port{{"compute", 1, 1, 1}, {"activation_0", 8, 2, 1}, {"load_row", 11, 3, 2}}, i.Beat)
	assert.Equal(t, []Port{{"write_data", 48, 1, 6}}, i.Write)
	assert.Equal(t, 17, i.RecordBytes)
	assert.Nil(t, i.BeatPort("write_data"))
	assert.Equal(t, []string{"code_0", "code_1"}, i.Codes)

	beat := i.NewBeat()
	beat.Put(*i.BeatPort("activation_0"), -2)
	beat.Put(*i.BeatPort("load_row"), 0xffff)
	assert.Equal(t, Record{kindBeat, 0, 0xfe, 0x07, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, beat)
	write := i.NewWrite()
	write.Put(*i.WritePort("write_data"), -1)
	assert.Equal(t, Record{kindWrite, 255, 255, 255, 255, 255, 255}, write[:7])
	assert.Equal(t, Record{kindPattern, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}, i.NewPattern(1, 2))
}

func TestHarnessesNameEveryPort(t *testing.T) {
	i := NewInterface(top())
	for _, template := range []string{string(i.execute(harnessTemplate)), string(i.execute(testbenchTemplate))} {
		for _, port := range []string{"compute", "activation_0", "load_row", "write_data", "code_0", "code_1", "beat_ready", "write_ready", "out_valid"} {
			assert.Contains(t, template, port)
		}
		assert.NotContains(t, template, "<no value>")
	}
}

func TestIcarusCodes(t *testing.T) {
	i := NewInterface(top())
	decode := icarus{}.decoder(i)
	codes := make([]Code, 2)
	r := strings.NewReader("f3\nx7\ncycles=5 violations=0 stuck=1\n")
	require.NoError(t, decode(r, codes))
	assert.Equal(t, []Code{{-1, true}, {3, true}}, codes)
	require.NoError(t, decode(r, codes))
	assert.False(t, codes[0].Known)
	assert.Equal(t, "an unknown value", codes[0].String())
	assert.Equal(t, Code{7, true}, codes[1])
	var end *endLine
	require.ErrorAs(t, decode(r, codes), &end)
	counts, err := parseCounts("icarus", end.text, nil)
	require.NoError(t, err)
	assert.Equal(t, Counts{Cycles: 5, Stuck: true}, counts)

	decode = icarus{}.decoder(i)
	assert.ErrorContains(t, decode(strings.NewReader("segmentation fault\n"), codes), "segmentation fault")
	assert.ErrorIs(t, decode(strings.NewReader(""), codes), io.EOF)
	_, err = parseCounts("icarus", "", errors.New("exit status 3"))
	assert.ErrorContains(t, err, "exit status 3")
}

func TestCache(t *testing.T) {
	c := &Cache{dir: filepath.Join(t.TempDir(), "cache")}
	built := 0
	build := func(dir string) error {
		built++
		return WriteFiles(dir, map[string][]byte{"file": []byte("content")})
	}
	for range 2 {
		dir, err := c.Get("kind", "key", build)
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(dir, "file"))
	}
	assert.Equal(t, 1, built)

	_, err := c.Get("kind", "broken", func(dir string) error {
		require.NoError(t, build(dir))
		return errors.New("no luck")
	})
	assert.ErrorContains(t, err, "no luck")
	assert.Equal(t, []string{"kind-key"}, names(t, c.dir), "a failed build leaves nothing")

	// Old entries go when something is built; what is used stays.
	old := time.Now().Add(-2 * keepFor)
	for _, name := range []string{"kind-old", temporary + "killed"} {
		require.NoError(t, os.Mkdir(filepath.Join(c.dir, name), 0o755))
		require.NoError(t, os.Chtimes(filepath.Join(c.dir, name), old, old))
	}
	require.NoError(t, os.Chtimes(filepath.Join(c.dir, "kind-key"), old, old))
	_, err = c.Get("kind", "key", build)
	require.NoError(t, err)
	_, err = c.Get("kind", "other", build)
	require.NoError(t, err)
	assert.Equal(t, []string{"kind-key", "kind-other"}, names(t, c.dir))
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestKeyTellsTextsApart(t *testing.T) {
	keys := map[string]bool{}
	for _, k := range []string{
		Key(nil), Key(nil, ""), Key(nil, "ab"), Key(nil, "a", "b"),
		Key(map[string][]byte{"a": []byte("b")}), Key(map[string][]byte{"ab": nil}), Key(map[string][]byte{"a": []byte("c")}),
	} {
		keys[k] = true
	}
	assert.Len(t, keys, 7)
}

func TestToolMessages(t *testing.T) {
	_, err := Tool{"no-such-program", "its-package"}.Output(t.Context(), "")
	assert.EqualError(t, err, "no-such-program is not installed; on Debian: apt-get install its-package")
	_, err = Tool{"sh", "dash"}.Output(t.Context(), "", "-c", "seq 100; echo broken >&2; exit 3")
	assert.ErrorContains(t, err, "exit status 3")
	assert.ErrorContains(t, err, "100")
	assert.NotContains(t, err.Error(), "\n50\n", "only the end is shown")
}
