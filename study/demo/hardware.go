package demo

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/nets/datasets"
)

// generate writes the datapath in every language.
func (o *Outcome) generate(context.Context, size) error {
	for _, language := range hwgen.Languages() {
		sources, err := hwgen.Generate(o.Deployment.Network.Target, language)
		if err != nil {
			return err
		}
		dir := filepath.Join(o.Config.Out, "rtl-"+language)
		if err := sources.Write(dir); err != nil {
			return err
		}
		o.Generated[language] = dir
	}
	return nil
}

// verify runs the network's own work and corner cases through both languages in Verilator.
func (o *Outcome) verify(ctx context.Context, s size) error {
	for _, language := range hwgen.Languages() {
		if err := hwgen.Check(language, "verilator"); err != nil {
			o.Missing = append(o.Missing, fmt.Sprintf("co-simulation of the %s: %v", language, err))
			o.Config.Say("Left out: " + o.Missing[len(o.Missing)-1])
			continue
		}
		o.Config.Say("Co-simulating the " + language + " in Verilator")
		if err := o.verifyNetwork(ctx, s, language); err != nil {
			return err
		}
		if err := o.verifyCorners(ctx, s, language); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outcome) verifyNetwork(ctx context.Context, s size, language string) error {
	images, err := o.testImages(s.verify)
	if err != nil {
		return err
	}
	in := o.Deployment.Interpreter
	layers := in.Multiplying()
	if o.Config.Quick {
		layers = layers[len(layers)-2:]
	}
	requantizations, err := hwgen.NetworkRequantizations(in, layers)
	if err != nil {
		return err
	}
	stream := hwgen.Concat(hwgen.FromNetwork(ctx, in, images, s.verify, layers), hwgen.Corners(o.Deployment.Network.Target, requantizations))
	work := fmt.Sprintf("the network's %d layers on %d test images; ties and edges of its own multipliers", len(layers), s.verify)
	return o.simulate(ctx, language, stream, work)
}

func (o *Outcome) verifyCorners(ctx context.Context, s size, language string) error {
	stream, err := hwgen.Generated(o.Deployment.Network.Target, s.outputs, o.Config.Seed)
	if err != nil {
		return err
	}
	return o.simulate(ctx, language, stream, "ties, edges of the clamp, ends of the accumulator, random products")
}

func (o *Outcome) simulate(ctx context.Context, language string, stream hwgen.Jobs, work string) error {
	begin := time.Now()
	result, err := hwgen.Verify(ctx, o.Deployment.Network.Target, language, stream, hwgen.Options{
		Seed:     o.Config.Seed,
		Progress: func(outputs int64) { o.Config.Progress("outputs of the "+language, int(outputs), 0) },
	})
	if err != nil {
		return err
	}
	o.Verifications = append(o.Verifications, Verification{Result: result, Work: work, Seconds: time.Since(begin).Seconds()})
	return nil
}

// testImages are the first n images of the test part, normalised.
func (o *Outcome) testImages(n int) ([]float32, error) {
	batches, err := datasets.NewBatches[float32](o.Images, datasets.Order{Part: datasets.Test, Limit: n, Batch: n})
	if err != nil {
		return nil, err
	}
	pixels := make([]float32, n*o.Images.Channels*o.Images.Height*o.Images.Width)
	targets := make([]float32, n*len(o.Images.Classes))
	_, err = batches.Fill(0, [][]float32{pixels}, [][]float32{targets})
	return pixels, err
}

// answers are the classes that the int8 network gives the first n test images.
func (o *Outcome) answers(ctx context.Context, n int) ([]int, error) {
	pixels, err := o.testImages(n)
	if err != nil {
		return nil, err
	}
	result, err := o.Deployment.Interpreter.Run(ctx, pixels, n, emulate.Options{})
	if err != nil {
		return nil, err
	}
	return result.Output.Argmax(), nil
}
