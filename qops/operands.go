package qops

import "fmt"

// Operands names the operands of an op, as policies and canonical names call them.
func Operands(op Op) []string {
	switch o := op.(type) {
	case *Conv:
		switch o.What {
		case convBackwardData:
			return []string{"error", "weight"}
		case convBackwardWeight:
			return []string{"input", "error"}
		}
		return []string{"input", "weight"}
	case *Dense:
		return []string{"input", "weight"}
	case *BiasAdd:
		return []string{"input", "bias"}
	case *ScaleShift:
		return []string{"normalised", "scale", "bias"}
	case *SoftmaxLoss:
		return []string{"input", "target"}
	}
	switch op.Arity() {
	case 1:
		return []string{"input"}
	case 2:
		return []string{"a", "b"}
	}
	names := make([]string, op.Arity())
	for i := range names {
		names[i] = fmt.Sprintf("input%d", i+1)
	}
	return names
}
