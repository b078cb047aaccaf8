package npy

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// maxArchive bounds the arrays of an archive, all together and unpacked: a zip file can claim anything.
const maxArchive = 1 << 30

// WriteArchive writes a .npz file with the arrays in the order of their names, so that equal arrays give equal files.
func WriteArchive(w io.Writer, arrays map[string]*Array) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		entry, err := archive.Create(name + ".npy")
		if err != nil {
			return errors.Wrap(err, name)
		}
		if err := Write(entry, arrays[name]); err != nil {
			return errors.Wrap(err, name)
		}
	}
	return archive.Close()
}

// ParseArchive reads the content of a .npz file. Errors name the array.
func ParseArchive(data []byte) (map[string]*Array, error) { return parseArchive(data, maxArchive) }

// parseArchive is ParseArchive for arrays that unpack to at most limit bytes.
func parseArchive(data []byte, limit int64) (map[string]*Array, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errors.Wrap(err, "no .npz archive")
	}
	arrays := make(map[string]*Array, len(archive.File))
	room := limit
	for _, file := range archive.File {
		name := strings.TrimSuffix(file.Name, ".npy")
		if _, twice := arrays[name]; twice {
			return nil, errors.Errorf("array %q appears twice", name)
		}
		content, err := readEntry(file, room)
		if errors.Is(err, errTooLarge) {
			err = errors.Errorf("the archive unpacks to more than %d bytes", limit)
		}
		if err != nil {
			return nil, errors.Wrapf(err, "array %q", name)
		}
		room -= int64(len(content))
		if arrays[name], err = Parse(content); err != nil {
			return nil, errors.Wrapf(err, "array %q", name)
		}
	}
	return arrays, nil
}

// errTooLarge is that of a file that unpacks to more than there is room for.
var errTooLarge = errors.New("too large")

// readEntry unpacks a file of an archive, which may not have more than room bytes.
func readEntry(file *zip.File, room int64) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	content, err := io.ReadAll(io.LimitReader(reader, room+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > room {
		return nil, errTooLarge
	}
	return content, nil
}
