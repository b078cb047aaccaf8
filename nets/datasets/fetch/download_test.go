package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// publisher serves one file and cuts a connection after cut bytes, where cut is not 0.
type publisher struct {
	data     []byte
	cut      int
	noRanges bool
	requests atomic.Int32
	served   atomic.Int64
	mu       sync.Mutex
	ranges   []string
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.requests.Add(1)
	p.mu.Lock()
	p.ranges = append(p.ranges, r.Header.Get("Range"))
	p.mu.Unlock()
	first := 0
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && !p.noRanges {
		first, _ = strconv.Atoi(strings.TrimSuffix(from, "-"))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, len(p.data)-1, len(p.data)))
	}
	rest := p.data[first:]
	w.Header().Set("Content-Length", strconv.Itoa(len(rest)))
	if w.Header().Get("Content-Range") != "" {
		w.WriteHeader(http.StatusPartialContent)
	}
	if p.cut > 0 && len(rest) > p.cut {
		rest = rest[:p.cut] // fewer than announced: the server drops the connection
	}
	n, _ := w.Write(rest)
	p.served.Add(int64(n))
}

func bytesOf(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

// serve starts p and returns its file as a Source.
func serve(t *testing.T, p *publisher) Source {
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return sourceOf(server.URL+"/file.bin", p.data)
}

func sourceOf(url string, data []byte) Source {
	sum := sha256.Sum256(data)
	return Source{URL: url, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
}

// quick is a Downloader that does not wait long.
func quick() *Downloader {
	d := New()
	d.Pause, d.Stall = time.Millisecond, 200*time.Millisecond
	return d
}

func TestDownload(t *testing.T) {
	p := &publisher{data: bytesOf(100_000)}
	s := serve(t, p)
	target := filepath.Join(t.TempDir(), "folder", "file.bin")
	d := quick()
	var last int64
	d.Progress = func(file string, done, total int64) {
		assert.Equal(t, "file.bin", file)
		assert.GreaterOrEqual(t, done, last)
		assert.EqualValues(t, 100_000, total)
		last = done
	}
	require.NoError(t, d.Download(t.Context(), s, target))
	assert.EqualValues(t, 100_000, last)
	assertFile(t, p.data, target)
	assert.NoFileExists(t, target+".part")
}

func assertFile(t *testing.T, want []byte, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got), "other contents")
}

// A connection that breaks off is taken up where it broke, as often as needed, and no byte is sent twice.
func TestDownloadResumesByItself(t *testing.T) {
	p := &publisher{data: bytesOf(100_000), cut: 30_000}
	s := serve(t, p)
	target := filepath.Join(t.TempDir(), "file.bin")
	require.NoError(t, quick().Download(t.Context(), s, target))
	assertFile(t, p.data, target)
	assert.Equal(t, []string{"", "bytes=30000-", "bytes=60000-", "bytes=90000-"}, p.ranges)
	assert.EqualValues(t, 100_000, p.served.Load())
}

// What an interrupted call left is the beginning of the next one.
func TestDownloadResumesALaterRun(t *testing.T) {
	p := &publisher{data: bytesOf(100_000), cut: 30_000}
	s := serve(t, p)
	target := filepath.Join(t.TempDir(), "file.bin")
	ctx, cancel := context.WithCancel(t.Context())
	d := quick()
	d.Progress = func(_ string, done, _ int64) {
		if done >= 60_000 {
			cancel()
		}
	}
	err := d.Download(ctx, s, target)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, "run again to go on")
	assert.NoFileExists(t, target)
	part, err := os.Stat(target + ".part")
	require.NoError(t, err)
	require.Positive(t, part.Size())
	p.ranges, p.cut = nil, 0

	require.NoError(t, quick().Download(t.Context(), s, target))
	assertFile(t, p.data, target)
	assert.Equal(t, []string{fmt.Sprintf("bytes=%d-", part.Size())}, p.ranges)
}

// A server without ranges sends the whole file again.
func TestDownloadWithoutRanges(t *testing.T) {
	p := &publisher{data: bytesOf(50_000), noRanges: true}
	s := serve(t, p)
	target := filepath.Join(t.TempDir(), "file.bin")
	require.NoError(t, os.WriteFile(target+".part", []byte("something else"), 0o666))
	require.NoError(t, quick().Download(t.Context(), s, target))
	assertFile(t, p.data, target)
}

// A finished part is only checked, one that is too long starts anew.
func TestDownloadOfWholeAndOverlongParts(t *testing.T) {
	p := &publisher{data: bytesOf(5000)}
	s := serve(t, p)
	target := filepath.Join(t.TempDir(), "file.bin")
	require.NoError(t, os.WriteFile(target+".part", p.data, 0o666))
	require.NoError(t, quick().Download(t.Context(), s, target))
	assert.Zero(t, p.requests.Load())
	require.NoError(t, os.WriteFile(target+".part", bytesOf(6000), 0o666))
	require.NoError(t, quick().Download(t.Context(), s, target))
	assertFile(t, p.data, target)
}

func TestDownloadRefusesAWrongChecksum(t *testing.T) {
	p := &publisher{data: bytesOf(5000)}
	s := serve(t, p)
	s.SHA256 = strings.Repeat("0", 64)
	target := filepath.Join(t.TempDir(), "file.bin")
	err := quick().Download(t.Context(), s, target)
	assert.ErrorContains(t, err, "the SHA-256 is ")
	assert.ErrorContains(t, err, "expected 0000")
	assert.NoFileExists(t, target)
	assert.NoFileExists(t, target+".part")
}

func TestDownloadRefusesAWrongLength(t *testing.T) {
	for _, length := range []int{4000, 6000} {
		p := &publisher{data: bytesOf(length)}
		s := serve(t, p)
		s.Bytes = 5000
		target := filepath.Join(t.TempDir(), "file.bin")
		err := quick().Download(t.Context(), s, target)
		assert.ErrorContains(t, err, fmt.Sprintf("the server's file has %d bytes, expected 5000", length))
		assert.NoFileExists(t, target)
		assert.EqualValues(t, 1, p.requests.Load(), "another attempt would not help")

		// And so it does in the middle of a file.
		require.NoError(t, os.WriteFile(target+".part", bytesOf(100), 0o666))
		err = quick().Download(t.Context(), s, target)
		assert.ErrorContains(t, err, fmt.Sprintf("the server's file has %d bytes, expected 5000", length))
	}
}

func TestDownloadFailures(t *testing.T) {
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		requests int32
		message  string
	}{
		"not found": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 1, "the server answers 404 Not Found"},
		"overload":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 4, "given up after 4 attempts without progress"},
		"other range": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 5-9/10")
			w.WriteHeader(206)
		}, 1, `asked for the bytes from 0 on, the server answers "bytes 5-9/10"`},
		"stalled": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 4, "nothing came for 200ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				test.handler(w, r)
			}))
			t.Cleanup(server.Close)
			target := filepath.Join(t.TempDir(), "file.bin")
			err := quick().Download(t.Context(), sourceOf(server.URL+"/file.bin", make([]byte, 10)), target)
			assert.ErrorContains(t, err, test.message)
			assert.ErrorContains(t, err, server.URL+"/file.bin")
			assert.Equal(t, test.requests, requests.Load())
			assert.NoFileExists(t, target)
		})
	}
}
