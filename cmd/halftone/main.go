// Command halftone trains networks in low precision and hands the same numbers to integer hardware.
//
// Every verb lives in a file of its own name and holds no logic beyond reading flags and printing results.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

// verbs is the table of contents of the command line, in the order in which help lists them.
var verbs = []func() *cobra.Command{
	newDataCommand,
	newPolicyCommand,
	newDemoCommand,
	newExplainCommand,
	newTrainCommand,
	newEvalCommand,
	newDeployCommand,
	newFormatCommand,
	newQuantizeCommand,
	newFitCommand,
	newEmulateCommand,
	newRequantCommand,
	newHwgenCommand,
	newVerifyCommand,
	newBenchCommand,
	newVersionCommand,
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "halftone",
		Short:         "Train networks in low precision and carry the same numbers to int8 hardware",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see 'halftone %s --help'", err, cmd.Name())
	})
	addCommonFlags(root)
	for _, verb := range verbs {
		root.AddCommand(verb())
	}
	return root
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	os.Exit(report(os.Stderr, err))
}
