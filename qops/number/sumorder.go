package number

// SumOrder is the order of the additions of a sum that depends on it: part of formats that say how sums are taken. A format
// of a tensor has none.
type SumOrder uint8

// The orders of sums.
const (
	NoOrder    SumOrder = iota
	Sequential          // one term after the other
	Block8              // sums of 8 neighbours in sequence, then these in sequence
	Tree16              // 16 neighbours as a binary tree, then these in sequence
)

var orderWords = [...]word{
	NoOrder:    {"", ""},
	Sequential: {"seq", "of a sum: one term after the other"},
	Block8:     {"block8", "of a sum: eight neighbours in sequence from 0, then the sums of these in sequence"},
	Tree16:     {"tree16", "of a sum: sixteen neighbours as a binary tree, then the sums of these in sequence"},
}

// String returns the order as formats name it.
func (o SumOrder) String() string { return orderWords[o].name }

// SumOrders returns the names of the orders.
func SumOrders() []string { return names(orderWords[Sequential:]) }

// SumOrder returns the order of the additions that the format names, or NoOrder.
func (f Format) SumOrder() SumOrder { return f.order }

// WithSumOrder returns the format with another order of additions. Formats of sums that do not depend on it, and of kinds
// that are no formats of sums, are returned unchanged.
func (f Format) WithSumOrder(o SumOrder) Format {
	if f.spec().parts(f).takes("order") && !f.ignoresOrder() {
		f.order = o
	}
	return f
}

// ignoresOrder reports whether a format of a sum gives the same in any order.
func (f Format) ignoresOrder() bool { return f.spec().sums() && f.overflow == Wrap }

// orderOption reads order=.
func (p *parser) orderOption(f *Format) {
	value, at := p.option("order")
	if value == "" {
		return
	}
	for o, known := range orderWords {
		if known.name == value {
			f.order = SumOrder(o)
			return
		}
	}
	p.fail(at, "unknown order %q; known are seq block8 tree16", value)
}

// checkOrder refuses an order that makes no difference.
func (p *parser) checkOrder(f Format) {
	if f.order != NoOrder && f.ignoresOrder() {
		for _, part := range p.fields {
			if part.key == "order" {
				p.fail(part.at, "a sum that wraps does not depend on the order of its terms: leave order= out")
			}
		}
	}
}

func (f Format) orderText() string {
	if f.order == NoOrder {
		return ""
	}
	return ",order=" + f.order.String()
}
