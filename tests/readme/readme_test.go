// Package readme_test keeps what the README shows in step with the code.
package readme_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// between returns the part of text between the first start and the end that follows it.
func between(t *testing.T, text, start, end string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, start)
	require.True(t, ok, "no %q", start)
	part, _, ok := strings.Cut(rest, end)
	require.True(t, ok, "no %q behind %q", end, start)
	return part
}

// The program that the README shows is the one that Example runs.
func TestReadmeShowsTheExample(t *testing.T) {
	example := read(t, "example_test.go")
	shown := between(t, read(t, "../../README.md"), "```go\n", "```\n")
	assert.Equal(t,
		between(t, example, "func Example() {\n", "\t// Output:"),
		between(t, shown, "func main() {\n", "}\n\nfunc check"))
	assert.Equal(t, between(t, example, "import (", ")"), between(t, shown, "import (", ")"))
}
