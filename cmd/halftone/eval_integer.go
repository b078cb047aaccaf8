package main

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/study/deployment"
	"github.com/halftone-go/halftone/train"
)

// isNetwork tells the folder of a deployed network from that of a run.
func isNetwork(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "program.json"))
	return err == nil
}

// deployed deploys a run in memory and evaluates its integers.
func (f *evalFlags) deployed(cmd *cobra.Command, dir string, trained *train.Trained) error {
	t, err := target.Load(f.target)
	if err != nil {
		return err
	}
	d, err := deployment.New(cmd.Context(), trained, t, f.calibrate)
	if err != nil {
		return err
	}
	reportParanoia(cmd, d.Simulated.Paranoia())
	a, err := d.Evaluate(cmd.Context(), trained.Config.LimitTest, nil)
	if err != nil {
		return err
	}
	return printAccuracy(cmd, dir, t.Name, trained.Config.Data, a)
}

// network evaluates the integers of a deployed network's folder on the data of the run that it came from.
func (f *evalFlags) network(cmd *cobra.Command, dir string) error {
	if f.rounding != "" {
		return usagef("--rounding is for runs; %s is a deployed network", dir)
	}
	if paranoid(cmd) {
		return usagef("--paranoid is for graphs; the emulator that runs the deployed network %s has none", dir)
	}
	program, err := emulate.Load(dir)
	if err != nil {
		return err
	}
	if f.target != "" {
		if program.Target, err = target.Load(f.target); err != nil {
			return err
		}
	}
	interpreter, err := emulate.NewInterpreter(program)
	if err != nil {
		return err
	}
	record, err := train.ReadRecord(dir)
	if err != nil {
		return err
	}
	folder, err := datasets.Dir()
	if err != nil {
		return err
	}
	images, err := datasets.LoadImages(record.Data.Name, folder)
	if err != nil {
		return err
	}
	if got := images.Info().Checksum; got != record.Data.Checksum {
		return errors.Errorf("the network was deployed with %s of checksum %s; the data folder holds %s", record.Data.Title, record.Data.Checksum, got)
	}
	limit := record.LimitTest
	if cmd.Flags().Changed("limit-test") {
		limit = f.limitTest
	}
	a, err := deployment.Evaluate(cmd.Context(), interpreter, images, limit, f.threads, nil)
	if err != nil {
		return err
	}
	return printAccuracy(cmd, dir, program.Target.Name, record.Data.Name, a)
}

func printAccuracy(cmd *cobra.Command, dir, targetName, data string, a deployment.Accuracy) error {
	overflows := int64(0)
	for _, n := range a.Overflows {
		overflows += n
	}
	return printRows(cmd,
		[]column{{"run", "run"}, {"target", "target"}, {"data", "data"}, {"samples", "samples"}, {"val_accuracy", "accuracy"}, {"overflows", "overflows"}},
		[]row{{"run": dir, "target": targetName, "data": data, "samples": a.Images, "val_accuracy": a.Share(), "overflows": overflows}})
}
