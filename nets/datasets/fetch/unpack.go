package fetch

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"
)

// Limits of an archive; CIFAR-10's holds 8 files in 184 MB.
const (
	archiveMaxEntries = 1000
	archiveMaxBytes   = 1 << 30
)

// unpack writes the files called names out of folder of a .tar.gz archive into the folder target, and nothing else. All
// of them must be there. Paths are never taken from the archive; one with a path outside its own folder is refused.
func unpack(archive, folder string, names []string, target string) error {
	file, err := os.Open(archive)
	if err != nil {
		return errors.Wrap(err, "unpacking")
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return errors.Wrapf(err, "%s: not a gzip file", archive)
	}
	return extract(archive, unzipped, folder, names, target, archiveMaxBytes)
}

// extract does unpack's work on the archive's decompressed bytes, of which it reads at most limit.
func extract(archive string, r io.Reader, folder string, names []string, target string, limit int64) error {
	limited := &io.LimitedReader{R: r, N: limit}
	err := extractAll(tar.NewReader(limited), folder, names, target)
	if err != nil && limited.N <= 0 {
		err = errors.Errorf("more than %d bytes unpacked", limit)
	}
	return errors.Wrap(err, archive)
}

func extractAll(entries *tar.Reader, folder string, names []string, target string) error {
	missing := slices.Clone(names)
	for n := 0; len(missing) > 0; n++ {
		header, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			return errors.Errorf("the archive ends without %s/%s", folder, missing[0])
		case err != nil:
			return errors.Wrapf(err, "entry %d", n)
		case n == archiveMaxEntries:
			return errors.Errorf("more than %d entries", archiveMaxEntries)
		case !filepath.IsLocal(filepath.FromSlash(header.Name)):
			return errors.Errorf("entry %d has the path %q, outside the archive's own folder", n, header.Name)
		}
		in, name := path.Split(path.Clean(header.Name))
		i := slices.Index(missing, name)
		if in != folder+"/" || i < 0 || header.Typeflag != tar.TypeReg {
			continue
		}
		if err := write(filepath.Join(target, name), entries); err != nil {
			return errors.Wrapf(err, "unpacking %s", header.Name)
		}
		missing = slices.Delete(missing, i, i+1)
	}
	return nil
}

func write(target string, r io.Reader) (err error) {
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	_, err = io.Copy(file, r)
	return err
}
