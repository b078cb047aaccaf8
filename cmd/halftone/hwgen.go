package main

import (
	"slices"
	"strings"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/spf13/cobra"
)

func newHwgenCommand() *cobra.Command {
	var targetName, language, out string
	cmd := &cobra.Command{
		Use:   "hwgen",
		Short: "Write the datapath of a target as Verilog or Chisel",
		Long: "Write the datapath of a target as Verilog or Chisel: array, accumulators, requantization with run-time registers,\n" +
			"valid/ready at both ends. Widths, array and rule come from the target file. The folder of a Chisel datapath has a\n" +
			"script 'run' that elaborates it to Verilog.",
		Example: "  halftone hwgen --target mac8 --lang verilog --out rtl\n  halftone hwgen --target my-target.yaml --lang chisel --out rtl",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("--out is missing: name the folder to write")
			}
			if !slices.Contains(hwgen.Languages(), language) {
				return usagef("--lang is %q, want %s", language, strings.Join(hwgen.Languages(), " or "))
			}
			t, err := target.Load(targetName)
			if err != nil {
				return err
			}
			sources, err := hwgen.Generate(t, language)
			if err != nil {
				return err
			}
			if err := sources.Write(out); err != nil {
				return err
			}
			return printRows(cmd, []column{{"target", "target"}, {"language", "language"}, {"folder", "folder"}, {"files", "files"}},
				[]row{{"target": t.Name, "language": language, "folder": out, "files": len(sources)}})
		},
	}
	cmd.Flags().StringVar(&targetName, "target", "mac8", "a shipped target or a target file")
	cmd.Flags().StringVar(&language, "lang", hwgen.Verilog, strings.Join(hwgen.Languages(), " or "))
	cmd.Flags().StringVar(&out, "out", "", "the folder to write; one that was generated is replaced")
	return cmd
}
