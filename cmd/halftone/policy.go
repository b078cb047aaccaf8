package main

import (
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/spf13/cobra"
)

func newPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "List, show, check and compare policies: which number format each tensor gets",
		Args:  subcommandArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyListCommand(), newPolicyShowCommand(), newPolicyCheckCommand(), newPolicyDiffCommand())
	return cmd
}

func newPolicyListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the shipped policies",
		Example: "  halftone policy list",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			listed := []policy.Role{policy.Weight, policy.Activation, policy.Error, policy.Gradient, policy.Offset}
			columns := []column{{"name", "name"}}
			for _, role := range listed {
				columns = append(columns, column{string(role), string(role)})
			}
			var rows []row
			for _, name := range policy.Names() {
				p, err := policy.Load(name)
				if err != nil {
					return err
				}
				r := row{"name": name}
				for _, role := range listed {
					r[string(role)] = p.Default[role].String()
				}
				rows = append(rows, r)
			}
			return printRows(cmd, columns, rows)
		},
	}
}

func newPolicyShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Print a policy as a file to edit; with --json its default formats",
		Example: "  halftone policy show swalp8 > mine.yaml",
		Args:    exactArgs(1, "the name of a shipped policy or a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := policy.Load(args[0])
			if err != nil {
				return err
			}
			asJSON, err := cmd.Flags().GetBool("json")
			if err != nil {
				return err
			}
			if asJSON {
				var rows []row
				for _, role := range policy.Roles() {
					rows = append(rows, row{"role": role, "format": p.Default[role].String()})
				}
				return printJSON(cmd.OutOrStdout(), rows)
			}
			text, err := policy.Text(args[0])
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func newPolicyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE",
		Short:   "Check a policy's keys, formats, rules and targets; what its rules match is checked with a model",
		Example: "  halftone policy check mine.yaml",
		Args:    exactArgs(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := policy.Load(args[0])
			if err != nil {
				return err
			}
			return printRows(cmd,
				[]column{{"file", "file"}, {"rules", "rules"}, {"result", "result"}},
				[]row{{"file": args[0], "rules": len(p.Rules), "result": "well-formed"}})
		},
	}
}

func newPolicyDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "diff A B",
		Short:   "Print where two policies differ",
		Example: "  halftone policy diff float32 halp8\n  halftone policy diff swalp8 mine.yaml --json",
		Args:    exactArgs(2, "two policies, shipped names or files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := policy.Load(args[0])
			if err != nil {
				return err
			}
			b, err := policy.Load(args[1])
			if err != nil {
				return err
			}
			var rows []row
			for _, d := range policy.Diff(a, b) {
				rows = append(rows, row{"part": d.Part, "a": d.A, "b": d.B})
			}
			return printRows(cmd, []column{{"part", "part"}, {"a", a.Name}, {"b", b.Name}}, rows)
		},
	}
}
