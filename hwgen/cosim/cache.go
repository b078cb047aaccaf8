package cosim

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// Cache keeps what takes long to build, in folders named by a hash of all that went into it.
type Cache struct{ dir string }

// How long an entry stays that nobody uses, and a folder in which something is being built.
const (
	keepFor      = 30 * 24 * time.Hour
	keepBuilding = 24 * time.Hour
)

// NewCache is the cache in the user's cache folder.
func NewCache() (*Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil, errors.Wrap(err, "no cache folder for built simulators; set HOME or XDG_CACHE_HOME")
	}
	return &Cache{dir: filepath.Join(dir, "halftone", "hwgen")}, nil
}

// Key hashes a list of texts and a set of files.
func Key(files map[string][]byte, texts ...string) string {
	h := sha256.New()
	write := func(s string) { _, _ = io.WriteString(h, strconv.Itoa(len(s))+":"+s) } // a hash does not fail
	write(strconv.Itoa(len(texts)))
	for _, t := range texts {
		write(t)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		write(name)
		write(string(files[name]))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Get returns the folder of an entry, which build fills if it is new. build works in a temporary folder that takes the
// entry's name when all is done, so an entry is whole or not there; two processes that build the same one do no harm.
func (c *Cache) Get(kind, key string, build func(dir string) error) (string, error) {
	entry := filepath.Join(c.dir, kind+"-"+key)
	if _, err := os.Stat(entry); err == nil {
		now := time.Now()
		return entry, errors.Wrap(os.Chtimes(entry, now, now), "cache")
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", errors.Wrap(err, "cache")
	}
	if err := c.prune(); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(c.dir, temporary+"*")
	if err != nil {
		return "", errors.Wrap(err, "cache")
	}
	defer os.RemoveAll(work)
	if err := build(work); err != nil {
		return "", err
	}
	if err := os.Rename(work, entry); err != nil {
		if _, there := os.Stat(entry); there == nil {
			return entry, nil // someone else was faster
		}
		return "", errors.Wrap(err, "cache")
	}
	return entry, nil
}

// temporary starts the names of folders in which something is being built.
const temporary = "building-"

// prune removes entries that were not used for long, and what a killed build left.
func (c *Cache) prune() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return errors.Wrap(err, "cache")
	}
	for _, e := range entries {
		limit := keepFor
		if strings.HasPrefix(e.Name(), temporary) {
			limit = keepBuilding
		}
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < limit {
			continue // gone already, or in use
		}
		if err := os.RemoveAll(filepath.Join(c.dir, e.Name())); err != nil {
			return errors.Wrap(err, "cache")
		}
	}
	return nil
}

// WriteFiles writes a set of files into a folder.
func WriteFiles(dir string, files map[string][]byte) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}
