package graph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// Memory is given so that it cuts no stretch: each runs as one segment, in training, with formats whose samples may have to
// decide together and without.
func TestStretchesAreSegments(t *testing.T) {
	for _, name := range []string{"float32", "swalp8", "qpytorch8", "fixed8", "codes"} {
		models := map[string]model{"resnet14": netModel(t, "resnet14", tensor.Float32, 4, 1), "cnn": smallCNN(tensor.Float32, 5)}
		for seed := range uint64(8) {
			models[fmt.Sprint("random ", seed)] = randomCNN(rand.New(rand.NewPCG(seed, 1)), tensor.Float32, 5)
			models[fmt.Sprint("blocks ", seed)] = blockyCNN(rand.New(rand.NewPCG(seed, 2)), 3)
		}
		for of, m := range models {
			p := shipped(t, "float32")
			if name == "codes" {
				p = withRules(t, p, `{match: "**", weight: "int:w8,scale=max,block=channel,rne,sat"}`)
			} else {
				p = shipped(t, name)
			}
			program, err := graph.Compile(m.loss, m.parameters, p, graph.WithOutputs(m.output))
			require.NoError(t, err)
			stretches, segments := program.Cuts()
			require.NotEmpty(t, stretches)
			for _, stretch := range stretches { // other steps may make segments, too, such as the weights of two layers
				require.Contains(t, segments, stretch, "%s of %s", name, of)
			}
		}
	}
}
