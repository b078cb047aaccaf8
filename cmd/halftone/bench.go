package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/peer"
	"github.com/halftone-go/halftone/qops/number/kernelbench"
)

func newBenchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench kernels|train|lstm|mac",
		Short: "Time Halftone beside a copy of the same data and beside other libraries",
		Args:  subcommandArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchKernelsCommand(), newBenchTrainCommand(), newBenchLSTMCommand(), newBenchMACCommand())
	return cmd
}

type benchKernelsFlags struct {
	options kernelbench.Options
	peers   bool
	python  string
}

func newBenchKernelsCommand() *cobra.Command {
	var flags benchKernelsFlags
	cmd := &cobra.Command{
		Use:   "kernels",
		Short: "Time the quantization of tensors",
		Long: "Time the quantization of a tensor of float32, in nanoseconds per element: after a run that warms the caches, the\n" +
			"median of several. Each is timed right after a copy of the tensor on as many threads: \"of copy\" is its speed as a\n" +
			"part of the copy's, the median of these ratios.\n\n" +
			"With --peers, a Python process times QPyTorch's and PyTorch's processor kernels for the same formats, each right\n" +
			"after Halftone's; \"ratio\" is how many times as fast Halftone is. It needs the packages of\n" +
			"tests/oracles/requirements.txt, and where QPyTorch is imported for the first time, a C++ compiler and a minute.\n\n" +
			"\"asked\" is what the project holds itself to, for 4194304 elements on 2 threads.",
		Example: "  halftone bench kernels\n" +
			"  halftone bench kernels --only 'mx:*' --isa avx2\n" +
			"  halftone bench kernels --peers --python peers/bin/python --json",
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	f := cmd.Flags()
	f.IntVar(&flags.options.Threads, "threads", 2, "threads of both sides")
	f.IntVar(&flags.options.Elements, "elements", 1<<22, "elements of the tensor, a multiple of 256")
	f.IntVar(&flags.options.Repetitions, "repetitions", 9, "how often each is timed; the median counts")
	f.StringVar(&flags.options.Only, "only", "", "time only what matches this glob of names")
	f.BoolVar(&flags.peers, "peers", false, "time QPyTorch and PyTorch too")
	f.StringVar(&flags.python, "python", "", "the interpreter of --peers (default that of 'make oracles' where it is, else python3)")
	return cmd
}

func (f *benchKernelsFlags) run(cmd *cobra.Command) error {
	o := f.options
	if err := o.Check(); err != nil {
		return usagef("%v", err)
	}
	if f.peers {
		if f.python == "" {
			f.python = peerPython()
		}
		fmt.Fprintln(cmd.ErrOrStderr(), "starting the peer; the first time, QPyTorch compiles its kernels, which takes a minute")
		other, err := peer.Start(cmd.Context(), f.python, peer.Kernels, "--elements", strconv.Itoa(o.Elements), "--threads", strconv.Itoa(o.Threads))
		if err != nil {
			return fmt.Errorf("%w\n--peers needs a Python with the packages of tests/oracles/requirements.txt; --python names it", err)
		}
		defer other.Close()
		o.Peer = other
		fmt.Fprintf(cmd.ErrOrStderr(), "peer: torch %s, qtorch %s\n", other.Versions["torch"], other.Versions["qtorch"])
	}
	o.Progress = benchProgress(cmd.ErrOrStderr())
	results, err := kernelbench.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	return f.print(cmd, results)
}

// oraclesPython is the interpreter of the environment that make oracles fills, in the project's folder.
const oraclesPython = ".cache/oracles/bin/python"

// peerPython returns the interpreter to use where none is named.
func peerPython() string {
	if _, err := os.Stat(oraclesPython); err == nil {
		return oraclesPython
	}
	return "python3"
}

// benchProgress draws a bar on w, or returns nil if w is no terminal.
func benchProgress(w io.Writer) func(done, total int, name string) {
	if !isTerminal(w) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int, name string) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		}
		bar.Describe(fmt.Sprintf("%-34s", name))
		_ = bar.Set(done + 1) // a bar that cannot be drawn stops nothing
	}
}

// print shows the results. In a table, what was not measured or not asked stays empty; in JSON it is 0 or empty.
func (f *benchKernelsFlags) print(cmd *cobra.Command, results []kernelbench.Result) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	columns := []column{
		{"name", "name"}, {"elements", "elements"}, {"ns_per_element", "ns/element"}, {"ms", "ms"}, {"of_copy", "of copy"},
	}
	if f.peers {
		columns = append(columns, column{"peer", "peer"}, column{"peer_ns_per_element", "its ns/element"}, column{"ratio", "ratio"})
	}
	columns = append(columns, column{"asked", "asked"}, column{"met", "met"})
	rows := make([]row, len(results))
	for i, r := range results {
		rows[i] = benchRow(r, f.options.Threads)
		if !asJSON {
			legible(rows[i], r)
		}
	}
	return printRows(cmd, columns, rows)
}

func benchRow(r kernelbench.Result, threads int) row {
	return row{
		"name": r.Name, "threads": threads, "isa": isa.Name(), "elements": r.Elements,
		"ns_per_element": r.NS, "ms": r.Seconds() * 1e3, "of_copy": r.OfCopy,
		"best_ns_per_element": r.Best, "peer_best_ns_per_element": r.PeerBest,
		"peer": r.PeerCall, "peer_ns_per_element": r.PeerNS, "ratio": r.Ratio,
		"asked_of_copy": r.AskedOfCopy, "asked_ratio": r.AskedRatio, "asked_ms": r.AskedSeconds * 1e3, "met": r.Met(),
	}
}

// legible rounds the numbers for a reader's eye.
func legible(cells row, r kernelbench.Result) {
	digits := func(key, format string) {
		if x := cells[key].(float64); x == 0 {
			cells[key] = ""
		} else {
			cells[key] = fmt.Sprintf(format, x)
		}
	}
	digits("ns_per_element", "%.3f")
	digits("ms", "%.2f")
	digits("of_copy", "%.2f")
	digits("peer_ns_per_element", "%.2f")
	digits("ratio", "%.1f")
	var wanted []string
	for _, a := range []struct {
		least  float64
		format string
	}{{r.AskedOfCopy, "%g of a copy"}, {r.AskedRatio, "%gx the peer"}, {r.AskedSeconds, "%g s"}} {
		if a.least > 0 {
			wanted = append(wanted, fmt.Sprintf(a.format, a.least))
		}
	}
	cells["asked"] = strings.Join(wanted, ", ")
	switch {
	case !r.Asked():
		cells["met"] = ""
	case r.Met():
		cells["met"] = "yes"
	default:
		cells["met"] = "no"
	}
}
