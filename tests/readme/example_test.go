package readme_test

import (
	"fmt"
	"log"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Example is the program of the README.
func Example() {
	g := G.NewGraph()
	x := G.NewMatrix(g, G.Float32, G.WithName("x"), G.WithShape(4, 2), G.WithValue(
		tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{-1, -1, -1, 1, 1, -1, 1, 1}))))
	y := G.NewMatrix(g, G.Float32, G.WithName("y"), G.WithShape(4, 1), G.WithValue(
		tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{-1, 1, 1, -1}))))
	weights := G.Nodes{
		G.NewMatrix(g, G.Float32, G.WithName("hidden/weight"), G.WithShape(2, 64), G.WithInit(G.GlorotU(1))),
		G.NewMatrix(g, G.Float32, G.WithName("output/weight"), G.WithShape(64, 1), G.WithInit(G.GlorotU(1))),
	}
	var h, loss *G.Node
	graph.Layer(g, "hidden", func() { h = G.Must(G.Rectify(G.Must(G.Mul(x, weights[0])))) })
	graph.Layer(g, "output", func() { loss = G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(G.Must(G.Mul(h, weights[1])), y)))))) })

	eightBits, err := policy.Load("swalp8") // or the path of your own policy
	check(err)
	program, err := graph.Compile(loss, weights, eightBits)
	check(err)
	vm, solver := program.VM(), G.NewVanillaSolver(G.WithLearnRate(0.1))
	for range 300 {
		check(vm.RunAll())
		check(solver.Step(G.NodesToValueGrads(weights)))
	}
	fmt.Println("learned:", program.Loss() < 0.05)
	// Output: learned: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
