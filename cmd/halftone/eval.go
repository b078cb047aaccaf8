package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/halftone-go/halftone/study/deployment"
	"github.com/halftone-go/halftone/train"
)

// evalFlags are the flags of eval as they were given.
type evalFlags struct {
	rounding, target     string
	limitTest, calibrate int
	threads              int
}

func newEvalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval RUN|NET",
		Short: "Evaluate the network of a run, or a deployed one, on its test data",
		Long: "Evaluates the network of a run's last checkpoint under the run's policy, with running statistics. After SWALP that is the\n" +
			"network of the averaged weights. With --target the network is deployed to that target in memory, and its integers are\n" +
			"evaluated on the emulator; so are those of a deployed network's folder.",
		Example: "  halftone eval runs/a\n  halftone eval runs/a --rounding rne --json\n" +
			"  halftone eval runs/a --target mac8\n  halftone eval runs/a-int8",
		Args: exactArgs(1, "the folder of a run or of a deployed network"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	cmd.Flags().StringVar(&f.rounding, "rounding", "", "round all formats of the policy like this, as rne; without it as the policy says")
	cmd.Flags().StringVar(&f.target, "target", "", "deploy to this target, shipped or a file, and evaluate the integers")
	cmd.Flags().IntVar(&f.calibrate, "calibrate", deployment.DefaultCalibration, "number of training images to calibrate on, with --target")
	cmd.Flags().IntVar(&f.limitTest, "limit-test", 0, "use only the first test samples, 0 for all; without it as many as the run did")
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads, all processors if 0; no bit of the result depends on it")
	return withGraphs(cmd)
}

func (f *evalFlags) run(cmd *cobra.Command, dir string) error {
	if f.threads < 0 || f.limitTest < 0 {
		return usagef("--threads and --limit-test must not be negative")
	}
	if f.calibrate < 1 {
		return usagef("--calibrate must be at least 1")
	}
	if isNetwork(dir) {
		return f.network(cmd, dir)
	}
	change := func(*train.Config) {}
	if f.rounding != "" {
		r, err := number.ParseRounding(f.rounding)
		if err != nil {
			return usagef("--rounding: %v", err)
		}
		change = func(c *train.Config) { c.Policy = train.WithRounding(c.Policy, r) }
	}
	stderr := cmd.ErrOrStderr()
	trained, err := train.Open(cmd.Context(), dir, change, func(c *train.Config) {
		c.Threads, c.Paranoid = f.threads, paranoid(cmd)
		c.Warn = func(message string) { fmt.Fprintln(stderr, "warning:", message) }
		if cmd.Flags().Changed("limit-test") {
			c.LimitTest = f.limitTest
		}
		if isTerminal(stderr) {
			c.Observe = train.NewConsole(stderr, true)
		}
	})
	if err != nil {
		return err
	}
	if f.target != "" {
		return f.deployed(cmd, dir, trained)
	}
	m, err := trained.Evaluate(cmd.Context())
	if err != nil {
		return err
	}
	reportParanoia(cmd, trained.Program.Paranoia())
	columns, r := metricsRow(m)
	r["run"], r["step"], r["model"], r["data"], r["samples"] = dir, trained.Step, trained.Config.Model, trained.Config.Data, m.Samples
	before := []column{{"run", "run"}, {"step", "step"}, {"model", "model"}, {"data", "data"}, {"samples", "samples"}}
	return printRows(cmd, slices.Concat(before, columns), []row{r})
}
