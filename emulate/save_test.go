package emulate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSaveAndLoad(t *testing.T) {
	for name, target := range targets(t) {
		p := network(target, 7, false)
		folder := filepath.Join(t.TempDir(), "runs", "a-int8")
		require.NoError(t, p.Save(folder))
		again, err := emulate.Load(folder)
		require.NoError(t, err, name)
		assert.Equal(t, p, again)

		other := t.TempDir()
		require.NoError(t, again.Save(other))
		for _, file := range []string{"program.json", "program.npz", "target.yaml"} {
			first, err := os.ReadFile(filepath.Join(folder, file))
			require.NoError(t, err)
			second, err := os.ReadFile(filepath.Join(other, file))
			require.NoError(t, err)
			assert.Equal(t, first, second, "equal programs give equal files: %s", file)
		}
	}
}

func TestSaveRefusesWhatDoesNotRun(t *testing.T) {
	p := network(mac8(t), 7, false)
	p.Layers[3].Output.Scale = 0
	folder := filepath.Join(t.TempDir(), "net")
	assert.ErrorContains(t, p.Save(folder), "block/conv2")
	assert.NoDirExists(t, folder)
}

func TestLoadNamesFileAndRemedy(t *testing.T) {
	_, err := emulate.Load(t.TempDir())
	assert.ErrorContains(t, err, "halftone deploy")

	for _, test := range []struct {
		file, old, new string
		want           []string
	}{
		{"program.json", `"halftone": "program/1"`, `"halftone": "program/2"`, []string{"program.json", "program/2"}},
		{"program.json", `"kind": "dense"`, `"kind": "denser"`, []string{"program.json", "(classes)", `"denser"`, "conv"}},
		{"program.json", `"out_channels": 5`, `"out_chanels": 5`, []string{"program.json", "(stem)", "out_chanels"}},
		{"program.json", `"out_channels": 5`, `"out_channels": 6`, []string{"program.json", "(stem)", "weights"}},
		{"program.json", `"name": "stem"`, `"name": "stern"`, []string{"program.json", "(stern)", `"weights" is missing`}},
		{"program.json", `"arrays": "`, `"arrays": "0`, []string{"program.npz", "checksum"}},
		{"program.json", "{", "{{", []string{"program.json"}},
		{"program.json", "}\n", "}", nil},
		{"program.json", `"halftone": "program/1"`, `"halftoned": 1, "halftone": "program/1"`, []string{"program.json", "halftoned"}},
		{"program.npz", "PK", "PX", []string{"program.npz", "checksum"}},
		{"target.yaml", "clamp: true", "clmp: true", []string{"target.yaml", "clamp"}},
		{"target.yaml", "tflite.single", "shift.rne", []string{"program.json", "(stem)", "power of two"}},
	} {
		folder := t.TempDir()
		require.NoError(t, network(mac8(t), 7, false).Save(folder))
		name := filepath.Join(folder, test.file)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		changed := strings.Replace(string(text), test.old, test.new, 1)
		require.NotEqual(t, string(text), changed)
		require.NoError(t, os.WriteFile(name, []byte(changed), 0o600))
		_, err = emulate.Load(folder)
		if test.want == nil {
			assert.NoError(t, err, "%s: %q", test.file, test.new)
		}
		for _, want := range test.want {
			assert.ErrorContains(t, err, want, "%s: %q", test.file, test.new)
		}
	}
	for _, file := range []string{"program.npz", "target.yaml"} {
		folder := t.TempDir()
		require.NoError(t, network(mac8(t), 7, false).Save(folder))
		require.NoError(t, os.Remove(filepath.Join(folder, file)))
		_, err := emulate.Load(folder)
		assert.ErrorContains(t, err, file)
	}
}
