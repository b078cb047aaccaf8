package target

import (
	"embed"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// maxFile is the size of a target file that is read at most; a target has a few hundred bytes.
const maxFile = 64 << 10

// Names lists the shipped targets.
func Names() []string {
	files, err := fs.Glob(shipped, "shipped/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Load returns a shipped target by its name, or reads a file.
func Load(nameOrFile string) (*Target, error) {
	if data, err := shipped.ReadFile("shipped/" + nameOrFile + ".yaml"); err == nil {
		return Parse(nameOrFile, data)
	}
	file, err := os.Open(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Errorf("target %q is neither a file nor shipped; shipped are %s", nameOrFile, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, errors.Wrap(err, "target")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, errors.Wrap(err, "target")
	}
	return Parse(nameOrFile, data)
}

// targetName is a file's name without folder and extension.
func targetName(name string) string {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
