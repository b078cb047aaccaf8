// Package cosimtest says what becomes of tests whose external programs are missing.
package cosimtest

import (
	"os"
	"testing"

	"github.com/halftone-go/halftone/hwgen/chisel"
	"github.com/halftone-go/halftone/hwgen/cosim"
)

// Without is the environment variable that declares, by the value 1, that external programs are absent on purpose.
const Without = "HALFTONE_WITHOUT_TOOLS"

// Programs that tests use, with their Debian packages.
var (
	Verilog = []cosim.Tool{cosim.Verilator, cosim.Compiler, cosim.Make}
	Icarus  = []cosim.Tool{cosim.Icarus}
	Yosys   = []cosim.Tool{{Command: "yosys", Package: "yosys"}}
	Chisel  = []cosim.Tool{chisel.Java, chisel.Maven}
)

// Require fails the test if a program is missing, or skips it if the environment declares that this is meant.
func Require(t testing.TB, lists ...[]cosim.Tool) {
	t.Helper()
	for _, tools := range lists {
		for _, tool := range tools {
			_, err := tool.Path()
			switch {
			case err == nil:
			case os.Getenv(Without) == "1":
				t.Skipf("%s=1: %v", Without, err)
			default:
				t.Fatalf("%v, or declare with %s=1 that tests without external programs are meant", err, Without)
			}
		}
	}
}
