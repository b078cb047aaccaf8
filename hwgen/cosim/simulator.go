package cosim

import (
	"context"
	"maps"
	"slices"

	"github.com/pkg/errors"
)

// Simulator turns Verilog and a harness into a program.
type Simulator interface {
	Name() string
	// Check tells whether the simulator's programs are installed.
	Check() error
	// build leaves the program's files in dir, in which the Verilog files already are.
	build(ctx context.Context, cache *Cache, dir string, i *Interface, files []string) error
	// command is the program and its arguments, given the folder that build filled.
	command(dir string) []string
	// key tells builds of this simulator, in this version, apart from others of the same sources.
	key(ctx context.Context, i *Interface) ([]string, error)
	// decoder reads the program's codes.
	decoder(i *Interface) decoder
}

var simulators = []Simulator{verilator{}, icarus{}}

// Names lists the simulators.
func Names() []string {
	names := make([]string, len(simulators))
	for i, s := range simulators {
		names[i] = s.Name()
	}
	return names
}

// Get finds a simulator by its name.
func Get(name string) (Simulator, error) {
	i := slices.Index(Names(), name)
	if i < 0 {
		return nil, errors.Errorf("simulator %q is unknown; known are %v", name, Names())
	}
	return simulators[i], nil
}

// Program is a simulator built for a datapath.
type Program struct {
	simulator Simulator
	i         *Interface
	dir       string
}

// Build compiles Verilog files and the harness, or finds them in the cache.
func Build(ctx context.Context, cache *Cache, s Simulator, i *Interface, files map[string][]byte) (*Program, error) {
	texts, err := s.key(ctx, i)
	if err != nil {
		return nil, err
	}
	dir, err := cache.Get(s.Name(), Key(files, append(texts, i.Top)...), func(dir string) error {
		if err := WriteFiles(dir, files); err != nil {
			return err
		}
		return s.build(ctx, cache, dir, i, slices.Sorted(maps.Keys(files)))
	})
	if err != nil {
		return nil, errors.Wrapf(err, "building %s with %s", i.Top, s.Name())
	}
	return &Program{simulator: s, i: i, dir: dir}, nil
}
