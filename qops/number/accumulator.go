package number

import "fmt"

// Limits of accumulators: in an int64 the sum of two codes of 63 bits still shows its overflow.
const (
	minAccumulatorWidth = 2
	maxAccumulatorWidth = 63
)

// accumulatorKind is the rule of a sum in a two's complement register on the grid of the products. Wrapping does not
// depend on the order of the terms; saturation acts at each addition.
type accumulatorKind struct{ linear }

var _ kind = accumulatorKind{}

func (accumulatorKind) name() string    { return "acc" }
func (accumulatorKind) example() string { return "acc:w32,wrap" }
func (accumulatorKind) summary() string {
	return "an accumulator of W bits on the grid of the products; for sums only"
}

func (accumulatorKind) parts(Format) parts {
	return parts{overflows: []Overflow{Wrap, Saturate}, options: []string{"order"}}
}

func (accumulatorKind) parse(p *parser, f *Format) {
	f.width = uint8(p.number("w", "the width", minAccumulatorWidth, maxAccumulatorWidth))
	p.orderOption(f)
	p.endHead()
}

func (accumulatorKind) text(f Format) string { return fmt.Sprintf("acc:w%d,%v", f.width, f.overflow) }
func (accumulatorKind) sums() bool           { return true }

func (accumulatorKind) describe(f Format) (lowest, highest, step string) {
	lo, hi := f.CodeRange()
	return fmt.Sprintf("%d * step", lo), fmt.Sprintf("%d * step", hi), "that of the products"
}
