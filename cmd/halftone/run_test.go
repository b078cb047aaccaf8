package main

import (
	"bytes"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// run calls the command line with args and returns what it printed and its exit status.
func run(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	best := isa.Name()
	defer func() { _ = isa.Use(best) }() // whatever --isa has chosen; it was set before
	var out, errOut bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errOut)
	status = report(&errOut, root.ExecuteContext(t.Context()))
	return out.String(), errOut.String(), status
}
