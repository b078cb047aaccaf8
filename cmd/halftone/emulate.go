package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// emulateFlags are the flags of emulate as they were given.
type emulateFlags struct {
	out, target string
	layers      bool
	threads     int
}

func newEmulateCommand() *cobra.Command {
	var flags emulateFlags
	cmd := &cobra.Command{
		Use:   "emulate NET IN.npy",
		Short: "Run a deployed network on integers, as its target does",
		Long: "Run a deployed network on integers, as its target does. IN.npy holds float32 images (images, channels, height,\n" +
			"width) as the network was trained on. Prints the class of each image, the index of the largest code; with --layers\n" +
			"what each layer's accumulator needs and how often it overflowed; with --out writes the codes of the last layer.",
		Example: "  halftone emulate runs/a-int8 images.npy\n" +
			"  halftone emulate runs/a-int8 images.npy --target mac8 --layers\n" +
			"  halftone emulate runs/a-int8 images.npy --out codes.npy",
		Args: exactArgs(2, "the folder of a deployed network and a .npy file"),
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args[0], args[1]) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.out, "out", "", "write the codes of the last layer as a .npy file")
	f.StringVar(&flags.target, "target", "", "run with the accumulator and rule of another target, a shipped name or a file")
	f.BoolVar(&flags.layers, "layers", false, "print a row for each layer")
	f.IntVar(&flags.threads, "threads", 0, "images at a time; 0 is one for each processor")
	return cmd
}

func (f *emulateFlags) run(cmd *cobra.Command, net, file string) error {
	if f.threads < 0 {
		return usagef("--threads is %d, want 0 or more", f.threads)
	}
	program, err := emulate.Load(net)
	if err != nil {
		return err
	}
	if f.target != "" {
		if program.Target, err = target.Load(f.target); err != nil {
			return err
		}
	}
	interpreter, err := emulate.NewInterpreter(program)
	if err != nil {
		return errors.Wrap(err, net)
	}
	images, n, err := readImages(file, program.Input)
	if err != nil {
		return err
	}
	result, err := interpreter.Run(cmd.Context(), images, n, emulate.Options{Threads: f.threads, Progress: imageProgress(cmd.ErrOrStderr(), n)})
	if err != nil {
		return err
	}
	if f.out != "" {
		codes := &npy.Array{Shape: result.Output.Shape, Data: result.Output.Data}
		if err := atomicfile.Write(f.out, func(w io.Writer) error { return npy.Write(w, codes) }); err != nil {
			return err
		}
	}
	if f.layers {
		return printLayers(cmd, interpreter, result)
	}
	return printClasses(cmd, result.Output)
}

// readImages reads images of a shape and returns how many there are.
func readImages(file string, shape []int) (images []float32, n int, err error) {
	a, err := npy.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	if len(a.Shape) != len(shape)+1 || !slices.Equal(a.Shape[1:], shape) {
		return nil, 0, errors.Errorf("%s: its shape is %s, where the network takes images of %s", file, shapeText(a.Shape), shapeText(shape))
	}
	images, err = npy.Elements[float32](a)
	if err != nil {
		return nil, 0, errors.Errorf("%s: %v; convert the images with numpy's astype('float32')", file, err)
	}
	return images, a.Shape[0], nil
}

// shapeText writes a shape as 3x32x32.
func shapeText(shape []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

// imageProgress returns a function that draws a bar on w, or nil if w is no terminal.
func imageProgress(w io.Writer, n int) func(done int) {
	if !isTerminal(w) {
		return nil
	}
	bar := progressbar.NewOptions(n, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("images"),
		progressbar.OptionShowIts(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	return func(done int) { _ = bar.Set(done) } // a bar that cannot be drawn stops nothing
}

func printClasses(cmd *cobra.Command, output *emulate.Codes) error {
	rows := make([]row, output.Shape[0])
	for i, class := range output.Argmax() {
		rows[i] = row{"image": i, "class": class, "code": output.Image(i)[class]}
	}
	return printRows(cmd, []column{{"image", "image"}, {"class", "class"}, {"code", "code"}}, rows)
}

func printLayers(cmd *cobra.Command, in *emulate.Interpreter, result *emulate.Result) error {
	program := in.Program()
	uses := in.Multiplying()
	var rows []row
	for _, layer := range program.Layers {
		shape, err := in.Shape(layer.Name)
		if err != nil {
			return err
		}
		r := row{"layer": layer.Name, "kind": layer.Op.Kind(), "shape": shapeText(shape), "accumulator": "", "needed_bits": 0, "overflows": result.Overflows[layer.Name]}
		if slices.Contains(uses, layer.Name) {
			bounds, err := in.Bounds(layer.Name)
			if err != nil {
				return err
			}
			bits := 0
			for _, b := range bounds {
				bits = max(bits, b.Bits)
			}
			r["accumulator"], r["needed_bits"] = program.Target.Accumulator.String(), bits
		}
		rows = append(rows, r)
	}
	return printRows(cmd, []column{
		{"layer", "layer"},
		{"kind", "kind"},
		{"shape", "shape"},
		{"accumulator", "accumulator"},
		{"needed_bits", "needed bits"},
		{"overflows", "overflows"},
	}, rows)
}
