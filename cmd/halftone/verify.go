package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// verifyFlags are the flags of the verb.
type verifyFlags struct {
	target, language, simulator, net, input string
	outputs                                 int64
	seed                                    uint64
}

// icarusOutputs is the default number of outputs for Icarus, which interprets: it takes about as long as Verilator for
// a hundred times as many.
const icarusOutputs = 10_000

func newVerifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check the generated Verilog and Chisel against the emulator, bit by bit, in a simulator",
		Long: "Check the generated Verilog and Chisel against the emulator, bit by bit, in a simulator. Half of the outputs are\n" +
			"corner cases: every tie, every edge of the clamp, the ends of the accumulator, for multipliers over the rule's whole\n" +
			"range; the rest are random products, with gaps at the input and back-pressure at the output. With --net and --input\n" +
			"the products are those of a deployed network, and the corner cases those of its multipliers. Exit status 1 if one output differs.",
		Example: "  halftone verify --target mac8\n  halftone verify --target mac8 --lang chisel --outputs 100000 --simulator icarus\n" +
			"  halftone verify --net runs/a-int8 --input images.npy",
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("outputs") && f.simulator == "icarus" {
				f.outputs = icarusOutputs
			}
			return f.run(cmd)
		},
	}
	cmd.Flags().StringVar(&f.target, "target", "", "a shipped target or a target file (default mac8, or the target of --net)")
	cmd.Flags().StringVar(&f.language, "lang", "both", strings.Join(hwgen.Languages(), ", ")+" or both")
	cmd.Flags().StringVar(&f.simulator, "simulator", cosim.Names()[0], strings.Join(cosim.Names(), " or "))
	cmd.Flags().Int64Var(&f.outputs, "outputs", 1_000_000, fmt.Sprintf("outputs to compare, at least; with icarus %d", icarusOutputs))
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of random products and of the patterns of gaps and back-pressure")
	cmd.Flags().StringVar(&f.net, "net", "", "a deployed network, whose products are compared; needs --input")
	cmd.Flags().StringVar(&f.input, "input", "", "images for --net, a .npy file of shape (n, channels, height, width)")
	return cmd
}

func (f *verifyFlags) run(cmd *cobra.Command) error {
	languages, err := f.languages()
	if err != nil {
		return err
	}
	t, stream, err := f.work(cmd)
	if err != nil {
		return err
	}
	var rows []row
	var failed []string
	for _, language := range languages {
		result, err := hwgen.Verify(cmd.Context(), t, language, stream, hwgen.Options{
			Simulator: f.simulator, Seed: f.seed, Progress: f.progress(cmd.ErrOrStderr(), language),
		})
		if err != nil {
			return err
		}
		rows = append(rows, row{
			"unit": result.Unit, "language": language, "simulator": result.Simulator,
			"outputs": result.Outputs, "mismatches": result.Mismatches, "cycles": result.Cycles,
		})
		if result.Mismatches > 0 {
			failed = append(failed, result.Explain())
		}
	}
	columns := []column{
		{"unit", "unit"},
		{"language", "language"},
		{"simulator", "simulator"},
		{"outputs", "outputs"},
		{"mismatches", "mismatches"},
		{"cycles", "cycles"},
	}
	if err := printRows(cmd, columns, rows); err != nil {
		return err
	}
	if len(failed) > 0 {
		return errors.Errorf("the hardware differs from the emulator\n%s", strings.Join(failed, "\n"))
	}
	return nil
}

func (f *verifyFlags) languages() ([]string, error) {
	if f.language == "both" {
		return hwgen.Languages(), nil
	}
	if !slices.Contains(hwgen.Languages(), f.language) {
		return nil, usagef("--lang is %q, want %s or both", f.language, strings.Join(hwgen.Languages(), ", "))
	}
	return []string{f.language}, nil
}

// work is what to check and on what.
func (f *verifyFlags) work(cmd *cobra.Command) (*target.Target, hwgen.Jobs, error) {
	switch {
	case !slices.Contains(cosim.Names(), f.simulator):
		return nil, nil, usagef("--simulator is %q, want %s", f.simulator, strings.Join(cosim.Names(), " or "))
	case f.outputs < 1:
		return nil, nil, usagef("--outputs is %d, want 1 or more", f.outputs)
	case (f.net == "") != (f.input == ""):
		return nil, nil, usagef("--net and --input go together")
	case f.net != "" && (f.target != "" || cmd.Flags().Changed("outputs")):
		return nil, nil, usagef("with --net the target is the network's and the outputs are those of its images; leave out --target and --outputs")
	case f.net != "":
		return f.network(cmd)
	}
	name := f.target
	if name == "" {
		name = "mac8"
	}
	t, err := target.Load(name)
	if err != nil {
		return nil, nil, err
	}
	stream, err := hwgen.Generated(t, f.outputs, f.seed)
	return t, stream, err
}

func (f *verifyFlags) network(cmd *cobra.Command) (*target.Target, hwgen.Jobs, error) {
	program, err := emulate.Load(f.net)
	if err != nil {
		return nil, nil, err
	}
	interpreter, err := emulate.NewInterpreter(program)
	if err != nil {
		return nil, nil, errors.Wrap(err, f.net)
	}
	array, err := npy.ReadFile(f.input)
	if err != nil {
		return nil, nil, err
	}
	images, err := npy.Elements[float32](array)
	if err != nil {
		return nil, nil, errors.Wrap(err, f.input)
	}
	size := npy.Size(program.Input)
	if len(array.Shape) == 0 || npy.Size(array.Shape[1:]) != size || array.Shape[0] < 1 {
		return nil, nil, errors.Errorf("%s has shape %v, but %s takes images of shape %v: give an array of shape (n, ...)",
			f.input, array.Shape, f.net, program.Input)
	}
	corners, err := hwgen.NetworkRequantizations(interpreter, nil)
	if err != nil {
		return nil, nil, err
	}
	return program.Target, hwgen.Concat(
		hwgen.Corners(program.Target, corners),
		hwgen.FromNetwork(cmd.Context(), interpreter, images, array.Shape[0], nil),
	), nil
}

// progress draws a bar of outputs if w is a terminal; the number of a network's is not known beforehand.
func (f *verifyFlags) progress(w io.Writer, language string) func(int64) {
	if !isTerminal(w) {
		return nil
	}
	total := f.outputs
	if f.net != "" {
		total = -1
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(language),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	return func(outputs int64) {
		if total >= 0 {
			outputs = min(outputs, total) // the last job may exceed what was asked for
		}
		_ = bar.Set64(outputs) // a bar that cannot be drawn stops nothing
	}
}
