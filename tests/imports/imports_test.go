// Package imports_test checks which folder imports which, so that the layers stay layers.
package imports_test

import (
	"os/exec"
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

// list returns for every package of the module what template prints about it.
func list(t *testing.T, template string) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}} "+template, module+"/...").Output()
	require.NoError(t, err)
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages[fields[0]] = fields[1:]
	}
	return packages
}

// The folders form layers: each imports only what stands below it.
func TestImports(t *testing.T) {
	for path, imports := range list(t, `{{join .Imports " "}}`) {
		from := folderOf(path)
		if from == "" {
			continue
		}
		for _, imported := range imports {
			to := folderOf(imported)
			if !strings.HasPrefix(imported, module) || to == from || to == "internal" {
				continue
			}
			assert.Contains(t, mayImport[from], to, "%s imports %s", path, imported)
		}
	}
}

func TestWithoutGorgonia(t *testing.T) {
	for path, dependencies := range list(t, `{{join .Deps " "}}`) {
		folder := folderOf(path)
		for _, free := range withoutGorgonia {
			if folder != free {
				continue
			}
			for _, dependency := range dependencies {
				assert.False(t, strings.HasPrefix(dependency, "gorgonia.org/"), "%s depends on %s", path, dependency)
			}
		}
	}
}
