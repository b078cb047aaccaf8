package main

import (
	"fmt"
	"io"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/spf13/cobra"
)

func newPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "List, show, write, check and compare policies: which number format each tensor gets",
		Args:  subcommandArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyListCommand(), newPolicyShowCommand(), newPolicyNewCommand(), newPolicyCheckCommand(), newPolicyDiffCommand())
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

func newPolicyNewCommand() *cobra.Command {
	var model modelFlags
	var like, out string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Write a policy that names every tensor of a model, to edit",
		Long: "Writes a policy with a rule for every tensor of the model, forward and backward, and for what an optimizer keeps of\n" +
			"each parameter, with the formats that another policy gives them. It says the same as that policy for this model,\n" +
			"and for no other: the names of an lstm's tensors depend on --window.",
		Example: "  halftone policy new --model resnet14 --like swalp8 --out mine.yaml\n  halftone explain --model resnet14 --policy mine.yaml",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			program, err := model.compile(like)
			if err != nil {
				return err
			}
			spelled := program.Binding().Spell(program.Points())
			asJSON, err := cmd.Flags().GetBool("json")
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), policyRows(spelled))
			}
			text := fmt.Sprintf("# The formats of policy %s, tensor by tensor, for the model %s.\n%s", like, model.name, spelled.YAML())
			if out == "" {
				_, err := io.WriteString(cmd.OutOrStdout(), text)
				return err
			}
			return writeText(out, text)
		},
	}
	model.add(cmd)
	cmd.Flags().StringVar(&like, "like", "swalp8", "policy whose formats to write: a shipped name or a file")
	cmd.Flags().StringVar(&out, "out", "", "file to write instead of printing")
	return cmd
}

// policyRows lists the formats of a policy's rules, one row for each tensor and role.
func policyRows(p *policy.Policy) []row {
	var rows []row
	for _, rule := range p.Rules {
		if rule.Format != nil {
			rows = append(rows, row{"tensor": rule.Tensor, "role": "edge", "format": rule.Format.String()})
		}
		for _, role := range policy.Roles() {
			if f, ok := rule.Formats[role]; ok {
				rows = append(rows, row{"tensor": rule.Tensor, "role": string(role), "format": f.String()})
			}
		}
	}
	return rows
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
