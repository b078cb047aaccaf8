package cosim

import (
	"bytes"
	"context"
	"os/exec"
	"strings"

	"github.com/pkg/errors"
)

// Tool is a program that must be installed.
type Tool struct {
	Command string
	Package string // of Debian
}

// Path finds the program. The error of a missing one names it and its package.
func (t Tool) Path() (string, error) {
	path, err := exec.LookPath(t.Command)
	if err != nil {
		return "", errors.Errorf("%s is not installed; on Debian: apt-get install %s", t.Command, t.Package)
	}
	return path, nil
}

// Output runs the program in a folder and returns what it printed. A failure shows the end of its messages. When ctx ends,
// the program and those that it started are killed.
func (t Tool) Output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	path, err := t.Path()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	killGroup(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, errors.Wrap(ctx.Err(), t.Command)
		}
		return nil, errors.Errorf("%s: %v\n%s", t.Command, err, tail(stderr.String()+stdout.String()))
	}
	return stdout.Bytes(), nil
}

// tail is the last lines of a program's messages.
func tail(text string) string {
	const lines = 20
	list := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(list[max(0, len(list)-lines):], "\n")
}
