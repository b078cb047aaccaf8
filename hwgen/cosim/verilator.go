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
	Compiler  = Tool{"g++", "g++"}
	Make      = Tool{"make", "make"}
)

// How the program is built: the fastest ways that leave the arithmetic alone. More than one thread is slower at this size.
var (
	verilatorOptions = []string{"--cc", "--exe", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert", "-Wno-lint", "-Wno-style"}
	compilerOptions  = []string{"OPT_FAST=-O2", "OPT_SLOW=-O0"}
)

// runtimeObjects are the compiled files that are the same for all circuits. They take three quarters of a build, so they
// are kept.
var runtimeObjects = []string{"verilated.o", "verilated_threads.o"}

func (verilator) Name() string { return "verilator" }

func (verilator) Check() error {
	for _, tool := range []Tool{Verilator, Compiler, Make} {
		if _, err := tool.Path(); err != nil {
			return err
		}
	}
	return nil
}

func (v verilator) key(ctx context.Context, i *Interface) ([]string, error) {
	versions, err := v.versions(ctx)
	return append(append(append(versions, string(i.execute(harnessTemplate))), verilatorOptions...), compilerOptions...), err
}

func (verilator) versions(ctx context.Context) ([]string, error) {
	simulator, err := Verilator.Output(ctx, "", "--version")
	if err != nil {
		return nil, err
	}
	compiler, err := Compiler.Output(ctx, "", "--version")
	return []string{string(simulator), string(compiler)}, err
}

func (v verilator) build(ctx context.Context, cache *Cache, dir string, i *Interface, files []string) error {
	const harness, program = "harness.cpp", "simulator"
	if err := WriteFiles(dir, map[string][]byte{harness: i.execute(harnessTemplate)}); err != nil {
		return err
	}
	objects := filepath.Join(dir, "objects")
	args := append([]string{"--top-module", i.Top, "--prefix", "V" + i.Top, "-Mdir", objects, "-o", program}, verilatorOptions...)
	args = append(append(args, files...), harness)
	if _, err := Verilator.Output(ctx, dir, args...); err != nil {
		return err
	}
	makeArgs := append([]string{"-j", "2", "-f", "V" + i.Top + ".mk"}, compilerOptions...)
	if err := v.runtime(ctx, cache, objects, makeArgs); err != nil {
		return err
	}
	if _, err := Make.Output(ctx, objects, makeArgs...); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(objects, program), filepath.Join(dir, program)); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(os.RemoveAll(objects))
}

// runtime puts the compiled files that all circuits share into objects, from the cache.
func (v verilator) runtime(ctx context.Context, cache *Cache, objects string, makeArgs []string) error {
	versions, err := v.versions(ctx)
	if err != nil {
		return err
	}
	kept, err := cache.Get("verilator-runtime", Key(nil, append(versions, compilerOptions...)...), func(dir string) error {
		if _, err := Make.Output(ctx, objects, append(makeArgs, runtimeObjects...)...); err != nil {
			return err
		}
		return copyFiles(dir, objects, runtimeObjects)
	})
	if err != nil {
		return err
	}
	return copyFiles(objects, kept, runtimeObjects) // the copies are newer than their sources: make takes them as they are
}

func copyFiles(to, from string, names []string) error {
	files := map[string][]byte{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return errors.WithStack(err)
		}
		files[name] = content
	}
	return WriteFiles(to, files)
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
