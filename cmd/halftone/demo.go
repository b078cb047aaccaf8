package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/halftone-go/halftone/study/demo"
	"github.com/halftone-go/halftone/train"
)

func newDemoCommand() *cobra.Command {
	var c demo.Config
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Go the whole way once: train in 8 bits, deploy to int8, emulate, generate hardware, co-simulate, report",
		Long: "Trains ResNet-14 on CIFAR-10 with every op in 8 bits, shows HALP against LP-SGD, LP-SVRG, SGD and SVRG on a convex\n" +
			"problem, deploys the network to int8, compares emulator and simulated graph, generates Verilog and Chisel and\n" +
			"co-simulates both, in at most ten minutes on two cores. It ends with one screen of results and an HTML report.",
		Example: "  halftone demo\n  halftone demo --quick --out runs/quick",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.Threads < 0 {
				return usagef("--threads must not be negative")
			}
			c.Paranoid = paranoid(cmd)
			return runDemo(cmd, c)
		},
	}
	cmd.Flags().BoolVar(&c.Quick, "quick", false, "the same on few images, in a minute")
	cmd.Flags().StringVar(&c.Out, "out", "", "folder of what is written (default runs/demo-DATE-TIME)")
	cmd.Flags().IntVar(&c.Threads, "threads", 0, "threads, all processors if 0; no bit of any result depends on it")
	cmd.Flags().Uint64Var(&c.Seed, "seed", 1, "key of all random choices")
	return withGraphs(cmd)
}

func runDemo(cmd *cobra.Command, c demo.Config) error {
	if c.Out == "" {
		c.Out = filepath.Join("runs", "demo-"+time.Now().Format("20060102-150405"))
	}
	if _, err := os.Stat(c.Out); err == nil {
		return usagef("--out %s is there already; choose another folder", c.Out)
	}
	stderr := cmd.ErrOrStderr()
	c.Say = func(line string) { fmt.Fprintln(stderr, line) }
	c.ObserveTraining = train.NewConsole(stderr, isTerminal(stderr))
	c.Progress = newBars(stderr)
	outcome, err := demo.Run(cmd.Context(), c)
	if err != nil {
		return err
	}
	reportParanoia(cmd, outcome.Training.Paranoia)
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	if asJSON {
		var rows []row
		for _, f := range outcome.Figures() {
			rows = append(rows, row{"name": f.Name, "value": f.Value, "unit": f.Unit, "status": f.Status.String()})
		}
		return printJSON(cmd.OutOrStdout(), rows)
	}
	stdout := cmd.OutOrStdout()
	return outcome.Screen(stdout, screenWidth(stdout), isTerminal(stdout))
}

// newBars draws a bar for each long part, where w is a terminal.
func newBars(w io.Writer) func(what string, done, total int) {
	if !isTerminal(w) {
		return nil
	}
	var bar *progressbar.ProgressBar
	current := ""
	return func(what string, done, total int) {
		if what != current {
			current = what
			if total == 0 {
				total = -1
			}
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
				progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done) // a bar that cannot be drawn stops nothing
	}
}

// screenWidth is the width of the terminal, 80 where w is none.
func screenWidth(w io.Writer) int {
	const usual = 80
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return min(width, 2*usual)
		}
	}
	return usual
}
