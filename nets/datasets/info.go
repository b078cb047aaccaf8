package datasets

import (
	"crypto/md5" // identifies published files whose only published digest is an MD5; nothing relies on its strength
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Info says which data a set holds. It goes into run.json.
type Info struct {
	Name     string // the name on the command line: cifar10, mnist, tinyshakespeare, synthetic
	Known    bool   // whether the checksums are those of a known set, or the set is computed
	Title    string // what the checksums say it is, as "CIFAR-10" or "CIFAR-10, re-encoded JPEG"
	Checksum string // "sha256:" and 64 hexadecimal digits, see Files
	Warning  string // empty, or why results do not compare with published ones
	// Files lists the set's files in its fixed order. Checksum is the SHA-256 of their lines "SHA256  NAME\n", as
	// sha256sum prints them for the decompressed files.
	Files []File
}

// File is one file of a set.
type File struct {
	Name   string // without folder and without .gz
	Path   string
	Bytes  int64  // of the contents, decompressed
	SHA256 string // of the contents, decompressed
	md5    string
}

// digester computes what identifies a file's contents while they are read.
type digester struct {
	sha256, md5 hash.Hash
	bytes       int64
}

func newDigester() *digester { return &digester{sha256: sha256.New(), md5: md5.New()} }

// Write implements io.Writer and never fails.
func (d *digester) Write(p []byte) (int, error) {
	d.bytes += int64(len(p))
	d.sha256.Write(p)
	d.md5.Write(p)
	return len(p), nil
}

func (d *digester) file(name, path string) File {
	return File{
		Name: name, Path: path, Bytes: d.bytes,
		SHA256: hex.EncodeToString(d.sha256.Sum(nil)),
		md5:    hex.EncodeToString(d.md5.Sum(nil)),
	}
}

// checksum returns the checksum of a set with these files.
func checksum(files []File) string {
	lines := sha256.New()
	for _, f := range files {
		fmt.Fprintf(lines, "%s  %s\n", f.SHA256, f.Name)
	}
	return "sha256:" + hex.EncodeToString(lines.Sum(nil))
}

// identify names the set called name that has these files.
func identify(name string, files []File) Info {
	info := Info{Name: name, Checksum: checksum(files), Files: files}
	for _, k := range known[name] {
		if k.matches(files) {
			info.Known, info.Title, info.Warning = true, k.title, k.warning
			return info
		}
	}
	info.Title = "unknown data in the layout of " + layoutTitle[name]
	info.Warning = fmt.Sprintf("%s: the files are well-formed, but their checksums are not those of a known set (%s): results will not compare with published ones", name, strings.Join(knownTitles(name), "; "))
	return info
}

func knownTitles(name string) []string {
	var titles []string
	for _, k := range known[name] {
		titles = append(titles, k.title)
	}
	return titles
}
