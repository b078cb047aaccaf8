package graph

import (
	"cmp"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// lstmKind is the op's word in policies and names.
const lstmKind = "lstm"

// lstmCell is one step in time of an LSTM (Hochreiter and Schmidhuber, Neural Computation 9, 1997, with forget gates):
//
//	i, f, o = sigmoid(x*Wx + h*Wh + b),   g = tanh(x*Wx + h*Wh + b),   c' = f*c + i*g,   h' = o*tanh(c')
//
// It stays the ops that it is made of, so that each of them keeps its gradient and its point; what is recognised is that
// they are one op, and what each is for.
type lstmCell struct {
	h, c     *gorgonia.Node // the new ones
	previous *gorgonia.Node // the state c before
	lefts    gorgonia.Nodes // what the weights are multiplied with: x and h, or one joined of both
	points   map[*gorgonia.Node]string
	products []lstmProduct
}

// lstmProduct is a product in a cell's gates.
type lstmProduct struct {
	of     *gorgonia.Node
	prefix string
}

// mostGateOps bounds the ops of a gate's sum: two products, their sum, and a bias for each and for both.
const mostGateOps = 8

// groupLSTMs makes one group of the ops of each LSTM cell. Only whole cells count.
func (r *recognition) groupLSTMs() {
	var cells []*lstmCell
	ofState := map[*gorgonia.Node]*lstmCell{} // by the c that a cell makes
	taken := map[*gorgonia.Node]*lstmCell{}
	for _, n := range r.graph.AllNodes() {
		cell := findLSTMCell(n)
		if cell == nil || slices.ContainsFunc(cell.nodes(), func(n *gorgonia.Node) bool { return taken[n] != nil }) {
			continue
		}
		for n := range cell.points {
			taken[n] = cell
		}
		cells = append(cells, cell)
		ofState[cell.c] = cell
	}
	if len(cells) == 0 {
		return
	}
	nameLSTMProducts(cells, ofState)
	r.regroup(taken)
}

// regroup takes the nodes of cells out of the groups that they are in, into one for each cell.
func (r *recognition) regroup(cellOf map[*gorgonia.Node]*lstmCell) {
	groups := make([]opGroup, 0, len(r.groups))
	for _, g := range r.groups {
		var rest gorgonia.Nodes
		for _, n := range g.nodes {
			cell := cellOf[n]
			if cell == nil {
				rest = append(rest, n)
			} else if n == cell.h {
				groups = append(groups, opGroup{from: g.from, nodes: cell.nodes(), kind: lstmKind, points: cell.points})
			}
		}
		if len(rest) > 0 {
			groups = append(groups, opGroup{from: g.from, nodes: rest})
		}
	}
	r.groups = groups
}

// nodes are the cell's, in the order in which they were made.
func (c *lstmCell) nodes() gorgonia.Nodes {
	var out gorgonia.Nodes
	for n := range c.points {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	return out
}

// findLSTMCell returns the cell whose new h is the given node, nil if it is none's.
func findLSTMCell(h *gorgonia.Node) *lstmCell {
	if !isBinary(h, "mul") {
		return nil
	}
	out, squashed := split(h, "sigmoid", "tanh")
	if out == nil {
		return nil
	}
	c := operands(squashed)[0]
	if !isBinary(c, "add") {
		return nil
	}
	terms := operands(c)
	for k, kept := range terms {
		added := terms[1-k]
		if !isBinary(kept, "mul") || !isBinary(added, "mul") {
			return nil
		}
		in, candidate := split(added, "sigmoid", "tanh")
		if in == nil {
			continue
		}
		for j, forget := range operands(kept) {
			if kindOf(forget) != "sigmoid" {
				continue
			}
			cell := &lstmCell{h: h, c: c, previous: operands(kept)[1-j], points: map[*gorgonia.Node]string{
				h: "h", squashed: "tanh-c", c: "c", kept: "fc", added: "ig", in: "i", forget: "f", candidate: "g", out: "o",
			}}
			if len(cell.points) == 9 && cell.findGates([4]*gorgonia.Node{in, forget, candidate, out}) {
				return cell
			}
		}
	}
	return nil
}

func isBinary(n *gorgonia.Node, kind string) bool {
	_, binary := n.Op().(*qops.Binary)
	return binary && kindOf(n) == kind
}

// findGates finds what the four gates are functions of: sums of products with the same left factors, or slices of one such
// sum. It returns false if they are anything else.
func (c *lstmCell) findGates(gates [4]*gorgonia.Node) bool {
	var sums [4]*gorgonia.Node
	packed := true
	for i, gate := range gates {
		sums[i] = operands(gate)[0]
		_, slice := sums[i].Op().(*qops.Slice)
		packed = packed && slice
	}
	if packed {
		whole := operands(sums[0])[0]
		for i, slice := range sums {
			if operands(slice)[0] != whole || !c.add(slice, c.points[gates[i]]+"-slice") {
				return false
			}
		}
		return c.findSum(whole, "gates")
	}
	for i, sum := range sums {
		if !c.findSum(sum, c.points[gates[i]]) {
			return false
		}
	}
	return true
}

// add makes a node one of the cell's; false if it is one already.
func (c *lstmCell) add(n *gorgonia.Node, point string) bool {
	if _, taken := c.points[n]; taken {
		return false
	}
	c.points[n] = point
	return true
}

// findSum finds the sum of one gate or of all four: one product, or two, and any biases.
func (c *lstmCell) findSum(sum *gorgonia.Node, prefix string) bool {
	var products, partial gorgonia.Nodes
	stack := gorgonia.Nodes{sum}
	for ops := 0; len(stack) > 0; ops++ {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if ops == mostGateOps {
			return false
		}
		switch op := n.Op().(type) {
		case *qops.Dense:
			if op.TransA {
				return false
			}
			products = append(products, n)
		case *qops.BiasAdd:
			partial = append(partial, n)
			stack = append(stack, operands(n)[0])
		case *qops.Binary:
			if !op.Adds() {
				return false
			}
			partial = append(partial, n)
			stack = append(stack, operands(n)...)
		default:
			return false
		}
	}
	if len(products) > 2 || !c.sameLefts(products) {
		return false
	}
	slices.SortFunc(partial, func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	count := 0
	for _, n := range partial {
		point := prefix + "-sum"
		if n != sum {
			count++
			point = fmt.Sprintf("%s-partial%d", prefix, count)
		}
		if !c.add(n, point) {
			return false
		}
	}
	for _, n := range products {
		if !c.add(n, prefix+"-sum") { // its name unless it is part of a sum
			return false
		}
		if n != sum {
			c.products = append(c.products, lstmProduct{n, prefix})
		}
	}
	return true
}

// sameLefts reports whether the products have the left factors that the cell's other ones have, each one.
func (c *lstmCell) sameLefts(products gorgonia.Nodes) bool {
	slices.SortFunc(products, func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	var lefts gorgonia.Nodes
	for _, n := range products {
		left := operands(n)[0]
		if slices.Contains(lefts, left) {
			return false
		}
		lefts = append(lefts, left)
	}
	if c.lefts == nil {
		c.lefts = lefts
	}
	return len(lefts) == len(c.lefts) && !slices.ContainsFunc(lefts, func(n *gorgonia.Node) bool { return !slices.Contains(c.lefts, n) })
}

// nameLSTMProducts tells a cell's products with its input from those with its state. The state is the h that comes with
// the c before. Of a first cell, whose state nobody made, the weights tell it, which later cells use; of a single one it
// is the second factor.
func nameLSTMProducts(cells []*lstmCell, ofState map[*gorgonia.Node]*lstmCell) {
	stateWeights := map[*gorgonia.Node]bool{}
	states := make(gorgonia.Nodes, len(cells))
	for i, cell := range cells {
		before := ofState[cell.previous]
		if before == nil || !slices.Contains(cell.lefts, before.h) {
			continue
		}
		states[i] = before.h
		for _, p := range cell.products {
			if in := operands(p.of); in[0] == before.h {
				stateWeights[in[1]] = true
			}
		}
	}
	for i, cell := range cells {
		state := states[i]
		if state == nil {
			state = cell.lefts[len(cell.lefts)-1]
			for _, p := range cell.products {
				if in := operands(p.of); stateWeights[in[1]] {
					state = in[0]
				}
			}
		}
		for _, p := range cell.products {
			switch {
			case len(cell.lefts) == 1:
				cell.points[p.of] = p.prefix + "-product"
			case operands(p.of)[0] == state:
				cell.points[p.of] = p.prefix + "-state"
			default:
				cell.points[p.of] = p.prefix + "-input"
			}
		}
	}
}
