package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/study/stepbench"
)

// runProfile shows where the time of steps goes.
func (f *benchNetworkFlags) runProfile(cmd *cobra.Command) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	kind := ""
	if f.plot != "" { // before the work, which takes a while
		if kind, err = pictureKind("--profile-plot", f.plot); err != nil {
			return err
		}
	}
	bounds := stepbench.MeasureBounds(f.options.Threads)
	profiles, err := stepbench.RunProfiles(cmd.Context(), f.options, bounds)
	if err != nil {
		return err
	}
	if f.plot != "" {
		if err := writePicture(f.plot, func(w io.Writer) error { return stepbench.Plot(w, profiles, kind) }); err != nil {
			return err
		}
	}
	if asJSON {
		var rows []row
		for _, p := range profiles {
			for _, r := range p.Rows {
				rows = append(rows, f.profileRow(p, r, bounds))
			}
		}
		return printJSON(cmd.OutOrStdout(), rows)
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "Bounds on %d threads, measured here: float32 %.0f GFLOP/s, int8 %.0f Gop/s, memory %.1f GB/s (second-level cache %.0f GB/s)\n",
		f.options.Threads, bounds.Float32/1e9, bounds.Int8/1e9, bounds.Memory/1e9, bounds.Cache/1e9)
	for _, p := range profiles {
		fmt.Fprintf(w, "\n%s: %.1f ms a step, %.0f %% of the bounds\n\n", p.Name, p.StepMS, 100*p.OfBound)
		if err := printTable(w, profileColumns, legibleProfile(p.Rows)); err != nil {
			return err
		}
		if quantization := p.Quantization(); len(quantization) > 0 {
			fmt.Fprintf(w, "\n%s: what rounding costs\n\n", p.Name)
			if err := printTable(w, quantizationColumns, legibleProfile(quantization)); err != nil {
				return err
			}
		}
	}
	return nil
}

var profileColumns = []column{
	{"op", "op"},
	{"calls", "calls"},
	{"thread_ms", "thread ms"},
	{"share", "of step"},
	{"gop_per_second", "Gop/s"},
	{"gb_per_second", "GB/s"},
	{"bound", "bound"},
	{"of_bound", "of bound"},
}

var quantizationColumns = []column{
	{"role", "role"},
	{"elements", "elements"},
	{"thread_ms", "thread ms"},
	{"ns_per_element", "ns/element"},
	{"share", "of step"},
}

func (f *benchNetworkFlags) profileRow(p stepbench.Profile, r stepbench.ProfileRow, b stepbench.Bounds) row {
	return row{
		"name": p.Name, "threads": f.options.Threads, "batch": f.options.Batch, "width": max(1, f.options.Width), "isa": isa.Name(), "step_ms": p.StepMS, "step_of_bound": p.OfBound,
		"op": r.Op, "use": r.Use, "role": r.Role, "calls": r.Calls, "elements": r.Elements, "thread_ms": r.ThreadMS, "share": r.Share,
		"arithmetic": r.Arithmetic, "ns_per_element": r.NSPerElement, "gop_per_second": r.GOperations, "gb_per_second": r.GBytes, "bound": r.Bound, "of_bound": r.OfBound,
		"peak_float32_gflop_per_second": b.Float32 / 1e9, "peak_int8_gop_per_second": b.Int8 / 1e9,
		"memory_gb_per_second": b.Memory / 1e9, "cache_gb_per_second": b.Cache / 1e9,
	}
}

// legibleProfile rounds the numbers for a reader's eye; what there is nothing of stays empty.
func legibleProfile(rows []stepbench.ProfileRow) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		digits := func(x float64, format string) string {
			if x == 0 {
				return ""
			}
			return fmt.Sprintf(format, x)
		}
		out[i] = row{
			"op": r.Label(), "role": r.Role,
			"calls": digits(r.Calls, "%.0f"), "elements": digits(r.Elements, "%.0f"), "thread_ms": fmt.Sprintf("%.2f", r.ThreadMS),
			"share": fmt.Sprintf("%.1f %%", 100*r.Share), "ns_per_element": digits(r.NSPerElement, "%.3f"),
			"gop_per_second": digits(r.GOperations, "%.1f"), "gb_per_second": digits(r.GBytes, "%.1f"),
			"bound": r.Bound, "of_bound": digits(100*r.OfBound, "%.0f %%"),
		}
	}
	return out
}
