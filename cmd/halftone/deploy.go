package main

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/study/deployment"
	"github.com/halftone-go/halftone/train"
)

// deployFlags are the flags of the verb.
type deployFlags struct {
	target, out       string
	calibrate, images int
	threads           int
	check             bool
}

func newDeployCommand() *cobra.Command {
	var f deployFlags
	cmd := &cobra.Command{
		Use:   "deploy RUN",
		Short: "Deploy a trained run to integer hardware: calibrate, fold batch norms, write a network's folder",
		Long: "Deploys a trained run to a target: batch norms are folded into the convolutions, scales are calibrated on training\n" +
			"images, and a folder is written with the policy, weights and scales that make the simulated integer graph and the\n" +
			"integer program that the emulator runs. --check compares the codes of every layer of the two on test images.",
		Example: "  halftone deploy runs/a --target mac8 --out runs/a-int8\n  halftone deploy runs/a --target mine.yaml --out runs/a-int8 --check",
		Args:    exactArgs(1, "the folder of a run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args[0])
		},
	}
	cmd.Flags().StringVar(&f.target, "target", "mac8", "a shipped target or a target file")
	cmd.Flags().StringVar(&f.out, "out", "", "folder of the deployed network (required)")
	cmd.Flags().IntVar(&f.calibrate, "calibrate", deployment.DefaultCalibration, "number of training images to calibrate on")
	cmd.Flags().BoolVar(&f.check, "check", false, "compare all layers' codes of the simulated graph and the emulator")
	cmd.Flags().IntVar(&f.images, "check-images", 1000, "number of test images that --check compares")
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads, all processors if 0; no bit of the result depends on it")
	return withGraphs(cmd)
}

func (f *deployFlags) run(cmd *cobra.Command, run string) error {
	switch {
	case f.out == "":
		return usagef("--out is missing: the folder of the deployed network")
	case f.calibrate < 1 || f.images < 1:
		return usagef("--calibrate and --check-images must be at least 1")
	case f.threads < 0:
		return usagef("--threads must not be negative")
	}
	t, err := target.Load(f.target)
	if err != nil {
		return err
	}
	trained, err := train.Open(cmd.Context(), run, func(c *train.Config) { c.Threads, c.Paranoid = f.threads, paranoid(cmd) })
	if err != nil {
		return err
	}
	d, err := deployment.New(cmd.Context(), trained, t, f.calibrate)
	if err != nil {
		return err
	}
	columns := []column{{"layer", "layer"}, {"kind", "kind"}, {"scale", "scale"}, {"zero", "zero"}}
	var rows []row
	for _, l := range d.Program.Layers {
		rows = append(rows, row{"layer": l.Name, "kind": l.Op.Kind(), "scale": l.Output.Scale, "zero": l.Output.Zero})
	}
	if f.check {
		columns = append(columns, column{"codes", "codes"}, column{"mismatches", "mismatches"})
		checks, err := d.Check(cmd.Context(), f.images, nil)
		if err != nil {
			return err
		}
		byLayer := map[string]deployment.LayerCheck{}
		for _, c := range checks {
			byLayer[c.Layer] = c
		}
		for _, r := range rows {
			c := byLayer[fmt.Sprint(r["layer"])]
			r["codes"], r["mismatches"] = c.Codes, c.Mismatches
		}
		if codes, wrong := deployment.Mismatches(checks); wrong > 0 {
			return errors.Errorf("%d of %d codes of the emulator differ from the simulated graph's; nothing was written", wrong, codes)
		}
	}
	reportParanoia(cmd, d.Simulated.Paranoia())
	if err := d.Save(f.out); err != nil {
		return err
	}
	return printRows(cmd, columns, rows)
}
