package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/nets/datasets/fetch"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// data runs 'halftone data ARGS' and returns its rows, its exit status and its message.
func data(t *testing.T, args ...string) (rows []map[string]any, status int, message string) {
	out, message, status := run(t, append([]string{"data", "--json"}, args...)...)
	if out != "" {
		require.NoError(t, json.Unmarshal([]byte(out), &rows))
	}
	return rows, status, message
}

func TestDataGetListVerify(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(datasets.DirVariable, dir)
	text := bytes.Repeat([]byte("to be or not to be "), 50)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(text)
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	published := fetch.Catalogue["tinyshakespeare"]
	t.Cleanup(func() { fetch.Catalogue["tinyshakespeare"] = published })
	sum := sha256.Sum256(text)
	fetch.Catalogue["tinyshakespeare"] = []fetch.Source{{
		URL: "http://publisher.invalid/input.txt", Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Target: "tinyshakespeare/input.txt",
	}}

	rows, status, _ := data(t, "list")
	assert.Equal(t, exitOK, status)
	require.Len(t, rows, 4)
	assert.Equal(t, "absent", rows[2]["status"])
	assert.Equal(t, "computed", rows[3]["status"])

	rows, status, _ = data(t, "get", "tinyshakespeare", "--mirror", server.URL)
	assert.Equal(t, exitOK, status)
	assert.Equal(t, "fetched", rows[0]["status"])
	rows, status, _ = data(t, "get", "tinyshakespeare")
	assert.Equal(t, exitOK, status)
	assert.Equal(t, "there", rows[0]["status"])

	rows, status, _ = data(t, "verify")
	assert.Equal(t, exitOK, status)
	assert.Equal(t, "absent", rows[0]["status"])
	assert.Equal(t, "unknown", rows[2]["status"])
	assert.Equal(t, "unknown data in the layout of TinyShakespeare", rows[2]["title"])
	assert.Equal(t, "synthetic", rows[3]["title"])

	rows, status, _ = data(t, "list", "tinyshakespeare")
	assert.Equal(t, exitOK, status)
	assert.Equal(t, "there", rows[0]["status"])
	assert.EqualValues(t, len(text), rows[0]["bytes"])
}

func TestDataFailures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(datasets.DirVariable, dir)
	_, status, message := data(t, "verify", "cifar10")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, message, "halftone data get cifar10")

	require.NoError(t, os.Mkdir(filepath.Join(dir, "tinyshakespeare"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tinyshakespeare", "input.txt"), []byte("\xff"), 0o666))
	rows, status, message := data(t, "verify")
	assert.Equal(t, exitFailed, status)
	assert.Equal(t, "broken", rows[2]["status"])
	assert.Contains(t, message, "input.txt: byte 0: the byte 0xff is not UTF-8 text")

	for _, args := range [][]string{{"get"}, {"get", "imagenet"}, {"list", "x"}, {"fetch"}, {"get", "--from", "x"}} {
		_, status, message = data(t, args...)
		assert.Equal(t, exitUsage, status, "%v: %s", args, message)
	}
}
