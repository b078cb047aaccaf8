package main

import (
	"io/fs"
	"path/filepath"

	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/nets/datasets/fetch"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

func newDataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "data get|list|verify",
		Short:   "Fetch, list and check the data sets",
		Long:    "Fetch, list and check the data sets. They stand in $" + datasets.DirVariable + ", else in the folder halftone of the user's cache folder.",
		Example: "  halftone data list\n  halftone data get cifar10\n  halftone data verify --json",
		Args:    subcommandArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataGetCommand(), newDataListCommand(), newDataVerifyCommand())
	return cmd
}

// namedSets finds the data sets that a user names; all of them if none is named.
func namedSets(args []string) ([]*datasets.Layout, error) {
	if len(args) == 0 {
		return datasets.Layouts(), nil
	}
	var layouts []*datasets.Layout
	for _, name := range args {
		layout, err := datasets.Find(name)
		if err != nil {
			return nil, usagef("%v", err)
		}
		layouts = append(layouts, layout)
	}
	return layouts, nil
}

func newDataGetCommand() *cobra.Command {
	var mirror string
	cmd := &cobra.Command{
		Use:     "get NAME...",
		Short:   "Fetch data sets from their publishers",
		Long:    "Fetch data sets from their publishers. A download that was interrupted goes on where it stopped; its checksum is compared with the published one. What is there already is left as it is.",
		Example: "  halftone data get cifar10 mnist\n  halftone data get mnist --mirror http://files.example.org/mnist",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("data get takes the names of data sets; 'halftone data list' shows them")
			}
			layouts, err := namedSets(args)
			if err != nil {
				return err
			}
			return getData(cmd, layouts, mirror)
		},
	}
	cmd.Flags().StringVar(&mirror, "mirror", "", "address of a folder that holds the publishers' files")
	return cmd
}

func getData(cmd *cobra.Command, layouts []*datasets.Layout, mirror string) error {
	dir, err := datasets.Dir()
	if err != nil {
		return err
	}
	downloader := fetch.New()
	downloader.Progress = downloadProgress(cmd.ErrOrStderr())
	var rows []row
	for _, layout := range layouts {
		info, fetched, err := downloader.Get(cmd.Context(), layout.Name, dir, mirror)
		if err != nil {
			return err
		}
		status := layout.State(dir)
		if fetched {
			status = "fetched"
		}
		rows = append(rows, row{"name": layout.Name, "status": status, "title": info.Title, "checksum": info.Checksum, "message": info.Warning})
	}
	return printRows(cmd, []column{{"name", "name"}, {"status", "status"}, {"title", "what it is"}, {"checksum", "checksum"}, {"message", "message"}}, rows)
}

func newDataListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list [NAME...]",
		Short:   "Show which data sets are there, without reading them",
		Example: "  halftone data list --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			layouts, err := namedSets(args)
			if err != nil {
				return err
			}
			dir, err := datasets.Dir()
			if err != nil {
				return err
			}
			var rows []row
			for _, layout := range layouts {
				folder := ""
				if layout.Folder != "" {
					folder = filepath.Join(dir, layout.Folder)
				}
				_, bytes := layout.Present(dir)
				rows = append(rows, row{"name": layout.Name, "status": layout.State(dir), "bytes": bytes, "folder": folder, "address": fetch.Address(layout.Name)})
			}
			return printRows(cmd, []column{{"name", "name"}, {"status", "status"}, {"bytes", "bytes"}, {"folder", "folder"}, {"address", "address"}}, rows)
		},
	}
}

func newDataVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "verify [NAME...]",
		Short:   "Read data sets in full and tell from their checksums what they are",
		Long:    "Read data sets in full and tell from their checksums what they are. It fails if one is broken, or if one that was named is absent.",
		Example: "  halftone data verify cifar10",
		RunE: func(cmd *cobra.Command, args []string) error {
			layouts, err := namedSets(args)
			if err != nil {
				return err
			}
			return verifyData(cmd, layouts, len(args) > 0)
		},
	}
}

// verifyData reports on all the sets and then fails with the first error; an absent set is one if it was named.
func verifyData(cmd *cobra.Command, layouts []*datasets.Layout, named bool) error {
	dir, err := datasets.Dir()
	if err != nil {
		return err
	}
	var rows []row
	var failed error
	for _, layout := range layouts {
		r, err := verifyRow(layout, dir)
		if err != nil && failed == nil && (named || r["status"] != "absent") {
			failed = err
		}
		rows = append(rows, r)
	}
	columns := []column{{"name", "name"}, {"status", "status"}, {"title", "what it is"}, {"train", "train"}, {"test", "test"}, {"checksum", "checksum"}, {"message", "message"}}
	if err := printRows(cmd, columns, rows); err != nil {
		return err
	}
	return failed
}

func verifyRow(layout *datasets.Layout, dir string) (row, error) {
	set, err := layout.Load(dir)
	if err != nil {
		status := "broken"
		if errors.Is(err, fs.ErrNotExist) {
			status = layout.State(dir)
		}
		return row{"name": layout.Name, "status": status, "title": "", "train": 0, "test": 0, "checksum": "", "message": err.Error()}, err
	}
	info, status := set.Info(), "unknown"
	if info.Known {
		status = "known"
	}
	return row{
		"name": layout.Name, "status": status, "title": info.Title, "checksum": info.Checksum, "message": info.Warning,
		"train": set.Count(datasets.Train), "test": set.Count(datasets.Test),
	}, nil
}
