package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Tensor is a computed tensor, as an observer sees it.
type Tensor struct {
	Name  string // canonical
	Point policy.Point
	Role  policy.Role
	Array *qops.Array
	// Format is what a quantize node has just rounded the tensor to, float32 before it.
	Format number.Format
	// Layer marks a tensor of a deployed program that stays when the graph goes to integers: an input, or a layer's
	// output after its bias, batch norm and ReLU.
	Layer bool
	// ChannelAxis is the axis of output channels of a weight.
	ChannelAxis int
}

// tensor describes a computed tensor to an observer.
func (p *Program) tensor(n *gorgonia.Node, a *qops.Array) Tensor {
	info := p.placed.info[n]
	x := Tensor{Name: info.point.Name, Point: info.point, Role: info.point.Role, Array: a, Layer: p.layers[n], ChannelAxis: info.channelAxis}
	if q := p.placed.quantize[n]; q != nil {
		x.Format = q.Format
	}
	return x
}
