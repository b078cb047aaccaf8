package main

import (
	"bufio"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/halftone-go/halftone/qops/number/arrayfile"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

// quantizeStream is the name that the random bits of quantize belong to.
const quantizeStream = "quantize"

type quantizeFlags struct {
	format  string
	seed    uint64
	channel int
	reduce  int
	threads int
	codes   bool
	packed  bool
	unpack  bool
	raw     string
	shape   string
	memory  int64
}

func newQuantizeCommand() *cobra.Command {
	var flags quantizeFlags
	cmd := &cobra.Command{
		Use:   "quantize --format F IN OUT",
		Short: "Round an array to a number format, and count what clipped and underflowed",
		Long: "Round an array of float32 or float64 to a number format. IN and OUT are .npy files, or with --raw and --shape the\n" +
			"elements alone, row-major and little-endian. A dash stands for standard input and output; the counts then go to\n" +
			"standard error. Random bits come from the stream of the name \"" + quantizeStream + "\" under the seed, in domain 0 with\n" +
			"execution number 0.\n\n" +
			"Arrays are read in pieces and may be larger than the memory. Where a scale depends on extremes from all over the\n" +
			"array (block=tensor), the file is read twice; standard input is kept in a temporary file for that. Where it depends\n" +
			"on all elements (levels, scale=mse, ...), they must fit the memory: what that takes is said before it starts.\n\n" +
			"With --codes, OUT is an .npz archive: codes (the smallest integer type that holds them), step and zero of each\n" +
			"block, and inner: element e in row-major order lies in block (e/inner) % len(step). With --packed, it is one whose\n" +
			"array data holds codes and scales in no more bits than they have; --unpack turns it into values again.\n" +
			"docs/formats.md describes both.\n\n" +
			"SQNR is the ratio of signal to quantization noise, 10 log10(sum x^2 / sum (x-q)^2), over finite elements.",
		Example: "  halftone quantize --format bfp:w8e8,block=sample,sr,sat --seed 1 activations.npy rounded.npy\n" +
			"  halftone quantize --format int:w8,scale=max,block=channel,rne,sym --channel-axis 0 --codes weights.npy codes.npz\n" +
			"  halftone quantize --format mx:e2m1,scale=floor,rne,sat --packed weights.npy packed.npz\n" +
			"  halftone quantize --unpack packed.npz rounded.npy\n" +
			"  halftone quantize --format float:e4m3fn,rne,sat --raw float32 --shape 256,3,32,32 images.bin rounded.bin",
		Args: exactArgs(2, "an input and an output file"),
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args[0], args[1]) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.format, "format", "", "number format, see 'halftone format --list'")
	f.Uint64Var(&flags.seed, "seed", 0, "seed of stochastic rounding")
	f.IntVar(&flags.channel, "channel-axis", -1, "axis of block=channel")
	f.IntVar(&flags.reduce, "reduce-axis", -1, "axis of the sum that the array is used in, for axis=reduce")
	f.IntVar(&flags.threads, "threads", 0, "threads, 0 for one per processor; the result does not depend on it")
	f.BoolVar(&flags.codes, "codes", false, "write codes and scales, as .npz, instead of values")
	f.BoolVar(&flags.packed, "packed", false, "write codes and scales in as many bits as they have, as .npz")
	f.BoolVar(&flags.unpack, "unpack", false, "turn what --packed wrote into values")
	f.StringVar(&flags.raw, "raw", "", "the input has no header and holds elements of this type: float32 or float64")
	f.StringVar(&flags.shape, "shape", "", "shape of a --raw input, like 256,3,32,32")
	f.Int64Var(&flags.memory, "memory", 4096, "MiB of memory that may be used")
	return cmd
}

func (f *quantizeFlags) run(cmd *cobra.Command, in, out string) error {
	if f.unpack {
		return f.runUnpack(cmd, in, out)
	}
	job, err := f.job(cmd)
	if err != nil {
		return err
	}
	reader, name, err := openInput(cmd, in)
	if err != nil {
		return err
	}
	defer reader.Close()
	var result arrayfile.Result
	var failed error // of the work itself, which says nothing of the output
	work := func(w io.Writer) error {
		result, failed = job.Run(cmd.Context(), reader, w)
		return failed
	}
	if out == "-" {
		err = writeWhole(cmd.OutOrStdout(), work)
		cmd.SetOut(cmd.ErrOrStderr())
	} else {
		err = atomicfile.Write(out, work)
	}
	switch {
	case failed != nil:
		return errors.Wrap(failed, name)
	case err != nil:
		return err
	}
	return printStats(cmd, job.Format, result)
}

// job is what the flags ask for.
func (f *quantizeFlags) job(cmd *cobra.Command) (arrayfile.Job, error) {
	job := arrayfile.Job{
		Axis: max(f.channel, f.reduce), Threads: f.threads, Memory: f.memory << 20,
		Draw:     number.Draw{Stream: number.NewStream(f.seed, quantizeStream)},
		Progress: elementProgress(cmd.ErrOrStderr()),
		Notice:   func(text string) { cmd.PrintErrln(text) },
	}
	switch {
	case f.codes && f.packed:
		return job, usagef("take --codes or --packed, not both")
	case f.codes:
		job.Output = arrayfile.Codes
	case f.packed:
		job.Output = arrayfile.Packed
	}
	if f.memory < 1 || f.memory > math.MaxInt64>>20 {
		return job, usagef("--memory must be at least 1 MiB, got %d", f.memory)
	}
	var err error
	if job.Raw, err = f.rawInput(); err != nil {
		return job, err
	}
	if job.Format, err = f.parse(); err != nil {
		return job, err
	}
	job.Accept = func(shape []int) error { return f.checkAxes(job.Format, shape) }
	return job, nil
}

// rawInput reads --raw and --shape, nil without them.
func (f *quantizeFlags) rawInput() (*arrayfile.Raw, error) {
	switch {
	case f.raw == "" && f.shape == "":
		return nil, nil //nolint:nilnil // no raw input is no error
	case f.shape == "":
		return nil, usagef("--raw needs --shape: a file without a header does not say its shape")
	case f.raw != "float32" && f.raw != "float64":
		return nil, usagef("--shape is for inputs without a header: it needs --raw float32 or --raw float64, got %q", f.raw)
	}
	raw := &arrayfile.Raw{Element: f.raw}
	for part := range strings.SplitSeq(f.shape, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, usagef("--shape must be whole numbers with commas between them, like 256,3,32,32, got %q", f.shape)
		}
		raw.Shape = append(raw.Shape, n)
	}
	return raw, nil
}

// parse reads the format and refuses those that cannot work on a file.
func (f *quantizeFlags) parse() (number.Format, error) {
	if f.format == "" {
		return number.Format{}, usagef("quantize needs --format; see 'halftone format --list'")
	}
	format, err := parseFormat(f.format)
	switch {
	case err != nil:
		return format, err
	case format.IsSum():
		return format, usagef("%v is a rule for sums, not the format of an array", format)
	case format.IsFloat32() && (f.codes || f.packed):
		return format, usagef("float32 has no codes; leave --codes and --packed out")
	case format.ScaleRule() == number.ScaleRun:
		return format, usagef("%v takes its scale from a calibration or an optimizer; here use scale=max or scale=NUMBER", format)
	case format.Block() == number.PerChannel && f.channel < 0:
		return format, usagef("block=channel needs --channel-axis, the axis whose indices have a scale each")
	case format.Block() == number.Tiled && format.Tile().Axis == number.ReduceAxis && f.reduce < 0:
		return format, usagef("axis=reduce needs --reduce-axis, the axis that the sum is taken along")
	}
	return format, nil
}

// checkAxes refuses axes that the array does not have.
func (f *quantizeFlags) checkAxes(format number.Format, shape []int) error {
	axes := max(len(shape), 1)
	switch {
	case format.Block() == number.PerChannel && f.channel >= axes:
		return usagef("--channel-axis is %d, and the array of shape %v has axes 0 to %d", f.channel, shape, axes-1)
	case format.Block() == number.Tiled && format.Tile().Axis == number.ReduceAxis && f.reduce >= axes:
		return usagef("--reduce-axis is %d, and the array of shape %v has axes 0 to %d", f.reduce, shape, axes-1)
	}
	return nil
}

// openInput opens a file, or standard input for a dash, and returns what errors call it.
func openInput(cmd *cobra.Command, name string) (io.ReadCloser, string, error) {
	if name != "-" {
		file, err := os.Open(name)
		return file, name, err
	}
	const standardInput = "standard input"
	if file, ok := cmd.InOrStdin().(*os.File); ok {
		return file, standardInput, nil
	}
	return io.NopCloser(cmd.InOrStdin()), standardInput, nil
}

// writeWhole lets work write to a temporary file, and copies it to w when nothing failed.
func writeWhole(w io.Writer, work func(io.Writer) error) error {
	file, err := os.CreateTemp("", "halftone-*")
	if err != nil {
		return errors.Wrap(err, "a temporary file")
	}
	defer os.Remove(file.Name())
	defer file.Close()
	buffered := bufio.NewWriter(file)
	if err := work(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return errors.Wrap(err, "a temporary file")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return errors.Wrap(err, "a temporary file")
	}
	_, err = io.Copy(w, file)
	return errors.Wrap(err, "writing to standard output")
}

func printStats(cmd *cobra.Command, f number.Format, r arrayfile.Result) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	s := r.Stats
	cells := row{
		"format": f.String(), "elements": s.Count, "blocks": r.Blocks, "clipped": s.Clipped,
		"underflowed": s.Underflowed, "nan": s.NaN, "inf": s.Inf, "sqnr_db": decibels(s.SQNR(), asJSON),
	}
	return printRows(cmd, []column{
		{"format", "format"},
		{"elements", "elements"},
		{"blocks", "blocks"},
		{"clipped", "clipped"},
		{"underflowed", "underflowed"},
		{"nan", "NaN"},
		{"inf", "Inf"},
		{"sqnr_db", "SQNR"},
	}, []row{cells})
}

// decibels shows a ratio in dB. JSON has no number for an infinite one or for none: there it is null.
func decibels(ratio float64, asJSON bool) any {
	switch {
	case asJSON && ratio-ratio != 0:
		return nil
	case asJSON:
		return ratio
	case math.IsNaN(ratio):
		return "-"
	case math.IsInf(ratio, 1):
		return "exact"
	default:
		return strconv.FormatFloat(ratio, 'f', 2, 64) + " dB"
	}
}
