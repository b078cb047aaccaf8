package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modified is the time that the server gives all its files.
var modified = time.Date(2009, 4, 8, 0, 0, 0, 0, time.UTC)

type entry struct {
	name string
	data []byte
	kind byte
}

// tarGZ makes an archive.
func tarGZ(t *testing.T, entries []entry) []byte {
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	w := tar.NewWriter(zipped)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o644, Size: int64(len(e.data))}
		if e.kind == tar.TypeSymlink {
			header.Linkname, header.Size = "/etc/passwd", 0
		}
		require.NoError(t, w.WriteHeader(header))
		if e.kind == tar.TypeReg {
			_, err := w.Write(e.data)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return buffer.Bytes()
}

// cifarEntries are the members of an archive like CIFAR-10's, with one image per file.
func cifarEntries(t *testing.T) []entry {
	entries := []entry{{name: "cifar-10-batches-bin/", kind: tar.TypeDir}, {name: "cifar-10-batches-bin/readme.html", data: []byte("read me")}}
	layout, err := datasets.Find("cifar10")
	require.NoError(t, err)
	for i, name := range layout.Files {
		entries = append(entries, entry{name: "cifar-10-batches-bin/" + name, data: append([]byte{byte(i)}, make([]byte, 3072)...)})
	}
	return entries
}

// publish serves files by name, and makes them the catalogue's sources of a set until the test ends.
func publish(t *testing.T, set string, files map[string][]byte) (address string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", modified, bytes.NewReader(data))
	}))
	t.Cleanup(server.Close)
	published := Catalogue[set]
	t.Cleanup(func() { Catalogue[set] = published })
	changed := slices.Clone(published)
	for i, s := range changed {
		changed[i] = sourceOf(server.URL+"/"+path.Base(s.URL), files[path.Base(s.URL)])
		changed[i].Target, changed[i].Archive = s.Target, s.Archive
	}
	Catalogue[set] = changed
	return server.URL
}

func TestGetArchive(t *testing.T) {
	publish(t, "cifar10", map[string][]byte{"cifar-10-binary.tar.gz": tarGZ(t, cifarEntries(t))})
	dir := filepath.Join(t.TempDir(), "data")
	info, fetched, err := quick().Get(t.Context(), "cifar10", dir, "")
	require.NoError(t, err)
	assert.True(t, fetched)
	assert.Equal(t, "unknown data in the layout of CIFAR-10", info.Title)
	im, err := datasets.LoadImages("cifar10", dir)
	require.NoError(t, err)
	assert.Equal(t, []byte{0, 1, 2, 3, 4}, im.Train.Labels)
	assert.Equal(t, []string{"cifar-10-batches-bin"}, names(t, dir), "nothing else is left")
	assert.NotContains(t, names(t, filepath.Join(dir, "cifar-10-batches-bin")), "readme.html")

	_, fetched, err = quick().Get(t.Context(), "cifar10", dir, "")
	require.NoError(t, err)
	assert.False(t, fetched)

	require.NoError(t, os.Remove(filepath.Join(dir, "cifar-10-batches-bin", "test_batch.bin")))
	_, _, err = quick().Get(t.Context(), "cifar10", dir, "")
	assert.ErrorContains(t, err, "cifar-10-batches-bin is there, but not all of the set's files are in it; move it away")
}

func names(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestGetRefusesBadArchives(t *testing.T) {
	good := cifarEntries(t)
	with := func(i int, e entry) []entry {
		changed := slices.Clone(good)
		changed[i] = e
		return changed
	}
	for name, test := range map[string]struct {
		entries []entry
		message string
	}{
		"climbing":     {with(1, entry{name: "../../evil"}), `entry 1 has the path "../../evil", outside the archive's own folder`},
		"absolute":     {with(1, entry{name: "/tmp/evil"}), `entry 1 has the path "/tmp/evil"`},
		"link":         {with(7, entry{name: "cifar-10-batches-bin/test_batch.bin", kind: tar.TypeSymlink}), "the archive ends without cifar-10-batches-bin/test_batch.bin"},
		"other folder": {with(7, entry{name: "elsewhere/test_batch.bin"}), "the archive ends without cifar-10-batches-bin/test_batch.bin"},
		"broken set":   {with(7, entry{name: "cifar-10-batches-bin/test_batch.bin", data: []byte{1, 2}}), "test_batch.bin: byte 2: the file ends inside record 0"},
		"no end":       {append(make([]entry, 0, 1100), slices.Repeat([]entry{{name: "x"}}, 1100)...), "more than 1000 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			publish(t, "cifar10", map[string][]byte{"cifar-10-binary.tar.gz": tarGZ(t, test.entries)})
			outer := t.TempDir()
			dir := filepath.Join(outer, "data")
			_, _, err := quick().Get(t.Context(), "cifar10", dir, "")
			assert.ErrorContains(t, err, test.message)
			assert.Equal(t, []string{"cifar-10-binary.tar.gz"}, names(t, dir), "nothing half-made is left")
			assert.Equal(t, []string{"data"}, names(t, outer))
		})
	}
}

// An archive that unpacks to too much is given up in time, wherever the limit falls.
func TestExtractLimitsBytes(t *testing.T) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "folder/a", Typeflag: tar.TypeReg, Size: 2000}))
	_, err := w.Write(make([]byte, 2000))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, limit := range []int64{100, 512, 700, 2048} {
		err := extract("x.tar.gz", bytes.NewReader(archive.Bytes()), "folder", []string{"a"}, t.TempDir(), limit)
		assert.ErrorContains(t, err, fmt.Sprintf("x.tar.gz: more than %d bytes unpacked", limit))
	}
	require.NoError(t, extract("x.tar.gz", bytes.NewReader(archive.Bytes()), "folder", []string{"a"}, t.TempDir(), 1<<20))
}

// Whatever an archive holds, only the wanted name appears, and only inside the target.
func FuzzExtract(f *testing.F) {
	for _, name := range []string{"folder/a", "../a", "folder/../../a", "/a"} {
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 3}); err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte("abc")); err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		target := filepath.Join(outer, "target")
		require.NoError(t, os.Mkdir(target, 0o777))
		err := extract("fuzz", bytes.NewReader(data), "folder", []string{"a"}, target, 1<<16)
		require.Equal(t, []string{"target"}, names(t, outer))
		if found := names(t, target); err == nil {
			require.Equal(t, []string{"a"}, found)
		} else {
			require.Subset(t, []string{"a"}, found)
		}
	})
}

// Of a set of several files only those that are missing are fetched.
func TestGetFetchesMissingFiles(t *testing.T) {
	files := make(map[string][]byte)
	for name, data := range map[string][]byte{
		"train-images-idx3-ubyte.gz": append([]byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28}, make([]byte, 784)...),
		"train-labels-idx1-ubyte.gz": {0, 0, 8, 1, 0, 0, 0, 1, 7},
		"t10k-images-idx3-ubyte.gz":  append([]byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28}, make([]byte, 784)...),
		"t10k-labels-idx1-ubyte.gz":  {0, 0, 8, 1, 0, 0, 0, 1, 3},
	} {
		var buffer bytes.Buffer
		w := gzip.NewWriter(&buffer)
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		files[name] = buffer.Bytes()
	}
	publish(t, "mnist", files)
	dir := t.TempDir()
	_, fetched, err := quick().Get(t.Context(), "mnist", dir, "")
	require.NoError(t, err)
	assert.True(t, fetched)

	lost := filepath.Join(dir, "mnist", "t10k-labels-idx1-ubyte.gz")
	require.NoError(t, os.Remove(lost))
	delete(files, "train-images-idx3-ubyte.gz")
	_, fetched, err = quick().Get(t.Context(), "mnist", dir, "")
	require.NoError(t, err)
	assert.True(t, fetched)
	assert.FileExists(t, lost)
}

func TestGetFromMirror(t *testing.T) {
	text := bytes.Repeat([]byte("to be or not to be "), 50)
	address := publish(t, "tinyshakespeare", map[string][]byte{"input.txt": text})
	Catalogue["tinyshakespeare"][0].URL = "http://publisher.invalid/input.txt"
	dir := t.TempDir()
	_, fetched, err := quick().Get(t.Context(), "tinyshakespeare", dir, address+"/")
	require.NoError(t, err)
	assert.True(t, fetched)
	assertFile(t, text, filepath.Join(dir, "tinyshakespeare", "input.txt"))
}

func TestCatalogueNamesEverySetWithFiles(t *testing.T) {
	for _, layout := range datasets.Layouts() {
		if len(layout.Files) == 0 {
			assert.Empty(t, Address(layout.Name))
			continue
		}
		assert.Regexp(t, "^https://", Address(layout.Name))
		for _, s := range Catalogue[layout.Name] {
			assert.Regexp(t, "^https://", s.URL)
			assert.Len(t, s.SHA256, 64)
			assert.Positive(t, s.Bytes)
		}
	}
}
