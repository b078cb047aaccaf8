package main

import (
	"runtime"

	"github.com/halftone-go/halftone/internal/version"
	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of Halftone and of Go",
		Example: "  halftone version --json",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printRows(cmd,
				[]column{{"version", "version"}, {"go", "go"}, {"platform", "platform"}},
				[]row{{"version": version.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}})
		},
	}
}
