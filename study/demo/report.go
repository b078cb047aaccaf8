package demo

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/halftone-go/halftone/internal/version"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers/linear"
	"github.com/halftone-go/halftone/study/report"
	"github.com/halftone-go/halftone/train"
)

// writeReport writes the page of the demo into its folder.
func (o *Outcome) writeReport() error {
	o.ReportFile = filepath.Join(o.Config.Out, "report.html")
	return o.report().WriteFile(o.ReportFile)
}

// Screen prints the results on one screen of the given width and where the report is.
func (o *Outcome) Screen(w io.Writer, width int, colour bool) error {
	r := &report.Report{Title: "Halftone: the whole way once"}
	for _, f := range o.sections() {
		r.Sections = append(r.Sections, report.Section{Heading: f.heading, Blocks: []report.Block{f.figures}})
	}
	if err := r.Screen(w, width, colour); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nReport: %s\n", o.ReportFile)
	return err
}

// section is the figures under one heading.
type section struct {
	heading string
	figures report.Figures
}

func (o *Outcome) sections() []section {
	var out []section
	for _, f := range o.Figures() {
		if len(out) == 0 || out[len(out)-1].heading != f.Section {
			out = append(out, section{heading: f.Section})
		}
		s := &out[len(out)-1]
		s.figures = append(s.figures, report.Figure{Label: f.Name, Value: f.Value, Unit: f.Unit, Note: f.Note, Status: f.Status})
	}
	return out
}

func (o *Outcome) report() *report.Report {
	size := "the whole demo"
	if o.Config.Quick {
		size = "the quick demo, on few images: its accuracies mean nothing"
	}
	r := &report.Report{
		Title:    "Halftone: the whole way once",
		Subtitle: fmt.Sprintf("%s on %s, %s", model, o.Data.Title, size),
		Lead: "A network was trained with every operation in 8 bits, deployed to int8, run on the emulator and on the generated " +
			"hardware. Every figure on this page was measured in this run.",
		Source: "Written by halftone " + version.Version + " demo.",
	}
	blocks := map[string][]report.Block{
		"Training":       o.trainingBlocks(),
		"Convex problem": o.convexBlocks(),
		"Deployment":     o.deploymentBlocks(),
		"Hardware":       o.hardwareBlocks(),
	}
	for _, s := range o.sections() {
		r.Sections = append(r.Sections, report.Section{Heading: s.heading, Blocks: append([]report.Block{s.figures}, blocks[s.heading]...)})
	}
	r.Sections = append(r.Sections, report.Section{Heading: "To repeat", Blocks: []report.Block{report.Code{Text: o.commands()}}})
	return r
}

func (o *Outcome) trainingBlocks() []report.Block {
	smooth := smoothed(o.Curve)
	return []report.Block{
		report.Lines{
			Title: "Loss of each step's batch, smoothed over 20 steps", X: report.Axis{Title: "step"}, Y: report.Axis{Title: "loss", Unit: "nats"},
			Series: []report.Series{report.Curve("training loss", smooth, func(p CurvePoint) (float64, float64) { return float64(p.Step), p.Loss })},
		},
		report.Lines{
			Title: "Accuracy on the test images", X: report.Axis{Title: "step"}, Y: report.Axis{Title: "accuracy", Unit: "%"},
			Series: []report.Series{report.Curve("test accuracy", o.Training.Rows, func(r train.Row) (float64, float64) { return float64(r.Step), 100 * r.Accuracy })},
		},
		report.Paragraph(fmt.Sprintf("Policy %s: every operation's output, forward and backward, passes through a quantize node. Optimizer %s with %s, learning rate schedule %s.",
			policyName, optimizer, strings.Join(optimizerOptions, ", "), schedule)),
		o.pictures(),
	}
}

// smoothed averages the loss over the last 20 steps.
func smoothed(curve []CurvePoint) []CurvePoint {
	const window = 20
	out := make([]CurvePoint, len(curve))
	sum := 0.0
	for i, p := range curve {
		sum += p.Loss
		if i >= window {
			sum -= curve[i-window].Loss
		}
		out[i] = CurvePoint{p.Step, sum / math.Min(float64(i+1), window)}
	}
	return out
}

// pictures are test images with what the int8 network says of them.
func (o *Outcome) pictures() report.Block {
	test := o.Images.Split(datasets.Test)
	images := report.Images{Title: "Test images with the int8 network's answers"}
	for i, class := range o.Answers {
		size := o.Images.Channels * o.Images.Height * o.Images.Width
		picture, err := report.FromPlanes(test.Pixels[i*size:(i+1)*size], o.Images.Channels, o.Images.Height, o.Images.Width)
		if err != nil {
			continue
		}
		images.Pictures = append(images.Pictures, report.Picture{
			Image: picture, Caption: o.Images.Classes[class], Status: status(class == int(test.Labels[i])),
		})
	}
	return images
}

func (o *Outcome) convexBlocks() []report.Block {
	var series []report.Series
	for _, f := range o.Convex {
		series = append(series, report.Curve(f.Name, f.Trace, func(p linear.Point) (float64, float64) { return float64(p.Epoch), p.GradientNorm }))
	}
	return []report.Block{report.Lines{
		Title: "Norm of the full gradient", Note: "Least squares, in float64; only the model, or HALP's offset, is on a grid of 8 bits.",
		X: report.Axis{Title: "epoch"}, Y: report.Axis{Title: "gradient norm", Log: true}, Series: series,
	}}
}

func (o *Outcome) deploymentBlocks() []report.Block {
	t := report.Table{Title: "Layers of the int8 network: codes compared with the simulated graph", Columns: []report.Column{
		{Title: "Layer"},
		{Title: "Kind"},
		{Title: "Scale", Align: report.Right},
		{Title: "Zero", Align: report.Right},
		{Title: "Codes", Align: report.Right},
		{Title: "Mismatches", Align: report.Right},
	}}
	for _, l := range o.Deployment.Program.Layers {
		for _, c := range o.Checks {
			if c.Layer == l.Name {
				t.Rows = append(t.Rows, []string{
					l.Name, l.Op.Kind(), report.Number(l.Output.Scale, 4), fmt.Sprint(l.Output.Zero), fmt.Sprint(c.Codes), fmt.Sprint(c.Mismatches),
				})
			}
		}
	}
	return []report.Block{t, report.Paragraph(fmt.Sprintf("The emulator ran %s images per second.", report.Number(o.EmulatorSpeed, 3)))}
}

func (o *Outcome) hardwareBlocks() []report.Block {
	t := report.Table{Title: "Co-simulation in Verilator against the emulator's integers", Columns: []report.Column{
		{Title: "Language"},
		{Title: "Work"},
		{Title: "Outputs", Align: report.Right},
		{Title: "Mismatches", Align: report.Right},
		{Title: "Cycles", Align: report.Right},
		{Title: "Time", Unit: "s", Align: report.Right},
	}}
	for _, v := range o.Verifications {
		t.Rows = append(t.Rows, []string{
			v.Language, v.Work, fmt.Sprint(v.Outputs), fmt.Sprint(v.Mismatches), fmt.Sprint(v.Cycles), report.Number(v.Seconds, 3),
		})
	}
	array := o.Deployment.Network.Target.Array
	return []report.Block{
		report.Paragraph(fmt.Sprintf("Target %s: a %s array of %d x %d, accumulator %s, requantization %s.",
			targetName, array.Kind, array.Rows, array.Columns, o.Deployment.Network.Target.Accumulator, o.Deployment.Network.Target.Requantization)),
		t,
	}
}

func (o *Outcome) commands() string {
	quick := ""
	if o.Config.Quick {
		quick = " --quick"
	}
	run, net := filepath.Join(o.Config.Out, "run"), filepath.Join(o.Config.Out, "net")
	return strings.Join([]string{
		fmt.Sprintf("halftone demo%s --seed %d", quick, o.Config.Seed),
		"halftone eval " + run,
		"halftone eval " + run + " --target " + targetName,
		"halftone deploy " + run + " --target " + targetName + " --check --out " + net + "-again",
		"halftone verify --target " + targetName,
	}, "\n") + "\n"
}
