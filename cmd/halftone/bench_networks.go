package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/peer"
	"github.com/halftone-go/halftone/study/stepbench"
)

type benchNetworkFlags struct {
	options stepbench.Options
	peers   bool
	python  string
	profile bool
	memory  bool
	plot    string
}

func newBenchTrainCommand() *cobra.Command {
	return newBenchNetworkCommand("train", stepbench.ResNet14, 128, "ResNet-14 on images of 32x32", "images",
		"resnet14/float32 trains in float32, resnet14/quantized under the policy qpytorch8 (the points of QPyTorch),\n"+
			"resnet14/every-op under swalp8; resnet14/infer is the forward pass.")
}

func newBenchLSTMCommand() *cobra.Command {
	return newBenchNetworkCommand("lstm", stepbench.LSTM, 50, "a two-layer LSTM on 50 characters of text", "characters",
		"lstm/float32 trains in float32, lstm/quantized under the policy qpytorch8, lstm/every-op under swalp8.")
}

func newBenchNetworkCommand(verb, network string, batch int, what, unit, names string) *cobra.Command {
	flags := benchNetworkFlags{options: stepbench.Options{Network: network}}
	cmd := &cobra.Command{
		Use:   verb,
		Short: "Time steps of " + what,
		Long: "Time steps of " + what + ": the batch, forward, backward and the update, after one step that\n" +
			"warms up, the median of several. " + names + "\n\n" +
			"Each turn has one step of every name, so that \"of float\", the speed as a part of that in float32, compares\n" +
			"times of the same turn. With --peers, a Python process takes a step of PyTorch, QPyTorch or ONNX Runtime after\n" +
			"each; \"ratio\" is how many times as fast Halftone is. It needs the packages of tests/oracles/requirements.txt, for\n" +
			"inference those of internal/peer/requirements.txt too. \"scaling\" is the speed as a multiple of that on one thread,\n" +
			"\"kB/step\" what a step allocates.\n\n" +
			"With --profile, where the time of a step goes by kind of op, and what rounding costs by role. Thread milliseconds add\n" +
			"up to the step's on all threads: idle is what threads wait for each other between ops. \"of bound\" is the least time\n" +
			"that the operations and bytes of the op take on this machine, as a part of the time that it took. Where\n" +
			"the arrays of an op fit the cache, that is the bound, else memory; ops that run together on a few samples at a time\n" +
			"find theirs in the cache all the same, and exceed the bound.",
		Example: "  halftone bench " + verb + "\n" +
			"  halftone bench " + verb + " --peers --scaling --repetitions 15 --json\n" +
			"  halftone bench " + verb + " --profile --only '*/float32'",
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd, unit) },
	}
	f := cmd.Flags()
	f.IntVar(&flags.options.Batch, "batch", batch, "samples of a step")
	if network == stepbench.ResNet14 {
		f.IntVar(&flags.options.Width, "width", 1, "multiplies the numbers of channels")
	}
	f.IntVar(&flags.options.Threads, "threads", 2, "threads of both sides")
	f.IntVar(&flags.options.Repetitions, "repetitions", 9, "how many steps are timed; the median counts")
	f.StringVar(&flags.options.Only, "only", "", "time only what matches this glob of names")
	f.BoolVar(&flags.options.Scaling, "scaling", false, "time the same on one thread too")
	f.BoolVar(&flags.memory, "memory", false, "measure the resident memory of each in a process of its own")
	f.BoolVar(&flags.profile, "profile", false, "show where the time goes instead")
	f.StringVar(&flags.plot, "profile-plot", "", "draw the profile into this file, .png or .svg")
	f.BoolVar(&flags.peers, "peers", false, "time other libraries too")
	f.StringVar(&flags.python, "python", "", "the interpreter of --peers (default that of 'make oracles' where it is, else python3)")
	return cmd
}

func (f *benchNetworkFlags) run(cmd *cobra.Command, unit string) error {
	f.options.Progress = benchProgress(cmd.ErrOrStderr())
	if f.profile || f.plot != "" {
		if f.peers || f.options.Scaling || f.memory {
			return usagef("--profile goes without --peers, --scaling and --memory")
		}
		return f.runProfile(cmd)
	}
	o := f.options
	if f.peers {
		if f.python == "" {
			f.python = peerPython()
		}
		other, err := peer.Start(cmd.Context(), f.python, peer.Networks, f.shape()...)
		if err != nil {
			return fmt.Errorf("%w\n--peers needs a Python with the packages of tests/oracles/requirements.txt; --python names it", err)
		}
		defer other.Close()
		o.Peer = other
	}
	results, err := stepbench.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	if f.memory {
		if err := f.measureMemory(cmd.Context(), cmd.Name(), results); err != nil {
			return err
		}
	}
	return f.print(cmd, results, unit)
}

// print shows the results. In a table, what was not measured or not asked stays empty; in JSON it is 0 or empty.
func (f *benchNetworkFlags) print(cmd *cobra.Command, results []stepbench.Result, unit string) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	columns := []column{
		{"name", "name"}, {"batch", "batch"}, {"threads", "threads"}, {"median_ms", "ms"}, {"per_second", unit + "/s"}, {"of_float", "of float"}, {"alloc_kb", "kB/step"},
	}
	if f.options.Scaling {
		columns = append(columns, column{"scaling", "scaling"})
	}
	if f.memory {
		columns = append(columns, column{"resident_mb", "MB"})
	}
	if f.peers {
		columns = append(columns, column{"peer", "peer"}, column{"peer_ms", "its ms"}, column{"ratio", "ratio"})
		if f.memory {
			columns = append(columns, column{"peer_resident_mb", "its MB"})
		}
	}
	columns = append(columns, column{"asked", "asked"}, column{"met", "met"})
	rows := make([]row, len(results))
	for i, r := range results {
		rows[i] = row{
			"name": r.Name, "threads": f.options.Threads, "batch": f.options.Batch, "isa": isa.Name(), "median_ms": r.MS, "per_second": r.PerSecond,
			"width": max(1, f.options.Width), "of_float": r.OfFloat, "alloc_kb": r.AllocatedKB, "scaling": r.Scaling, "resident_mb": r.ResidentMB, "peer_resident_mb": r.PeerResidentMB, "peer": r.PeerCall, "peer_ms": r.PeerMS, "ratio": r.Ratio,
			"asked_ratio": r.AskedRatio, "asked_of_float": r.AskedOfFloat, "asked_scaling": r.AskedScaling, "met": r.Met(),
		}
		if !asJSON {
			legibleNetwork(rows[i], r)
		}
	}
	return printRows(cmd, columns, rows)
}

// legibleNetwork rounds the numbers for a reader's eye.
func legibleNetwork(cells row, r stepbench.Result) {
	for key, format := range map[string]string{"median_ms": "%.1f", "per_second": "%.0f", "of_float": "%.2f", "peer_ms": "%.1f", "ratio": "%.2f", "scaling": "%.2f", "alloc_kb": "%.0f", "resident_mb": "%.0f", "peer_resident_mb": "%.0f"} {
		if x := cells[key].(float64); x == 0 {
			cells[key] = ""
		} else {
			cells[key] = fmt.Sprintf(format, x)
		}
	}
	var asked []string
	if r.AskedRatio > 0 {
		asked = append(asked, fmt.Sprintf("%gx the peer", r.AskedRatio))
	}
	if r.AskedOfFloat > 0 {
		asked = append(asked, fmt.Sprintf("%g of float", r.AskedOfFloat))
	}
	if r.AskedScaling > 0 {
		asked = append(asked, fmt.Sprintf("%gx a thread", r.AskedScaling))
	}
	if r.PeerResidentMB > 0 {
		asked = append(asked, "the peer's MB")
	}
	cells["asked"] = strings.Join(asked, ", ")
	measured := r.AskedRatio > 0 && r.PeerMS > 0 || r.AskedOfFloat > 0 && r.OfFloat > 0 || r.AskedScaling > 0 || r.PeerResidentMB > 0
	switch {
	case !measured:
		cells["met"] = ""
	case r.Met():
		cells["met"] = "yes"
	default:
		cells["met"] = "no"
	}
}
