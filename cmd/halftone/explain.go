package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/nets"
)

// modelFlags are the flags that choose a shipped model.
type modelFlags struct {
	name  string
	batch int
	steps int
}

// Sizes that only say how a model looks; training has its own flags.
const (
	shownBatch      = 128
	shownSteps      = 50
	shownVocabulary = 65
	shownFeatures   = 784
	shownClasses    = 10
)

func (f *modelFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "model", "resnet14", fmt.Sprintf("model: one of %v", nets.Names()))
	cmd.Flags().IntVar(&f.batch, "batch", shownBatch, "samples in a batch")
	cmd.Flags().IntVar(&f.steps, "window", shownSteps, "characters in a window (lstm)")
}

// compile builds the model's program under a policy.
func (f *modelFlags) compile(policyName string) (*graph.Program, error) {
	if f.batch < 1 || f.steps < 1 {
		return nil, usagef("--batch and --window must be at least 1")
	}
	p, err := policy.Load(policyName)
	if err != nil {
		return nil, err
	}
	net, err := nets.Build(f.name, nets.Options{
		Dtype: tensor.Float32, Batch: f.batch, Seed: 1, Steps: f.steps, Vocabulary: shownVocabulary,
		Features: shownFeatures, Classes: shownClasses, Hidden: []int{256},
	})
	if err != nil {
		return nil, usagef("%v", err)
	}
	return graph.Compile(net.Loss, net.Parameters, p, graph.WithOutputs(net.Output))
}

func newExplainCommand() *cobra.Command {
	var model modelFlags
	var policyName, dot string
	var optimizer bool
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "List every tensor of a model with role, format, kernel and certificate",
		Long: "Lists every tensor that a training step of the model computes, forward and backward, with the format that the\n" +
			"policy gives it, the arithmetic that computes it and, for sums of products, why the result is exact or not.",
		Example: "  halftone explain --model resnet14 --policy swalp8\n  halftone explain --model lstm --window 2 --policy swalp8 --dot lstm.dot",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			program, err := model.compile(policyName)
			if err != nil {
				return err
			}
			if dot != "" {
				return writeText(dot, program.Dot())
			}
			tensors := program.Explain()
			if optimizer {
				tensors = append(tensors, program.ExplainOptimizer()...)
			}
			return printRows(cmd, []column{
				{"name", "name"}, {"role", "role"}, {"op", "op"}, {"shape", "shape"}, {"format", "format"}, {"kernel", "kernel"}, {"certificate", "certificate"},
			}, explainRows(tensors))
		},
	}
	model.add(cmd)
	cmd.Flags().StringVar(&policyName, "policy", "swalp8", "policy: a shipped name or a file")
	cmd.Flags().BoolVar(&optimizer, "optimizer", false, "add the tensors that an optimizer may keep for each parameter")
	cmd.Flags().StringVar(&dot, "dot", "", "write the graph with its quantize nodes to this file in the DOT language instead")
	return cmd
}

func explainRows(tensors []graph.Explanation) []row {
	rows := make([]row, len(tensors))
	for i, e := range tensors {
		rows[i] = row{
			"name": e.Name, "role": string(e.Role), "op": e.Op, "shape": fmt.Sprint(e.Shape), "format": e.Format,
			"kernel": e.Kernel, "certificate": e.Certificate,
		}
	}
	return rows
}

// writeText writes a text file whole or not at all.
func writeText(name, text string) error {
	return atomicfile.Write(name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
