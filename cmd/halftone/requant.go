package main

import (
	"math"
	"strconv"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/spf13/cobra"
)

func newRequantCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "requant",
		Short: "List, apply and compare requantization rules: how an accumulator becomes a code",
		Args:  subcommandArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRequantListCommand(), newRequantApplyCommand(), newRequantDiffCommand(), newRequantVectorsCommand())
	return cmd
}

// codeFlags are the zero point and the clamp that follow a rule.
type codeFlags struct {
	zero   int32
	lo, hi int64
}

func (c *codeFlags) add(cmd *cobra.Command) {
	cmd.Flags().Int32Var(&c.zero, "zero", 0, "zero point, added after the rule")
	cmd.Flags().Int64Var(&c.lo, "lo", -128, "smallest code")
	cmd.Flags().Int64Var(&c.hi, "hi", 127, "largest code")
}

func newRequantListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the rules with formula, ties, widths and source",
		Example: "  halftone requant list --json",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var rows []row
			for _, name := range requant.Names() {
				rule, err := requant.Get(name)
				if err != nil {
					return err
				}
				info := rule.Info()
				rows = append(rows, row{
					"name": name, "formula": info.Formula, "ties": info.Ties, "accumulator_bits": info.AccumulatorBits,
					"multiplier_bits": info.MultiplierBits, "min_shift": info.MinShift, "max_shift": info.MaxShift, "source": info.Source,
				})
			}
			return printRows(cmd, []column{
				{"name", "name"},
				{"formula", "formula"},
				{"ties", "ties"},
				{"accumulator_bits", "accumulator bits"},
				{"multiplier_bits", "multiplier bits"},
				{"source", "source"},
			}, rows)
		},
	}
}

func newRequantApplyCommand() *cobra.Command {
	var scale float64
	var code codeFlags
	cmd := &cobra.Command{
		Use:     "apply RULE ACCUMULATOR...",
		Short:   "Bring accumulators to codes; put -- before the first negative one",
		Example: "  halftone requant apply tflite.single --scale 0.0037 -- 1000 -1000 2147483647",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("apply takes a rule and accumulators; see 'halftone requant apply --help'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			rule, err := requant.Get(args[0])
			if err != nil {
				return usageError{err.Error()}
			}
			if err := needScale(cmd); err != nil {
				return err
			}
			m, err := rule.Multiplier(scale)
			if err != nil {
				return usagef("--scale: %v", err)
			}
			var rows []row
			for _, arg := range args[1:] {
				acc, err := strconv.ParseInt(arg, 0, rule.Info().AccumulatorBits)
				if err != nil {
					return usagef("%q is no accumulator of %d bits, which %s takes", arg, rule.Info().AccumulatorBits, rule.Name())
				}
				scaled := rule.Apply(acc, m)
				rows = append(rows, row{
					"accumulator": acc, "multiplier": m.M, "shift": m.Shift, "scaled": scaled,
					"code": requant.Clamp(scaled+int64(code.zero), code.lo, code.hi),
				})
			}
			return printRows(cmd, []column{
				{"accumulator", "accumulator"}, {"multiplier", "multiplier"}, {"shift", "shift"}, {"scaled", "scaled"}, {"code", "code"},
			}, rows)
		},
	}
	cmd.Flags().Float64Var(&scale, "scale", 0, "input scale * weight scale / output scale")
	code.add(cmd)
	return cmd
}

// needScale refuses a call without --scale.
func needScale(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("scale") {
		return usagef("requant %s needs --scale, the input scale * weight scale / output scale of a layer", cmd.Name())
	}
	return nil
}

// twoRules reads the names of the rules to compare.
func twoRules(args []string) (a, b requant.Rule, err error) {
	if a, err = requant.Get(args[0]); err == nil {
		b, err = requant.Get(args[1])
	}
	if err != nil {
		return nil, nil, usageError{err.Error()}
	}
	return a, b, nil
}

func newRequantDiffCommand() *cobra.Command {
	var scales []float64
	var code codeFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say how often two rules give different codes",
		Long: "Say how often two rules give different codes, on all accumulators of 32 bits whose codes are not clamped or, if these\n" +
			"are more than about four million, on evenly spaced ones.",
		Example: "  halftone requant diff tflite.double tflite.single\n  halftone requant diff tflite.single shift.rne --scale 0x1p-9",
		Args:    exactArgs(2, "two rules"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, b, err := twoRules(args)
			if err != nil {
				return err
			}
			if len(scales) == 0 {
				scales = requant.TypicalScales(a, b)
			}
			var rows []row
			for _, scale := range scales {
				comparison, err := requant.Compare(a, b, scale, code.zero, code.lo, code.hi)
				if err != nil {
					return usagef("--scale: %v", err)
				}
				rate := comparison.Rate()
				rows = append(rows, row{
					"scale": scale, "compared": rate.Compared, "different": rate.Different,
					"per_million": math.Round(float64(rate.Different)*1e9/float64(rate.Compared)) / 1e3,
					"max_error":   rate.MaxError, "exhaustive": rate.Exhaustive,
				})
			}
			return printRows(cmd, []column{
				{"scale", "scale"},
				{"compared", "compared"},
				{"different", "different"},
				{"per_million", "per million"},
				{"max_error", "largest distance"},
				{"exhaustive", "exhaustive"},
			}, rows)
		},
	}
	cmd.Flags().Float64SliceVar(&scales, "scale", nil, "scales, separated by commas; by default some that layers have")
	code.add(cmd)
	return cmd
}

func newRequantVectorsCommand() *cobra.Command {
	var scale float64
	var count int
	var code codeFlags
	cmd := &cobra.Command{
		Use:     "vectors A B",
		Short:   "Print accumulators on which two rules give different codes",
		Example: "  halftone requant vectors tflite.double tflite.single --scale 0.0037 --count 100 --json",
		Args:    exactArgs(2, "two rules"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, b, err := twoRules(args)
			if err != nil {
				return err
			}
			if err := needScale(cmd); err != nil {
				return err
			}
			if count < 1 {
				return usagef("--count is %d, want at least 1", count)
			}
			comparison, err := requant.Compare(a, b, scale, code.zero, code.lo, code.hi)
			if err != nil {
				return usagef("--scale: %v", err)
			}
			var rows []row
			for _, d := range comparison.Vectors(count) {
				rows = append(rows, row{"accumulator": d.Accumulator, "a": d.A, "b": d.B})
			}
			return printRows(cmd, []column{{"accumulator", "accumulator"}, {"a", a.Name()}, {"b", b.Name()}}, rows)
		},
	}
	cmd.Flags().Float64Var(&scale, "scale", 0, "input scale * weight scale / output scale")
	cmd.Flags().IntVar(&count, "count", 20, "how many at most")
	code.add(cmd)
	return cmd
}
