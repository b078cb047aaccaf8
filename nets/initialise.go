package nets

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel/elementary"
	"github.com/halftone-go/halftone/qops/number"
)

// initialiser gives element e of a parameter its first value; the stream belongs to the parameter.
type initialiser func(s number.Stream, e int) float64

// zero is the value 0.
func zero(number.Stream, int) float64 { return 0 }

// one is the value 1.
func one(number.Stream, int) float64 { return 1 }

// uniform draws from [-bound, bound). With bound = 1/sqrt(inputs) it is what PyTorch does for linear and recurrent layers.
func uniform(bound float64) initialiser {
	return func(s number.Stream, e int) float64 {
		u, _ := pair(s, e, 0)
		return bound * u
	}
}

// normal draws from the normal distribution with mean 0 by Marsaglia's polar method ("A convenient method for generating
// normal variables", SIAM Review 6, 1964). With deviation = sqrt(2/inputs) it is He's rule for layers before a ReLU
// (arXiv 1502.01852).
func normal(deviation float64) initialiser {
	return func(s number.Stream, e int) float64 {
		for attempt := uint32(0); ; attempt++ {
			u, v := pair(s, e, attempt)
			// The conversions keep the compiler from fusing: all processors must get the same bits.
			square := float64(u*u) + float64(v*v)
			if square < 1 && square > 0 {
				return deviation * u * math.Sqrt(-2*elementary.Log(square)/square)
			}
		}
	}
}

// he is normal with He's deviation for a layer of so many inputs.
func he(inputs int) initialiser { return normal(math.Sqrt(2 / float64(inputs))) }

// fan is uniform with PyTorch's bound for a layer of so many inputs.
func fan(inputs int) initialiser { return uniform(1 / math.Sqrt(float64(inputs))) }

// pair returns two numbers of [-1, 1) for an element, 53 random bits each, from the Philox block with the counter
// (element, attempt, 0, number.Data).
func pair(s number.Stream, e int, attempt uint32) (u, v float64) {
	w := number.Philox([4]uint32{uint32(e), attempt, 0, uint32(number.Data)}, s.Key)
	return symmetric(w[0], w[1]), symmetric(w[2], w[3])
}

// symmetric maps 53 of the 64 bits of two words to [-1, 1), exactly.
func symmetric(high, low uint32) float64 {
	return float64(int64(uint64(high)<<32|uint64(low))>>11) / (1 << 52)
}

// parameter makes a parameter with its first value from the stream "init/" + name.
func (n *Net) parameter(dtype tensor.Dtype, seed uint64, name string, first initialiser, shape ...int) *G.Node {
	stream := number.NewStream(seed, "init/"+name)
	value := tensor.New(tensor.Of(dtype), tensor.WithShape(shape...))
	switch data := value.Data().(type) {
	case []float32:
		for e := range data {
			data[e] = float32(first(stream, e))
		}
	case []float64:
		for e := range data {
			data[e] = first(stream, e)
		}
	}
	node := G.NewTensor(n.Graph, dtype, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(value))
	n.Parameters = append(n.Parameters, node)
	return node
}
