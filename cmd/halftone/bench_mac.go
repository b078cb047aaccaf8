package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/study/stepbench"
)

func newBenchMACCommand() *cobra.Command {
	o := stepbench.Options{Network: stepbench.MAC}
	cmd := &cobra.Command{
		Use:   "mac",
		Short: "Time training steps with simulated multiply-accumulate units",
		Long: "Time training steps of ResNet-14 in which every product of every layer, forward and backward, is simulated inside:\n" +
			"resnet14/mac-exact has 8-bit codes and exact sums; resnet14/mac-wrap16 adds these in accumulators of 16 bits that\n" +
			"wrap (acc:w16,wrap), resnet14/mac-saturate20 in ones of 20 bits that saturate at each addition (acc:w20,sat,order=seq);\n" +
			"resnet14/mac rounds E5M2 operands' products to E5M2 and each addition to E6M5.\n\n" +
			"Each turn has one step of every name. \"of exact\" is the speed as a part of that with exact sums in the same turn,\n" +
			"the median. The peer of resnet14/mac is MPTorch 0.3.0, which no package installs: its figure was measured elsewhere\n" +
			"(a processor with AVX-512, built with -O3, batch 32), so that the ratio is a rough one.",
		Example: "  halftone bench mac\n" +
			"  halftone bench mac --only '*/mac' --batch 128 --json",
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Progress = benchProgress(cmd.ErrOrStderr())
			results, err := stepbench.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			return printMAC(cmd, o, results)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Batch, "batch", 32, "images of a step")
	f.IntVar(&o.Threads, "threads", 2, "threads")
	f.IntVar(&o.Repetitions, "repetitions", 5, "how many steps are timed; the median counts")
	f.StringVar(&o.Only, "only", "", "time only what matches this glob of names")
	return cmd
}

// printMAC shows the results. In a table, what was not measured or not asked stays empty; in JSON it is 0 or empty.
func printMAC(cmd *cobra.Command, o stepbench.Options, results []stepbench.Result) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	rows := make([]row, len(results))
	for i, r := range results {
		rows[i] = row{
			"name": r.Name, "threads": o.Threads, "batch": o.Batch, "isa": isa.Name(), "median_ms": r.MS, "per_second": r.PerSecond,
			"of_exact": r.OfExact, "peer": r.PeerCall, "ratio": r.Ratio, "asked_of_exact": r.AskedOfExact, "asked_ratio": r.AskedRatio, "met": r.Met(),
		}
		if asJSON {
			continue
		}
		for key, format := range map[string]string{
			"median_ms": "%.0f", "per_second": "%.1f", "of_exact": "%.2f", "ratio": "%.0f", "asked_of_exact": "%g", "asked_ratio": "%g",
		} {
			if x := rows[i][key].(float64); x == 0 {
				rows[i][key] = ""
			} else {
				rows[i][key] = fmt.Sprintf(format, x)
			}
		}
		rows[i]["met"] = map[bool]string{true: "yes", false: "no"}[r.Met()]
		if r.AskedOfExact == 0 && r.AskedRatio == 0 {
			rows[i]["met"] = ""
		}
	}
	return printRows(cmd, []column{
		{"name", "name"},
		{"batch", "batch"},
		{"threads", "threads"},
		{"median_ms", "ms"},
		{"per_second", "images/s"},
		{"of_exact", "of exact"},
		{"asked_of_exact", "asked"},
		{"peer", "peer"},
		{"ratio", "ratio"},
		{"asked_ratio", "asked"},
		{"met", "met"},
	}, rows)
}
