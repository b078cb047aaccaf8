package cosim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// icarus interprets the Verilog with four states: a register that is used before it is set shows as x. About a hundred
// times slower than Verilator, and a second opinion.
type icarus struct{}

// Programs of Icarus Verilog.
var (
	Icarus = Tool{"iverilog", "iverilog"}
	vvp    = Tool{"vvp", "iverilog"}
)

var icarusOptions = []string{"-g2012", "-s", "Testbench", "-o", "simulator"}

func (icarus) Name() string { return "icarus" }

func (icarus) Check() error {
	for _, tool := range []Tool{Icarus, vvp} {
		if _, err := tool.Path(); err != nil {
			return err
		}
	}
	return nil
}

func (icarus) key(ctx context.Context, i *Interface) ([]string, error) {
	version, err := Icarus.Output(ctx, "", "-V")
	return append([]string{string(version), string(i.execute(testbenchTemplate))}, icarusOptions...), err
}

func (icarus) build(ctx context.Context, _ *Cache, dir string, i *Interface, files []string) error {
	const testbench = "testbench.v"
	if err := WriteFiles(dir, map[string][]byte{testbench: i.execute(testbenchTemplate)}); err != nil {
		return err
	}
	args := append(append([]string{}, icarusOptions...), files...)
	_, err := Icarus.Output(ctx, dir, append(args, testbench)...)
	return err
}

func (icarus) command(dir string) []string {
	return []string{vvp.Command, "-n", filepath.Join(dir, "simulator")}
}

// decoder reads a line of hexadecimal digits for each output. Icarus prints no final line of its own, so the harness's
// line with the counts ends the codes.
func (icarus) decoder(i *Interface) decoder {
	var lines *bufio.Reader
	return func(r io.Reader, codes []Code) error {
		if lines == nil {
			lines = bufio.NewReader(r)
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "cycles=") {
			return &endLine{line}
		}
		bits, unknown, err := parseHex(line, i.CodeType.Width*len(codes))
		if err != nil {
			return err
		}
		for c := range codes {
			// The first code is at the top.
			low := i.CodeType.Width * (len(codes) - 1 - c)
			var v uint64
			known := true
			for b := range i.CodeType.Width {
				v |= uint64(bits[low+b]) << b
				known = known && !unknown[low+b]
			}
			codes[c] = Code{Value: int32(i.CodeType.Value(v)), Known: known}
		}
		return nil
	}
}

// parseHex reads hexadecimal digits as bits, lowest first. x and z digits are unknown bits.
func parseHex(line string, width int) (bits []byte, unknown []bool, err error) {
	bits, unknown = make([]byte, width+4), make([]bool, width+4)
	digits := (width + 3) / 4
	if len(line) != digits {
		return nil, nil, errors.Errorf("simulator printed %q", line)
	}
	for d := range digits {
		digit, place := line[digits-1-d], 4*d
		v, parse := strconv.ParseUint(string(digit), 16, 8)
		for b := range 4 {
			bits[place+b] = byte(v >> b & 1)
			unknown[place+b] = parse != nil
		}
	}
	return bits, unknown, nil
}

// endLine is the harness's last line.
type endLine struct{ text string }

func (e *endLine) Error() string { return fmt.Sprintf("end of run: %s", e.text) }
