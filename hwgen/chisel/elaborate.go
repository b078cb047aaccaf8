package chisel

import (
	"context"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/pkg/errors"
)

// Programs that elaboration needs, with their Debian packages. Maven is needed only until the class path is known; the
// script says so when it is missing then.
var (
	shell = cosim.Tool{Command: "sh", Package: "dash"}
	Java  = cosim.Tool{Command: "java", Package: "default-jre-headless"}
	Maven = cosim.Tool{Command: "mvn", Package: "maven"}
)

// Check tells whether the programs that every elaboration needs are installed.
func Check() error {
	for _, tool := range []cosim.Tool{shell, Java} {
		if _, err := tool.Path(); err != nil {
			return err
		}
	}
	return nil
}

// Elaborate brings emitted sources to SystemVerilog, with the sources' own script, or finds the result in the cache.
func Elaborate(ctx context.Context, cache *cosim.Cache, sources map[string][]byte) (map[string][]byte, error) {
	const out = "datapath.sv"
	dir, err := cache.Get("chisel", cosim.Key(sources, Version, scalaVersion, firtoolVersion), func(dir string) error {
		if err := cosim.WriteFiles(dir, sources); err != nil {
			return err
		}
		// What the script leaves in the temporary folder when it is killed goes with dir.
		_, err := shell.Output(ctx, dir, "-c", `TMPDIR=$PWD exec sh ./"$1" "$2"`, "sh", Script, out)
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
