package hwgen

import (
	"context"
	"fmt"
	"io"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/chisel"
	"github.com/halftone-go/halftone/hwgen/cosim"
)

// Options change how Verify works. The zero value is a run in Verilator.
type Options struct {
	// Simulator is verilator (the default) or icarus.
	Simulator string
	// Sources, if not nil, are checked in place of what Generate gives: the same files, edited.
	Sources Sources
	// Seed chooses the patterns of gaps and back-pressure.
	Seed uint64
	// Progress, if not nil, is called now and then with the number of outputs compared so far.
	Progress func(outputs int64)
}

// Result is what Verify found.
type Result struct {
	Unit       string // the top module
	Language   string
	Simulator  string
	Outputs    int64 // codes that were expected
	Mismatches int64 // codes that were wrong, missing or too many, and broken promises of the handshake
	Cycles     uint64
	First      *Mismatch // the first wrong code, nil if none
	// Protocol says in words what was wrong besides codes; empty if nothing.
	Protocol string
}

// Explain says in words what was wrong: the counts, the first wrong code with its operands, and the handshake.
func (r *Result) Explain() string {
	text := fmt.Sprintf("%s, %s in %s: %d mismatches in %d outputs", r.Unit, r.Language, r.Simulator, r.Mismatches, r.Outputs)
	if r.Protocol != "" {
		text += "; " + r.Protocol
	}
	if r.First != nil {
		text += "\nthe first: " + r.First.String()
	}
	return text
}

// Check tells whether what Verify needs is installed. The error of a missing program names it and its Debian package.
// simulator may be empty, which is the default.
func Check(language, simulator string) error {
	s, err := findSimulator(simulator)
	if err != nil {
		return err
	}
	if err := s.Check(); err != nil || language != Chisel {
		return err
	}
	return chisel.Check()
}

func findSimulator(name string) (cosim.Simulator, error) {
	if name == "" {
		name = cosim.Names()[0]
	}
	return cosim.Get(name)
}

// Verify runs jobs through the generated hardware in a simulator and compares every code with the emulator's arithmetic.
//
// Wrong hardware is not an error: it is in the result. Errors are jobs that the target cannot run, missing tools, sources
// that do not compile, and the end of ctx.
func Verify(ctx context.Context, t *target.Target, language string, jobs Jobs, options Options) (*Result, error) {
	p, top, err := design(t)
	if err != nil {
		return nil, err
	}
	if err := Check(language, options.Simulator); err != nil {
		return nil, err
	}
	simulator, err := findSimulator(options.Simulator)
	if err != nil {
		return nil, err
	}
	sources := options.Sources
	if sources == nil {
		if sources, err = emit(t, top, language); err != nil {
			return nil, err
		}
	}
	cache, err := cosim.NewCache()
	if err != nil {
		return nil, err
	}
	rtl, err := elaborate(ctx, cache, language, sources)
	if err != nil {
		return nil, err
	}
	i := cosim.NewInterface(top)
	program, err := cosim.Build(ctx, cache, simulator, i, rtl)
	if err != nil {
		return nil, err
	}
	f, err := newFeeder(t, p, jobs)
	if err != nil {
		return nil, err
	}
	result := &Result{Unit: top.Name, Language: language, Simulator: simulator.Name()}
	c := comparison{result: result, reference: f.reference, queue: &f.queue, progress: options.Progress}
	counts, err := program.Run(ctx, func(w io.Writer) error { return f.feed(ctx, newDriver(p, i, w, options.Seed)) }, c.compare)
	if err != nil {
		return nil, err
	}
	c.finish(counts)
	return result, nil
}

// elaborate brings sources to Verilog.
func elaborate(ctx context.Context, cache *cosim.Cache, language string, sources Sources) (map[string][]byte, error) {
	if language == Chisel {
		return chisel.Elaborate(ctx, cache, sources)
	}
	return sources, nil
}
