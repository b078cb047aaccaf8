package chisel

import (
	"context"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/pkg/errors"
)

var shell = cosim.Tool{Command: "sh", Package: "dash"}

// Elaborate brings emitted sources to SystemVerilog, with the sources' own script, or finds the result in the cache.
func Elaborate(ctx context.Context, cache *cosim.Cache, sources map[string][]byte) (map[string][]byte, error) {
	const out = "datapath.sv"
	dir, err := cache.Get("chisel", cosim.Key(sources, Version, scalaVersion, firtoolVersion), func(dir string) error {
		if err := cosim.WriteFiles(dir, sources); err != nil {
			return err
		}
		_, err := shell.Output(ctx, dir, Script, out)
		return err
	})
	if err != nil {
		return nil, errors.Wrap(err, "elaborating Chisel")
	}
	text, err := os.ReadFile(filepath.Join(dir, out))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return map[string][]byte{out: text}, nil
}
