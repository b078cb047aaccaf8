package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// addCommonFlags declares the flags that every verb shares.
func addCommonFlags(root *cobra.Command) {
	root.PersistentFlags().Bool("json", false, "print an array of flat objects instead of a table")
	root.PersistentFlags().String("isa", "", "instruction set: avx512, avx2 or go, with the same results (default the best there is)")
	root.PersistentFlags().Bool("paranoid", false, "run every graph beside its unplanned reference and compare every tensor bit by bit")
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		if err := checkParanoid(cmd); err != nil {
			return err
		}
		return useISA(cmd, args)
	}
}

// useISA chooses the instruction set that --isa names.
func useISA(cmd *cobra.Command, _ []string) error {
	set, err := cmd.Flags().GetString("isa")
	if err != nil || set == "" {
		return err
	}
	if err := isa.Use(set); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// column is one key of a row, in the order of the table.
type column struct{ key, title string }

// row maps the keys of columns to values.
type row map[string]any

// printRows prints rows as a table, or with --json as an array of flat objects with the columns' keys.
func printRows(cmd *cobra.Command, columns []column, rows []row) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), rows)
	}
	return printTable(cmd.OutOrStdout(), columns, rows)
}

func printJSON(w io.Writer, rows []row) error {
	if rows == nil {
		rows = []row{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(rows)
}

func printTable(w io.Writer, columns []column, rows []row) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range columns {
		if i > 0 {
			fmt.Fprint(table, "\t")
		}
		fmt.Fprint(table, c.title)
	}
	fmt.Fprintln(table)
	for _, r := range rows {
		for i, c := range columns {
			if i > 0 {
				fmt.Fprint(table, "\t")
			}
			fmt.Fprint(table, r[c.key])
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
