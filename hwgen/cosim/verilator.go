package cosim

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// verilator compiles the Verilog to C++ and a native program: millions of cycles a second.
type verilator struct{}

// Programs that Verilator needs, with their Debian packages.
var (
	Verilator = Tool{"verilator", "verilator"}
	compiler  = Tool{"g++", "g++"}
	makeTool  = Tool{"make", "make"}
)

// verilatorOptions: the fastest that leave the arithmetic alone. More than one thread is slower at this size.
var verilatorOptions = []string{
	"--cc", "--exe", "--build", "-j", "2", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert",
	"-Wno-lint", "-Wno-style", "-MAKEFLAGS", "OPT_FAST=-O2 OPT_SLOW=-O0",
}

func (verilator) Name() string { return "verilator" }

func (verilator) Check() error {
	for _, tool := range []Tool{Verilator, compiler, makeTool} {
		if _, err := tool.Path(); err != nil {
			return err
		}
	}
	return nil
}

func (verilator) key(i *Interface) []string {
	return append([]string{string(i.execute(harnessTemplate))}, verilatorOptions...)
}

func (verilator) build(ctx context.Context, dir string, i *Interface, files []string) error {
	const harness, objects = "harness.cpp", "objects"
	if err := WriteFiles(dir, map[string][]byte{harness: i.execute(harnessTemplate)}); err != nil {
		return err
	}
	args := append([]string{"--top-module", i.Top, "--prefix", "V" + i.Top, "-Mdir", objects, "-o", "simulator"}, verilatorOptions...)
	args = append(append(args, files...), harness)
	if _, err := Verilator.Output(ctx, dir, args...); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, objects, "simulator"), filepath.Join(dir, "simulator")); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(os.RemoveAll(filepath.Join(dir, objects)))
}

func (verilator) command(dir string) []string { return []string{filepath.Join(dir, "simulator")} }

func (verilator) decoder(i *Interface) decoder {
	return func(r io.Reader, codes []Code) error {
		raw := make([]byte, len(i.Codes))
		if _, err := io.ReadFull(r, raw); err != nil {
			return err
		}
		for c, b := range raw {
			codes[c] = Code{Value: int32(i.CodeType.Value(uint64(b))), Known: true}
		}
		return nil
	}
}
