package policy

import (
	"embed"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/document"
	"github.com/pkg/errors"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Names returns the names of the shipped policies.
func Names() []string {
	entries, err := fs.ReadDir(shipped, "shipped")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = nameOf(entry.Name())
	}
	return names
}

// Text returns the text of a shipped policy, comments included, or of a file.
func Text(nameOrFile string) ([]byte, error) {
	if data, err := shipped.ReadFile(shippedFile(nameOrFile)); err == nil {
		return data, nil
	}
	file, err := os.Open(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Errorf("policy %q is neither a file nor shipped; shipped are %s", nameOrFile, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, errors.Wrap(err, "policy")
	}
	defer file.Close()
	// One byte more than the limit, so that document.Parse sees and reports a larger file.
	data, err := io.ReadAll(io.LimitReader(file, document.MaxSize+1))
	return data, errors.Wrap(err, "policy")
}

// Load returns a shipped policy by its name, or reads a file. The targets that the policy names must exist.
func Load(nameOrFile string) (*Policy, error) {
	data, err := Text(nameOrFile)
	if err != nil {
		return nil, err
	}
	p, err := Parse(nameOrFile, data)
	if err != nil {
		return nil, err
	}
	return p, p.checkTargets()
}

func (p *Policy) checkTargets() error {
	if err := checkTarget(p.Target, p.place()); err != nil {
		return err
	}
	for i := range p.Rules {
		if err := checkTarget(p.Rules[i].Target, p.ruleAt(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkTarget(name, place string) error {
	if name == "" || name == NoTarget {
		return nil
	}
	_, err := target.Load(name)
	return errors.Wrap(err, place)
}

func shippedFile(name string) string { return path.Join("shipped", name+".yaml") }

// nameOf returns a file's name without folder and extension.
func nameOf(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
