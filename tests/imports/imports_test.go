// Package imports_test checks which folder imports which, so that the layers stay layers.
package imports_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/halftone-go/halftone"

// mayImport says which folders of the module each folder imports, by its tests not counted. A folder stands for those
// below it that have no line of their own, and may import itself. Every folder may import internal.
var mayImport = map[string][]string{
	"study":           {"train", "optimizers", "graph", "graph/deploy", "graph/policy", "nets", "nets/datasets", "qops", "qops/number", "emulate", "emulate/lower", "emulate/target", "hwgen"},
	"train":           {"optimizers", "graph", "graph/policy", "nets", "nets/datasets", "qops", "qops/number"},
	"optimizers":      {"qops/number"},
	"nets":            {"graph", "qops", "qops/number"},
	"nets/datasets":   {"qops/number"},
	"graph":           {"graph/policy", "qops", "qops/number", "emulate/requant", "emulate/target"},
	"graph/deploy":    {"graph", "graph/policy", "qops", "qops/number", "emulate/requant", "emulate/target"},
	"graph/policy":    {"qops/number", "emulate/target"},
	"qops":            {"qops/number", "emulate/requant", "emulate/target"},
	"qops/number":     {},
	"hwgen":           {"emulate", "emulate/requant", "emulate/target", "qops/number"},
	"emulate":         {"emulate/requant", "emulate/target", "qops/number"},
	"emulate/lower":   {"emulate", "emulate/requant", "emulate/target", "graph", "graph/deploy", "graph/policy", "qops", "qops/number"},
	"emulate/requant": {"qops/number"},
	"emulate/target":  {"emulate/requant", "qops/number"},
	"internal":        {},

	"internal/kernel":            {"internal/kernel/elementary", "internal/kernel/isa", "internal/kernel/parallel"},
	"internal/kernel/elementary": {"internal/kernel/isa"},
	"internal/kernel/isa":        {},
	"internal/kernel/kerneltest": {"internal/kernel/isa"},
	"internal/kernel/mac":        {"internal/kernel", "internal/kernel/isa", "internal/kernel/parallel"},
	"internal/kernel/parallel":   {},
	"internal/kernel/philox":     {"internal/kernel/isa"},
	"internal/kernel/round":      {"internal/kernel/isa", "internal/kernel/philox"},
}

// withoutGorgonia lists folders that build without Gorgonia, directly or not.
var withoutGorgonia = []string{"hwgen", "emulate", "qops/number", "optimizers", "graph/policy", "nets/datasets"}

// folderOf returns the line of mayImport that a package belongs to, or "" for one that is bound by none.
func folderOf(path string) string {
	folder := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	for folder != "" {
		if _, ok := mayImport[folder]; ok {
			return folder
		}
		cut := strings.LastIndexByte(folder, '/')
		if cut < 0 {
			return ""
		}
		folder = folder[:cut]
	}
	return ""
}

// imports returns what every package of the module imports, by import path; tests, which may look upwards, left out. It
// reads the files itself, so that the go command sees what the test depends on when it caches the result.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	const root = "../.."
	packages := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); file != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		path := module + "/" + filepath.ToSlash(folder)
		for _, imported := range parsed.Imports {
			packages[path] = append(packages[path], strings.Trim(imported.Path.Value, `"`))
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, packages, module+"/cmd/halftone")
	return packages
}

// inside reports whether a folder is one of those that every other folder may import.
func inside(folder string) bool {
	return folder == "internal" || strings.HasPrefix(folder, "internal/")
}

// The folders form layers: each imports only what stands below it.
func TestImports(t *testing.T) {
	for path, imported := range imports(t) {
		from := folderOf(path)
		if from == "" {
			continue
		}
		for _, target := range imported {
			to := folderOf(target)
			if !strings.HasPrefix(target, module) || to == from || inside(to) && !inside(from) {
				continue
			}
			assert.Contains(t, mayImport[from], to, "%s imports %s", path, target)
		}
	}
}

func TestWithoutGorgonia(t *testing.T) {
	packages := imports(t)
	for path := range packages {
		if slices.Contains(withoutGorgonia, folderOf(path)) {
			for _, dependency := range closure(packages, path) {
				assert.False(t, strings.HasPrefix(dependency, "gorgonia.org/"), "%s depends on %s", path, dependency)
			}
		}
	}
}

// closure returns all that path imports, directly or through packages of the module.
func closure(packages map[string][]string, path string) []string {
	seen := map[string]bool{path: true}
	open := []string{path}
	for len(open) > 0 {
		next := open[0]
		open = open[1:]
		for _, imported := range packages[next] {
			if !seen[imported] {
				seen[imported] = true
				open = append(open, imported)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
