package main

import (
	"fmt"

	"github.com/halftone-go/halftone/graph"
	"github.com/spf13/cobra"
)

// runsGraphs marks the verbs that --paranoid is for.
const runsGraphs = "runs graphs"

// withGraphs marks a verb that runs graphs and obeys --paranoid.
func withGraphs(cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{runsGraphs: ""}
	return cmd
}

// checkParanoid refuses --paranoid for verbs that compare nothing.
func checkParanoid(cmd *cobra.Command) error {
	if _, ok := cmd.Annotations[runsGraphs]; ok || !paranoid(cmd) {
		return nil
	}
	return usagef("--paranoid is for the verbs that run graphs: train, eval, deploy and demo; %s does not, or only to time it", cmd.CommandPath())
}

// paranoid reports whether --paranoid was given.
func paranoid(cmd *cobra.Command) bool {
	given, err := cmd.Flags().GetBool("paranoid")
	return err == nil && given
}

// reportParanoia says on stderr what was compared.
func reportParanoia(cmd *cobra.Command, p graph.Paranoia) {
	if !paranoid(cmd) {
		return
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "paranoid: %d passes equal the unplanned reference; of their %d tensors %d were compared themselves, the others in what is computed from them\n",
		p.Runs, p.Tensors, p.Seen)
}
