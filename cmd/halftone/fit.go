package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/optimizers/linear"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// maxFitFile bounds the files that fit reads into memory.
const maxFitFile = 4 << 30

// fitFlags are the flags of fit as they were given.
type fitFlags struct {
	loss, optimizer, weight, offset, lr, synthetic, trace, out string

	options                []string
	batch, epochs          int
	seed                   uint64
	condition, noise       float64
	standardize, intercept bool
}

func newFitCommand() *cobra.Command {
	var flags fitFlags
	cmd := &cobra.Command{
		Use:   "fit [X.npy y.npy]",
		Short: "Fit a linear model in float64, with only the model or HALP's offset on a grid",
		Long:  fitHelp(),
		Example: "  halftone fit --synthetic 1000x20 --optimizer halp --opt mu=0.4 --lr 0.03 --epochs 60 --trace halp.csv\n" +
			"  halftone fit --loss logistic --optimizer lp-sgd --weight fixed:w8f6,sr,sat --standardize --lr 0.1 X.npy y.npy",
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.loss, "loss", "squares", strings.Join(linear.LossNames(), ", "))
	f.StringVar(&flags.optimizer, "optimizer", "halp", strings.Join(optimizers.Names(), ", "))
	f.StringVar(&flags.weight, "weight", "", "format of the model, for optimizers that keep it on a grid")
	f.StringVar(&flags.offset, "offset", "int:w8,scale=run,sr,sat", "format of the offset, for halp")
	f.StringArrayVar(&flags.options, "opt", nil, "option of the optimizer as key=value; may be repeated")
	f.StringVar(&flags.lr, "lr", "", "learning rate, the same as --opt lr=")
	f.IntVar(&flags.batch, "batch", 1, "rows in a batch")
	f.IntVar(&flags.epochs, "epochs", 10, "epochs, each of as many steps as there are batches")
	f.Uint64Var(&flags.seed, "seed", 1, "key of all random choices")
	f.StringVar(&flags.trace, "trace", "", "write a CSV file with epoch, loss and gradient_norm")
	f.StringVar(&flags.out, "out", "", "write the fitted weights, a vector in float64, as a .npy file")
	f.BoolVar(&flags.standardize, "standardize", false, "give each feature mean 0 and variance 1")
	f.BoolVar(&flags.intercept, "intercept", false, "add a feature that is always 1, after standardizing")
	f.StringVar(&flags.synthetic, "synthetic", "", "ROWSxCOLUMNS: random data instead of files")
	f.Float64Var(&flags.condition, "condition", 10, "condition number of synthetic data")
	f.Float64Var(&flags.noise, "noise", 0.1, "synthetic data: deviation of the labels' noise, or fraction of labels flipped")
	return cmd
}

func fitHelp() string {
	var b strings.Builder
	b.WriteString("Fit a linear model in float64: squares is 1/2*(x*w - y)^2, logistic and svm (a hinge rounded between margins 0 and 1)\n" +
		"take labels 0 and 1, or -1 and 1. X is a matrix with a row per example, y its labels.\n\nOptimizers and their options (--opt):\n")
	for _, name := range optimizers.Names() {
		config, err := optimizers.Parse(name, nil)
		if err != nil {
			continue
		}
		fmt.Fprintf(&b, "\n  %s\n", name)
		for _, o := range optimizers.Options(config) {
			fmt.Fprintf(&b, "    %-10s %s (%s)\n", o.Key, o.Help, o.Value)
		}
	}
	return b.String()
}

func (f *fitFlags) run(cmd *cobra.Command, args []string) error {
	loss, err := linear.ParseLoss(f.loss)
	if err != nil {
		return usagef("--loss: %v", err)
	}
	config, err := f.config()
	if err != nil {
		return err
	}
	formats, err := f.formats(cmd, config)
	if err != nil {
		return err
	}
	if f.batch < 1 || f.epochs < 1 {
		return usagef("--batch is %d and --epochs %d, want at least 1", f.batch, f.epochs)
	}
	data, err := f.data(args, loss)
	if err != nil {
		return err
	}
	if f.standardize {
		data = data.Standardize()
	}
	if f.intercept {
		data = data.WithIntercept()
	}
	fit, err := linear.Run(cmd.Context(), data, loss, config, linear.Options{
		Batch: f.batch, Epochs: f.epochs, Seed: f.seed, Formats: formats, Observe: f.progress(cmd.ErrOrStderr()),
	})
	if err != nil {
		return err
	}
	if f.trace != "" {
		if err := atomicfile.Write(f.trace, func(w io.Writer) error { return linear.WriteTrace(w, fit.Trace) }); err != nil {
			return err
		}
	}
	if f.out != "" {
		weights := &npy.Array{Shape: []int{len(fit.Weights)}, Data: fit.Weights}
		if err := atomicfile.Write(f.out, func(w io.Writer) error { return npy.Write(w, weights) }); err != nil {
			return err
		}
	}
	return printRows(cmd,
		[]column{
			{"optimizer", "optimizer"},
			{"model", "model"},
			{"rows", "rows"},
			{"columns", "columns"},
			{"epochs", "epochs"},
			{"steps", "steps"},
			{"evaluations", "evaluations"},
			{"loss", "loss"},
			{"gradient_norm", "gradient norm"},
		},
		[]row{{
			"optimizer": config.Name(), "model": loss.Name(), "rows": data.Rows, "columns": data.Columns, "epochs": f.epochs,
			"steps": fit.Steps, "evaluations": fit.Evaluations, "loss": fit.Last().Loss, "gradient_norm": fit.Last().GradientNorm,
		}})
}

func (f *fitFlags) config() (optimizers.Config, error) {
	assignments := f.options
	if f.lr != "" {
		assignments = append([]string{"lr=" + f.lr}, assignments...)
	}
	config, err := optimizers.Parse(f.optimizer, assignments)
	if err != nil {
		return nil, usagef("%v", err)
	}
	return config, nil
}

// formats parses the formats of the tensors that the optimizer rounds, and refuses those that it would not use.
func (f *fitFlags) formats(cmd *cobra.Command, config optimizers.Config) (formats optimizers.Formats, err error) {
	if !hasRole(config, optimizers.RoleMaster) && f.weight != "" {
		return formats, usagef("%s keeps its weights in float64; --weight is for %s", f.optimizer, strings.Join(optimizersWith(optimizers.RoleMaster), ", "))
	}
	if !hasRole(config, optimizers.RoleOffset) && cmd.Flags().Changed("offset") {
		return formats, usagef("%s has no offset; --offset is for %s", f.optimizer, strings.Join(optimizersWith(optimizers.RoleOffset), ", "))
	}
	if hasRole(config, optimizers.RoleMaster) {
		if f.weight == "" {
			return formats, usagef("%s keeps its weights on a grid: give its format, as --weight fixed:w8f6,sr,sat (or float32 for none)", f.optimizer)
		}
		if formats.Master, err = number.Parse(f.weight); err != nil {
			return formats, usagef("--weight: %v", err)
		}
	}
	if hasRole(config, optimizers.RoleOffset) {
		if formats.Offset, err = number.Parse(f.offset); err != nil {
			return formats, usagef("--offset: %v", err)
		}
	}
	return formats, nil
}

func hasRole(config optimizers.Config, role optimizers.Role) bool {
	for _, r := range config.Roles() {
		if r == role {
			return true
		}
	}
	return false
}

func optimizersWith(role optimizers.Role) (names []string) {
	for _, name := range optimizers.Names() {
		if config, err := optimizers.Parse(name, nil); err == nil && hasRole(config, role) {
			names = append(names, name)
		}
	}
	return names
}

// data reads or makes the data set.
func (f *fitFlags) data(args []string, loss linear.Loss) (*linear.Dataset, error) {
	if f.synthetic != "" {
		if len(args) > 0 {
			return nil, usagef("--synthetic makes data of its own; leave out the files or the flag")
		}
		return f.syntheticData(loss)
	}
	if len(args) != 2 {
		return nil, usagef("fit takes two files, the features X.npy and the labels y.npy, or --synthetic; got %d", len(args))
	}
	x, err := readFitFile(args[0])
	if err != nil {
		return nil, err
	}
	y, err := readFitFile(args[1])
	if err != nil {
		return nil, err
	}
	data, err := linear.FromArrays(x, y)
	return data, errors.Wrapf(err, "%s, %s", args[0], args[1])
}

func readFitFile(name string) (*npy.Array, error) {
	stat, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if stat.Size() > maxFitFile {
		return nil, errors.Errorf("%s has %d bytes; fit reads files of up to %d", name, stat.Size(), int64(maxFitFile))
	}
	return npy.ReadFile(name)
}

func (f *fitFlags) syntheticData(loss linear.Loss) (*linear.Dataset, error) {
	rows, columns, ok := strings.Cut(f.synthetic, "x")
	n, errRows := strconv.Atoi(rows)
	d, errColumns := strconv.Atoi(columns)
	if !ok || errRows != nil || errColumns != nil {
		return nil, usagef("--synthetic is %q, want ROWSxCOLUMNS, as 1000x20", f.synthetic)
	}
	s := linear.Synthetic{Rows: n, Columns: d, Condition: f.condition, Noise: f.noise, Seed: f.seed}
	generate := s.Classification
	if loss.Name() == (linear.Squares{}).Name() {
		generate = s.Regression
	}
	data, err := generate()
	if err != nil {
		return nil, usagef("--synthetic: %v", err)
	}
	return data, nil
}

// progress draws a bar of epochs if w is a terminal.
func (f *fitFlags) progress(w io.Writer) func(linear.Point) {
	if !isTerminal(w) {
		return nil
	}
	bar := progressbar.NewOptions(f.epochs, progressbar.OptionSetWriter(w), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }))
	return func(p linear.Point) {
		bar.Describe(fmt.Sprintf("loss %.4g, gradient norm %.2e", p.Loss, p.GradientNorm))
		_ = bar.Set(p.Epoch) // a bar that cannot be drawn stops nothing
	}
}
