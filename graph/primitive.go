package graph

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// Gorgonia's op types are not exported. Their names and fields are read by reflection; the version is pinned.

// primitive is the name of the node's op type, "" for an input.
func primitive(n *gorgonia.Node) string {
	if n.Op() == nil {
		return ""
	}
	t := reflect.TypeOf(n.Op())
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// opField reads a field of the node's op.
func opField(n *gorgonia.Node, name string) reflect.Value {
	v := reflect.ValueOf(n.Op())
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v.FieldByName(name)
}

func opInt(n *gorgonia.Node, name string) int { return int(opField(n, name).Int()) }

func opInts(n *gorgonia.Node, name string) []int {
	f := opField(n, name)
	out := make([]int, f.Len())
	for i := range out {
		out[i] = int(f.Index(i).Int())
	}
	return out
}

// operator is the sign of an elementwise op: + - ⊙ ÷ >= neg ln sigmoid tanh ...
func operator(n *gorgonia.Node) string {
	switch primitive(n) {
	case "elemBinOp", "elemUnaryOp":
		sign, _, _ := strings.Cut(n.Op().String(), " ")
		return sign
	}
	return ""
}

// operands returns the children of n in order, duplicates kept.
func operands(n *gorgonia.Node) gorgonia.Nodes {
	if n.Op() == nil {
		return nil
	}
	var out gorgonia.Nodes
	it := n.Graph().From(n.ID())
	for it.Next() {
		out = append(out, it.Node().(*gorgonia.Node))
	}
	return out
}

// kindOf is the kind of a recognised node's op, "" for an input.
func kindOf(n *gorgonia.Node) string {
	if op, ok := n.Op().(qops.Op); ok {
		return op.Kind()
	}
	return ""
}

// users returns the nodes that read n, each once, in the order in which they were made.
func users(n *gorgonia.Node) gorgonia.Nodes {
	var out gorgonia.Nodes
	it := n.Graph().To(n.ID())
	for it.Next() {
		out = append(out, it.Node().(*gorgonia.Node))
	}
	slices.SortFunc(out, func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	return out
}

// reshaped returns what n is a reshape of, nil if it is none.
func reshaped(n *gorgonia.Node) *gorgonia.Node {
	if primitive(n) != "reshapeOp" {
		return nil
	}
	return operands(n)[0]
}

// constant evaluates a node that is known without running the graph: constants, sizes and arithmetic on them.
func constant(n *gorgonia.Node) (float64, bool) {
	switch primitive(n) {
	case "constantScalar":
		switch v := n.Value().Data().(type) {
		case float32:
			return float64(v), true
		case float64:
			return v, true
		}
	case "sizeOp":
		axis := opInt(n, "axis")
		of := operands(n)[0]
		if axis < of.Dims() {
			return float64(of.Shape()[axis]), true
		}
	case "elemBinOp", "elemUnaryOp":
		return constantExpression(n)
	}
	return 0, false
}

func constantExpression(n *gorgonia.Node) (float64, bool) {
	in := operands(n)
	a, ok := constant(in[0])
	if !ok {
		return 0, false
	}
	if len(in) == 1 {
		return -a, operator(n) == "neg"
	}
	b, ok := constant(in[1])
	if !ok {
		return 0, false
	}
	switch operator(n) {
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "⊙":
		return a * b, true
	case "÷":
		return a / b, true
	}
	return 0, false
}
