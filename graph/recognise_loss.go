package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniseSoftmaxLoss finds a scalar that is a factor times the sum over everything of log(softmax(x)) ⊙ target,
// however its signs, means and sums are nested.
func recogniseSoftmaxLoss(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if !n.IsScalar() {
		return nil, nil
	}
	factor, core := linear(n)
	if core == nil || operator(core) != "⊙" {
		return nil, nil
	}
	in := operands(core)
	for i := range in {
		logits := logSoftmaxOf(in[i])
		if logits == nil || logits.Dims() != 2 {
			continue
		}
		made, err := r.nodes(logits, in[1-i])
		if err != nil {
			return nil, err
		}
		return qops.NewSoftmaxLoss(made[0], made[1], -factor)
	}
	return nil, nil
}

// linear peels constant factors, signs and sums from a scalar: n = factor * (sum of all elements of core). core is
// nil if n is not of that form.
func linear(n *gorgonia.Node) (factor float64, core *gorgonia.Node) {
	factor = 1
	for {
		switch {
		case primitive(n) == "sumOp":
			n = operands(n)[0]
		case operator(n) == "neg":
			factor, n = -factor, operands(n)[0]
		case operator(n) == "⊙" || operator(n) == "÷":
			in := operands(n)
			c, left := constant(in[0])
			if left && operator(n) == "⊙" {
				factor, n = factor*c, in[1]
				continue
			}
			c, right := constant(in[1])
			switch {
			case right && operator(n) == "⊙":
				factor, n = factor*c, in[0]
			case right:
				factor, n = factor/c, in[0]
			case n.IsScalar():
				return factor, nil
			default: // no scalar, so everything below was summed
				return factor, n
			}
		default:
			return factor, nil
		}
	}
}

// logSoftmaxOf returns x if n is log(softmax(x)) over the last axis, in one op or two.
func logSoftmaxOf(n *gorgonia.Node) *gorgonia.Node {
	softmax := n
	if operator(n) == "ln" {
		softmax = operands(n)[0]
	}
	if primitive(softmax) != "softmaxOp" || opField(softmax, "isLog").Bool() == (softmax != n) {
		return nil
	}
	if axis := opInt(softmax, "axis"); axis != -1 && axis != softmax.Dims()-1 {
		return nil
	}
	return operands(softmax)[0]
}
