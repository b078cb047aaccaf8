package tests

import (
	"context"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/lower"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/deploy"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// deployed is a ResNet-14 with made-up weights and statistics, and images to run.
type deployed struct {
	net    *nets.Net
	model  deploy.Model
	images []float32
	batch  int
}

func newDeployed(t *testing.T, batch int) *deployed {
	t.Helper()
	net, err := nets.ResNet14(tensor.Float32, batch, 3)
	require.NoError(t, err)
	d := &deployed{net: net, batch: batch, images: make([]float32, batch*3*32*32)}
	for i := range d.images {
		d.images[i] = float32(2 * math.Sin(float64(i)*0.37+float64(i%3072)*0.011))
	}
	for i, p := range net.Parameters {
		values := p.Value().Data().([]float32)
		for j := range values {
			values[j] *= float32(1 + 0.2*math.Sin(float64(i*31+j)))
		}
	}
	d.model = deploy.Model{Output: net.Output, Parameters: net.Parameters, Running: map[string]*qops.Running{}}
	probe, err := graph.Compile(net.Loss, net.Parameters, floatPolicy(t))
	require.NoError(t, err)
	copy(net.Inputs[0].Value().Data().([]float32), d.images)
	for range 4 { // let the running statistics come near the images' own
		require.NoError(t, probe.Run(graph.Pass{UpdateStatistics: true}))
	}
	for _, n := range probe.BatchNorms() {
		d.model.Running[n.Name] = n.Running
	}
	return d
}

func (d *deployed) feed(batch int) (bool, error) {
	copy(d.net.Inputs[0].Value().Data().([]float32), d.images)
	return batch == 0, nil
}

// The codes of every layer of the simulated integer graph are those of the emulator.
func TestSimulatedGraphEqualsEmulator(t *testing.T) {
	for _, rule := range []string{"tflite.single", "shift.rne", "tflite.double"} {
		t.Run(rule, func(t *testing.T) {
			d := newDeployed(t, 4)
			tgt, err := target.Load("mac8")
			require.NoError(t, err)
			tgt.Requantization = rule
			network, err := deploy.Calibrate(context.Background(), d.model, tgt, d.feed)
			require.NoError(t, err)
			compareLayers(t, d, network)
		})
	}
}

// A deployed network that was written and read gives the same codes.
func TestDeployedFolderRoundTrip(t *testing.T) {
	d := newDeployed(t, 2)
	tgt, err := target.Load("mac8")
	require.NoError(t, err)
	network, err := deploy.Calibrate(context.Background(), d.model, tgt, d.feed)
	require.NoError(t, err)
	want := compareLayers(t, d, network)
	folder := t.TempDir()
	require.NoError(t, network.Write(folder, d.model))
	require.NoError(t, want.Save(folder))
	fresh, err := nets.ResNet14(tensor.Float32, 2, 99)
	require.NoError(t, err)
	again := &deployed{net: fresh, batch: 2, images: d.images, model: deploy.Model{Output: fresh.Output, Parameters: fresh.Parameters}}
	read, err := deploy.Read(folder, &again.model)
	require.NoError(t, err)
	require.Equal(t, network.Scales, read.Scales)
	got := compareLayers(t, again, read)
	require.Equal(t, want.Layers, got.Layers)
	loaded, err := emulate.Load(folder)
	require.NoError(t, err)
	require.Equal(t, want.Layers, loaded.Layers)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
}

// compareLayers runs the simulated graph and the emulator on the images and compares all codes.
func compareLayers(t *testing.T, d *deployed, network *deploy.Network) *emulate.Program {
	t.Helper()
	program, err := network.Compile(d.model)
	require.NoError(t, err)
	_, err = d.feed(0)
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Evaluation: true, Domain: number.Evaluation}))
	lowered, err := lower.Lower(program, network.Target)
	require.NoError(t, err)
	interpreter, err := emulate.NewInterpreter(lowered)
	require.NoError(t, err)
	result, err := interpreter.Run(context.Background(), d.images, d.batch, emulate.Options{Keep: emulate.All})
	require.NoError(t, err)
	layers := 0
	for _, l := range program.IntegerLayers() {
		want := program.Codes(l.Name)
		got := result.Layers[l.Name]
		require.NotNil(t, got, l.Name)
		require.Equal(t, want, got.Data, l.Name)
		layers++
	}
	require.Equal(t, 25, layers) // input, 15 convolutions, 6 sums, pool, reshape, dense
	return lowered
}

func floatPolicy(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Load("float32")
	require.NoError(t, err)
	return p
}
