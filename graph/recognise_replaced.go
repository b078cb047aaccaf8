package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniseDropout takes the place of gorgonia.Dropout, whose gradient has the wrong factor and whose bits cannot be
// reproduced.
func recogniseDropout(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "dropoutOp" {
		return nil, nil
	}
	x, err := r.node(operands(n)[0])
	if err != nil {
		return nil, err
	}
	return qops.NewDropout(x, opField(n, "probability").Float())
}

// recogniseGlobalPool takes the place of gorgonia.GlobalAveragePool2D, which has no gradient.
func recogniseGlobalPool(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "globalAveragePoolOp" {
		return nil, nil
	}
	x, err := r.node(operands(n)[0])
	if err != nil {
		return nil, err
	}
	mean, err := qops.NewReduce(x, 2, 3, true)
	if err != nil || mean.Shape().Eq(n.Shape()) {
		return mean, err
	}
	return qops.NewReshape(mean, n.Shape())
}

// recogniseAveragePool takes the place of gorgonia.AveragePool2D, which divides by the image's width.
func recogniseAveragePool(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "avgPoolOp" {
		return nil, nil
	}
	for _, pad := range []string{"padNorth", "padWest", "padSouth", "padEast"} {
		if opInt(n, pad) != 0 {
			return nil, errors.New("average pools with padding are not supported; pad before, or use none")
		}
	}
	x, err := r.node(operands(n)[0])
	if err != nil {
		return nil, err
	}
	return qops.NewAveragePool(x, [2]int{opInt(n, "h"), opInt(n, "w")}, [2]int{opInt(n, "strideH"), opInt(n, "strideW")})
}
