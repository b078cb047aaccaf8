package main

import (
	"errors"
	"io"
	"strings"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/halftone-go/halftone/qops/number/numberline"
	"github.com/spf13/cobra"
)

func newFormatCommand() *cobra.Command {
	var list bool
	var plot string
	cmd := &cobra.Command{
		Use:   "format [STRING]",
		Short: "Describe a number format: range, step, rounding, overflow, blocks, storage",
		Example: "  halftone format fixed:w8f4,rne,sat\n" +
			"  halftone format bfp:w8e8,block=sample,sr,sat --json\n" +
			"  halftone format --list\n" +
			"  halftone format float:e4m3fn,rne,sat --plot e4m3.svg",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case list && (len(args) > 0 || plot != ""):
				return usagef("format takes a format or --list, not both")
			case list:
				return listFormats(cmd)
			case len(args) != 1:
				return usagef("format takes one format, got %d; see 'halftone format --list'", len(args))
			}
			f, err := parseFormat(args[0])
			if err != nil {
				return err
			}
			if plot != "" {
				if err := plotFormat(f, plot); err != nil {
					return err
				}
			}
			return describeFormat(cmd, f)
		},
	}
	cmd.Flags().StringVar(&plot, "plot", "", "draw the values into this file, .png or .svg; for formats of up to 16 bits")
	cmd.Flags().BoolVar(&list, "list", false, "list what format strings are made of")
	return cmd
}

// plotFormat draws the values of a format into a file.
func plotFormat(f number.Format, name string) error {
	kind, err := pictureKind("--plot", name)
	if err != nil {
		return err
	}
	return writePicture(name, func(w io.Writer) error { return numberline.Draw(w, f, kind) })
}

// parseFormat reads a format from the command line. Its error shows with a caret where the string is wrong.
func parseFormat(s string) (number.Format, error) {
	f, err := number.Parse(s)
	var wrong *number.ParseError
	if errors.As(err, &wrong) {
		caret := strings.Repeat(" ", len([]rune(wrong.Input[:wrong.Offset]))) + "^"
		return f, usagef("%s\n  %s\n  %s\nnearest format: %s", wrong.Message, printable(wrong.Input), caret, wrong.Nearest)
	}
	return f, err
}

// printable keeps control characters from the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

func listFormats(cmd *cobra.Command) error {
	var rows []row
	for _, e := range number.List() {
		rows = append(rows, row{"part": e.Part, "name": e.Name, "meaning": e.Meaning, "example": e.Example})
	}
	return printRows(cmd, []column{{"part", "part"}, {"name", "name"}, {"example", "example"}, {"meaning", "meaning"}}, rows)
}

// property is a line of a format's description. One that the format does not have is left out of the table.
type property struct {
	key, title string
	value      any
	has        bool
}

func properties(d number.Description) []property {
	text := func(key, title, value string) property { return property{key, title, value, value != ""} }
	hasCodes := d.Codes > 0
	return []property{
		text("format", "format", d.Format),
		text("kind", "kind", d.Kind),
		text("meaning", "meaning", d.Meaning),
		text("lowest", "lowest value", d.Lowest),
		text("highest", "highest value", d.Highest),
		text("step", "step", d.Step),
		text("step_at_one", "step at 1", d.StepAtOne),
		text("smallest", "smallest positive value", d.Smallest),
		text("smallest_normal", "smallest normal value", d.SmallestNormal),
		{"lowest_code", "lowest code", d.LowestCode, hasCodes},
		{"highest_code", "highest code", d.HighestCode, hasCodes},
		{"codes", "codes", d.Codes, hasCodes},
		text("scale", "scale", d.Scale),
		text("zero", "zero point", d.Zero),
		text("block", "block", d.Block),
		text("rounding", "rounding", d.Rounding),
		text("overflow", "overflow", d.Overflow),
		text("nan", "NaN", d.NaN),
		text("infinity", "infinity", d.Infinity),
		text("gradient", "gradient", d.Gradient),
		{"bits_per_element", "bits per element", d.BitsPerElement, d.BitsPerElement > 0},
		{"bits_per_block", "bits per block", d.BitsPerBlock, d.BitsPerBlock > 0},
		text("storage", "storage", d.Storage),
	}
}

// describeFormat prints a format as a line per property, or with --json as one object.
func describeFormat(cmd *cobra.Command, f number.Format) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	object, rows := row{}, []row{}
	for _, p := range properties(f.Describe()) {
		object[p.key] = p.value
		if p.has {
			rows = append(rows, row{"property": p.title, "value": p.value})
		}
	}
	if asJSON {
		rows = []row{object}
	}
	return printRows(cmd, []column{{"property", "property"}, {"value", "value"}}, rows)
}
