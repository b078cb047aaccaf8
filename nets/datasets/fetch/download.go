package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
)

// Downloader downloads files. Its zero value is not usable; see New.
type Downloader struct {
	Client *http.Client
	// Attempts is how many times in a row a download may fail without a byte gained; the pause before the next attempt
	// begins with Pause and doubles each time.
	Attempts int
	Pause    time.Duration
	// Stall is how long a connection may deliver nothing.
	Stall time.Duration
	// Progress, where set, is told how many of a file's bytes are there.
	Progress func(file string, done, total int64)
}

// New returns a Downloader for the Internet.
func New() *Downloader {
	return &Downloader{Client: http.DefaultClient, Attempts: 4, Pause: time.Second, Stall: 30 * time.Second}
}

// errGone is a failure that another attempt would meet again.
type errGone struct{ error }

// Unwrap returns the failure itself.
func (e errGone) Unwrap() error { return e.error }

// Download fetches s into the file target, which appears only when it is whole and its checksum is right. Until then its
// bytes are in target + ".part", where a later call goes on.
func (d *Downloader) Download(ctx context.Context, s Source, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return errors.Wrap(err, "making the data folder")
	}
	part := target + ".part"
	if err := d.collect(ctx, s, part); err != nil {
		return err
	}
	if err := check(s, part); err != nil {
		return err
	}
	return errors.Wrap(os.Rename(part, target), "putting the download in its place")
}

// collect brings part to the full length, over as many connections as that takes.
func (d *Downloader) collect(ctx context.Context, s Source, part string) error {
	pause := d.Pause
	for failed := 0; ; {
		gained, err := d.attempt(ctx, s, part)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errors.Wrapf(ctx.Err(), "%s: stopped (what is there stays in %s; run again to go on)", s.URL, part)
		}
		var gone errGone
		if errors.As(err, &gone) {
			return gone.error
		}
		if gained > 0 {
			failed, pause = 0, d.Pause
		}
		if failed++; failed >= d.Attempts {
			return errors.Wrapf(err, "%s: given up after %d attempts without progress (what is there stays in %s; run again to go on)", s.URL, failed, part)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// attempt goes on with part over one connection and returns how many bytes that brought.
func (d *Downloader) attempt(ctx context.Context, s Source, part string) (gained int64, err error) {
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return 0, errGone{errors.Wrap(err, "opening the download")}
	}
	defer func() {
		if e := file.Close(); err == nil && e != nil {
			err = errGone{errors.Wrap(e, "closing the download")}
		}
	}()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, errGone{errors.Wrap(err, "reading the download")}
	}
	if have == s.Bytes {
		return 0, nil
	}
	if have > s.Bytes {
		have = 0 // no part of this file
	}
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(d.Stall, func() { cancel(errors.Errorf("nothing came for %v", d.Stall)) })
	defer watchdog.Stop()
	response, err := d.request(alive, s, have)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if have, err = resumeAt(response, s, have); err != nil {
		return 0, err
	}
	if err := file.Truncate(have); err != nil {
		return 0, errGone{errors.Wrap(err, "shortening the download")}
	}
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return 0, errGone{errors.Wrap(err, "reading the download")}
	}
	body := &countingReader{r: response.Body, each: func(n int64) {
		watchdog.Reset(d.Stall)
		if d.Progress != nil {
			d.Progress(filepath.Base(s.URL), have+n, s.Bytes)
		}
	}}
	gained, err = io.Copy(file, io.LimitReader(body, s.Bytes-have))
	if err == nil && have+gained < s.Bytes {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = file.Sync()
	}
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return gained, errGone{errors.Wrap(err, "storing the download")}
	}
	if cause := context.Cause(alive); err != nil && cause != nil {
		err = cause
	}
	return gained, errors.Wrapf(err, "%s: broke off after %d of %d bytes", s.URL, have+gained, s.Bytes)
}

// request asks for s from byte have on.
func (d *Downloader) request(ctx context.Context, s Source, have int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return nil, errGone{errors.Wrap(err, "bad address")}
	}
	request.Header.Set("Accept-Encoding", "identity") // we want the file's own bytes
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := d.Client.Do(request)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return response, errors.Wrapf(err, "%s: connecting", s.URL)
}

// resumeAt returns where in the file the response's body begins, given that we asked for the bytes from have on.
func resumeAt(response *http.Response, s Source, have int64) (int64, error) {
	gone := func(format string, args ...any) error {
		return errGone{errors.Errorf(format+" (try --mirror)", args...)}
	}
	length, total := response.ContentLength, response.ContentLength
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		have = 0
	case code == http.StatusPartialContent:
		var first, last int64
		if _, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total); err != nil || first != have {
			return 0, gone("%s: asked for the bytes from %d on, the server answers %q", s.URL, have, response.Header.Get("Content-Range"))
		}
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= http.StatusInternalServerError:
		return 0, errors.Errorf("%s: the server answers %s", s.URL, response.Status)
	default:
		return 0, gone("%s: the server answers %s", s.URL, response.Status)
	}
	if length >= 0 && (total != s.Bytes || length != s.Bytes-have) {
		return 0, gone("%s: the server's file has %d bytes, expected %d: it is another file", s.URL, total, s.Bytes)
	}
	return have, nil
}

// check compares the whole download with its checksum. A wrong one is deleted: nothing can be made of it.
func check(s Source, part string) error {
	file, err := os.Open(part)
	if err != nil {
		return errors.Wrap(err, "checking the download")
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return errors.Wrap(err, "checking the download")
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if got == s.SHA256 {
		return nil
	}
	if err := os.Remove(part); err != nil {
		return errors.Wrap(err, "deleting a download with a wrong checksum")
	}
	return errors.Errorf("%s: the SHA-256 is %s, expected %s: damaged on its way, or another file; the download was deleted, run again or try --mirror", s.URL, got, s.SHA256)
}

// countingReader tells each how many bytes were read so far.
type countingReader struct {
	r    io.Reader
	n    int64
	each func(n int64)
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.each(c.n)
	return n, err
}
