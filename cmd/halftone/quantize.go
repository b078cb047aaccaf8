package main

import (
	"bytes"
	"io"
	"os"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

// maxQuantizeInput bounds the file that quantize reads into memory.
const maxQuantizeInput = 4 << 30

// quantizeStream is the name that the random bits of quantize belong to.
const quantizeStream = "quantize"

type quantizeFlags struct {
	format      string
	seed        uint64
	channelAxis int
	threads     int
	codes       bool
}

func newQuantizeCommand() *cobra.Command {
	var flags quantizeFlags
	cmd := &cobra.Command{
		Use:   "quantize --format F IN.npy OUT.npy",
		Short: "Round an array to a number format, and count what clipped and underflowed",
		Long: "Round an array of float32 or float64 to a number format. A dash stands for standard input and output; the\n" +
			"counts then go to standard error. Random bits come from the stream of the name \"" + quantizeStream + "\" under the seed,\n" +
			"in domain 0 with execution number 0.\n\n" +
			"With --codes, OUT is an .npz archive: codes (the smallest integer type that holds them), step and zero of each\n" +
			"block, and inner: element e in row-major order lies in block (e/inner) % len(step), and its value is\n" +
			"(codes[e] - zero) * step.",
		Example: "  halftone quantize --format bfp:w8e8,block=sample,sr,sat --seed 1 activations.npy rounded.npy\n" +
			"  halftone quantize --format int:w8,scale=max,block=channel,rne,sym --channel-axis 0 --codes weights.npy codes.npz",
		Args: exactArgs(2, "an input and an output file"),
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args[0], args[1]) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.format, "format", "", "number format, see 'halftone format --list'")
	f.Uint64Var(&flags.seed, "seed", 0, "seed of stochastic rounding")
	f.IntVar(&flags.channelAxis, "channel-axis", -1, "axis of block=channel")
	f.IntVar(&flags.threads, "threads", 0, "threads, 0 for one per processor; the result does not depend on it")
	f.BoolVar(&flags.codes, "codes", false, "write codes and scales, as .npz, instead of values")
	return cmd
}

func (f *quantizeFlags) run(cmd *cobra.Command, in, out string) error {
	format, err := f.parse()
	if err != nil {
		return err
	}
	array, err := readArray(cmd, in)
	if err != nil {
		return err
	}
	if err := f.checkAxis(format, array.Shape); err != nil {
		return err
	}
	var result bytes.Buffer
	var stats number.Stats
	var scales number.Scales
	options := number.Options{
		ChannelAxis: f.channelAxis, Scales: &scales, Threads: f.threads,
		Draw: number.Draw{Stream: number.NewStream(f.seed, quantizeStream)},
	}
	switch values := array.Data.(type) {
	case []float32:
		stats, err = quantizeTo(&result, format, values, array.Shape, options, f.codes)
	case []float64:
		stats, err = quantizeTo(&result, format, values, array.Shape, options, f.codes)
	default:
		err = errors.Errorf("the elements are %T; quantize takes float32 and float64", array.Data)
	}
	if err != nil {
		return errors.Wrap(err, in)
	}
	if out == "-" {
		if _, err := cmd.OutOrStdout().Write(result.Bytes()); err != nil {
			return errors.Wrap(err, "writing to standard output")
		}
		cmd.SetOut(cmd.ErrOrStderr())
	} else if err := atomicfile.Write(out, func(w io.Writer) error {
		_, err := w.Write(result.Bytes())
		return err
	}); err != nil {
		return err
	}
	return printStats(cmd, format, stats, len(scales.Step))
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
	case format.IsFloat32() && f.codes:
		return format, usagef("float32 has no codes; leave --codes out")
	case format.ScaleRule() == number.ScaleRun:
		return format, usagef("%v takes its scale from a calibration or an optimizer; here use scale=max or scale=NUMBER", format)
	case format.Block() == number.PerChannel && f.channelAxis < 0:
		return format, usagef("block=channel needs --channel-axis, the axis whose indices have a scale each")
	}
	return format, nil
}

// checkAxis refuses a channel axis that the array does not have.
func (f *quantizeFlags) checkAxis(format number.Format, shape []int) error {
	if format.Block() == number.PerChannel && f.channelAxis >= max(len(shape), 1) {
		return usagef("--channel-axis is %d, and the array of shape %v has axes 0 to %d", f.channelAxis, shape, len(shape)-1)
	}
	return nil
}

// readArray reads an .npy file, or standard input for a dash.
func readArray(cmd *cobra.Command, name string) (*npy.Array, error) {
	reader := cmd.InOrStdin()
	if name == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		reader = file
	}
	data, err := io.ReadAll(io.LimitReader(reader, maxQuantizeInput+1))
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	if int64(len(data)) > maxQuantizeInput {
		return nil, errors.Errorf("%s: more than %d bytes; split it", name, int64(maxQuantizeInput))
	}
	array, err := npy.Parse(data)
	return array, errors.Wrap(err, name)
}

// quantizeTo writes the values, or codes and scales, of an array.
func quantizeTo[T number.Float](w io.Writer, f number.Format, src []T, shape []int, o number.Options, asCodes bool) (number.Stats, error) {
	if !asCodes {
		stats, err := number.Quantize(f, src, src, shape, o)
		if err != nil {
			return stats, err
		}
		return stats, npy.Write(w, &npy.Array{Shape: shape, Data: src})
	}
	codes := make([]int32, len(src))
	stats, err := number.Encode(f, codes, src, shape, o)
	if err != nil {
		return stats, err
	}
	zero := o.Scales.Zero
	if zero == nil {
		zero = make([]int32, len(o.Scales.Step))
	}
	blocks := []int{len(o.Scales.Step)}
	return stats, npy.WriteArchive(w, map[string]*npy.Array{
		"codes": {Shape: shape, Data: narrow(codes, f)},
		"step":  {Shape: blocks, Data: o.Scales.Step},
		"zero":  {Shape: blocks, Data: zero},
		"inner": {Shape: nil, Data: []int64{int64(o.Scales.Blocks.Inner)}},
	})
}

// narrow returns codes in the smallest integer type that holds those of the format.
func narrow(codes []int32, f number.Format) any {
	switch w := f.Width(); {
	case f.Unsigned() && w <= 8:
		return convert[uint8](codes)
	case f.Unsigned() && w <= 16:
		return convert[uint16](codes)
	case f.Unsigned():
		return convert[uint32](codes)
	case w <= 8:
		return convert[int8](codes)
	case w <= 16:
		return convert[int16](codes)
	default:
		return codes
	}
}

func convert[I int8 | int16 | uint8 | uint16 | uint32](codes []int32) []I {
	out := make([]I, len(codes))
	for i, code := range codes {
		out[i] = I(code)
	}
	return out
}

func printStats(cmd *cobra.Command, f number.Format, s number.Stats, blocks int) error {
	return printRows(cmd,
		[]column{
			{"format", "format"},
			{"elements", "elements"},
			{"blocks", "blocks"},
			{"clipped", "clipped"},
			{"underflowed", "underflowed"},
			{"nan", "NaN"},
			{"inf", "Inf"},
		},
		[]row{{
			"format": f.String(), "elements": s.Count, "blocks": max(blocks, 1), "clipped": s.Clipped,
			"underflowed": s.Underflowed, "nan": s.NaN, "inf": s.Inf,
		}})
}
