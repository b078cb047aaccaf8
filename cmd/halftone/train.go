package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/train"
)

// trainFlags are the flags of train as they were given.
type trainFlags struct {
	config  train.Config
	policy  string
	options []string
	out     string
	from    string
	resume  bool
}

func newTrainCommand() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network under a policy: one run, which can be killed and resumed at any instant",
		Long: "Trains a network under a policy and writes a folder: run.json (all that the bits of the run depend on), metrics.csv\n" +
			"(a row per evaluation) and checkpoint.npz. Equal runs have equal checkpoints, at any number of threads, however often\n" +
			"they were interrupted. --resume takes a run up from its folder; flags that are given with it must agree with run.json,\n" +
			"but --steps may be raised. --from begins a new run with another one's weights and settings, to be changed by flags: a lower\n" +
			"learning rate where that one diverged. 'halftone fit --help' lists the options of every optimizer.",
		Example: "  halftone train --model resnet14 --data cifar10 --optimizer lp-sgd --opt momentum=0.9 --policy swalp8 --steps 2000 --out runs/a\n" +
			"  halftone train --model lstm --data tinyshakespeare --optimizer halp --opt mu=0.3 --policy halp8 --steps 5000 --out runs/b\n" +
			"  halftone train --resume --out runs/b --steps 10000\n" +
			"  halftone train --from runs/b --lr 0.1 --out runs/c",
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags, c := cmd.Flags(), &f.config
	flags.StringVar(&c.Model, "model", "", strings.Join(nets.Names(), ", "))
	flags.StringVar(&c.Data, "data", "", strings.Join(datasets.Names(), ", "))
	flags.StringVar(&c.Optimizer, "optimizer", "sgd", strings.Join(optimizers.Names(), ", "))
	flags.StringArrayVar(&f.options, "opt", nil, "option of the optimizer as key=value; may be repeated")
	flags.StringVar(&f.policy, "policy", "float32", "a shipped policy or a policy file")
	flags.IntVar(&c.Steps, "steps", 0, "updates of the weights; 0 for one epoch of them")
	flags.IntVar(&c.Batch, "batch", 0, "samples in a batch; 0 for 128 images or 50 windows of text")
	flags.Float64Var(&c.LearningRate, "lr", 0, "learning rate, the same as --opt lr=; 0 for 0.1 with images and 1 (and clip=5) with text")
	flags.StringVar(&c.Schedule, "schedule", "constant", "learning rate: constant, step:FACTOR@STEP,STEP,..., linear, cosine")
	flags.StringVar(&c.ErrorScale, "error-scale", "1", "factor of the errors on their way back: a number, or dynamic")
	flags.Uint64Var(&c.Seed, "seed", 1, "key of all random choices")
	flags.IntVar(&c.Threads, "threads", 0, "threads, all processors if 0; no bit of the result depends on it")
	flags.IntVar(&c.LimitTrain, "limit-train", 0, "use only the first training samples; 0 for all")
	flags.IntVar(&c.LimitTest, "limit-test", 0, "use only the first test samples; 0 for all")
	flags.IntVar(&c.EvaluateEvery, "evaluate-every", 0, "updates from one evaluation to the next; 0 for an epoch of them")
	flags.BoolVar(&c.IgnoreMemory, "ignore-memory", false, "begin a run that takes more memory than there seems to be")
	flags.StringVar(&f.out, "out", "", "folder of the run (required)")
	flags.StringVar(&f.from, "from", "", "begin a new run with the weights of the run in this folder, and with its settings where no flag is given")
	flags.BoolVar(&f.resume, "resume", false, "take up the run in the folder")
	return withGraphs(cmd)
}

func (f *trainFlags) run(cmd *cobra.Command) error {
	if f.out == "" {
		return usagef("--out is missing: the folder of the run")
	}
	c, err := f.configuration(cmd)
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return usagef("%v", err)
	}
	stderr := cmd.ErrOrStderr()
	c.Warn = func(message string) { fmt.Fprintln(stderr, "warning:", message) }
	c.Inform = func(message string) { fmt.Fprintln(stderr, message) }
	c.Observe = train.NewConsole(stderr, isTerminal(stderr))
	result, err := train.Run(cmd.Context(), c)
	if err != nil {
		return err
	}
	reportParanoia(cmd, result.Paranoia)
	columns, r := metricsRow(result.Rows[len(result.Rows)-1].Metrics)
	last := result.Rows[len(result.Rows)-1]
	r["step"], r["epoch"], r["train_loss"], r["seconds"] = last.Step, shown(last.Epoch), shown(last.TrainLoss), shown(last.Seconds)
	r["samples_per_second"], r["out"] = shown(result.PerSecond), f.out
	before := []column{{"step", "step"}, {"epoch", "epoch"}, {"train_loss", "train loss"}}
	after := []column{{"seconds", "seconds"}, {"samples_per_second", "samples/s"}, {"out", "folder"}}
	return printRows(cmd, slices.Concat(before, columns, after), []row{r})
}

// configuration is that of the flags, or that of the folder's run.json changed by the flags that were given.
func (f *trainFlags) configuration(cmd *cobra.Command) (train.Config, error) {
	c := f.config
	c.Options = f.options
	recorded := f.from
	if f.resume {
		recorded = f.out
	}
	if recorded != "" {
		record, err := train.ReadRecord(recorded)
		if err != nil {
			return c, err
		}
		if c, err = record.Config(); err != nil {
			return c, err
		}
		f.override(cmd, &c)
	}
	c.Out, c.Resume, c.Threads, c.Paranoid = f.out, f.resume, f.config.Threads, paranoid(cmd)
	c.IgnoreMemory, c.From = f.config.IgnoreMemory, f.from
	if recorded == "" || cmd.Flags().Changed("policy") {
		p, err := policy.Load(f.policy)
		if err != nil {
			return c, err
		}
		c.Policy = p
	}
	return c, nil
}

// override changes c by the flags that were given. Where that makes it another run, train.Run says so.
func (f *trainFlags) override(cmd *cobra.Command, c *train.Config) {
	for name, change := range map[string]func(){
		"model":          func() { c.Model = f.config.Model },
		"data":           func() { c.Data = f.config.Data },
		"optimizer":      func() { c.Optimizer = f.config.Optimizer },
		"steps":          func() { c.Steps = f.config.Steps },
		"batch":          func() { c.Batch = f.config.Batch },
		"schedule":       func() { c.Schedule = f.config.Schedule },
		"error-scale":    func() { c.ErrorScale = f.config.ErrorScale },
		"seed":           func() { c.Seed = f.config.Seed },
		"limit-train":    func() { c.LimitTrain = f.config.LimitTrain },
		"limit-test":     func() { c.LimitTest = f.config.LimitTest },
		"evaluate-every": func() { c.EvaluateEvery = f.config.EvaluateEvery },
	} {
		if cmd.Flags().Changed(name) {
			change()
		}
	}
	if f.from != "" && cmd.Flags().Changed("optimizer") {
		c.Options = nil // they are the other one's
	}
	given := f.options
	if cmd.Flags().Changed("lr") {
		given = append(given, fmt.Sprintf("lr=%v", f.config.LearningRate))
	}
	c.Options = slices.DeleteFunc(c.Options, func(recorded string) bool {
		key, _, _ := strings.Cut(recorded, "=")
		return slices.ContainsFunc(given, func(s string) bool { return strings.HasPrefix(s, key+"=") })
	})
	c.Options = append(c.Options, given...)
}

// metricsRow are the columns of metrics and their values.
func metricsRow(m train.Metrics) ([]column, row) {
	name, score := m.Score()
	return []column{{"val_loss", "val loss"}, {name, strings.ReplaceAll(name, "_", " ")}},
		row{"val_loss": shown(m.Loss), name: shown(score)}
}

// shown is x to four decimals, as text where it is no number, which JSON does not have.
func shown(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Sprint(x)
	}
	return math.Round(x*1e4) / 1e4
}
