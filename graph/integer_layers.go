package graph

import (
	"github.com/halftone-go/halftone/qops"
)

// IntegerLayer is one layer of a deployed program, as a lowering reads it.
type IntegerLayer struct {
	Name   string // canonical name of the layer's output
	Op     qops.Op
	Shape  []int
	Grid   qops.CodeGrid
	Inputs []string // names of the layers that it reads
	// Sum, Weight and Bias are set for convolutions and dense layers: the accumulator's op, and the codes.
	Sum          *qops.IntegerSum
	Weight, Bias *qops.Array
	WeightScales []float64
}

// IntegerLayers lists the layers of a program compiled for a target, in the order in which they run. The program must
// have run once, so that weights and biases have codes.
func (p *Program) IntegerLayers() []IntegerLayer {
	var out []IntegerLayer
	for _, n := range p.placed.nodes {
		if !p.layers[n] || n.Op() == nil {
			continue
		}
		op := n.Op().(qops.Op)
		l := IntegerLayer{Name: p.placed.info[n].point.Name, Op: op, Shape: n.Shape()}
		from := operands(n)
		switch o := op.(type) {
		case *qops.IntegerInput:
			l.Grid, from = o.Grid, nil
		case *qops.Requantize:
			l.Grid = o.Grid
			sum := from[0]
			l.Sum = sum.Op().(*qops.IntegerSum)
			in := operands(sum)
			l.Weight, l.Bias = p.machine.arrays[in[1]].Grid.Codes, p.machine.arrays[in[2]].Grid.Codes
			l.WeightScales = p.machine.arrays[in[1]].Grid.Scales.Step
			from = in[:1]
		case *qops.IntegerAdd:
			l.Grid = o.Grid
		case *qops.IntegerMean:
			l.Grid = o.Grid
		}
		for _, x := range from {
			l.Inputs = append(l.Inputs, p.placed.info[x].point.Name)
		}
		out = append(out, l)
	}
	return out
}

// Codes returns the codes of a layer's output in the last run, zero points included, nil if there is no such layer.
func (p *Program) Codes(layer string) []int16 {
	for n := range p.layers {
		info := p.placed.info[n]
		if info == nil || info.point.Name != layer || n.Op() == nil {
			continue
		}
		grid := p.machine.arrays[n].Grid
		if grid == nil || grid.Codes == nil {
			return nil
		}
		return withZero(grid)
	}
	return nil
}

func withZero(grid *qops.Grid) []int16 {
	zero := 0.0
	if len(grid.Scales.Zero) == 1 {
		zero = float64(grid.Scales.Zero[0])
	}
	out := make([]int16, len(grid.Codes.F64))
	for i, c := range grid.Codes.F64 {
		out[i] = int16(c + zero)
	}
	return out
}
