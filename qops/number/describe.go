package number

import "strconv"

// exactDecimal prints x with the fewest digits that read back.
func exactDecimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// BitsPerElement is the number of bits that storing a code takes, 32 for float32, 0 for rules of sums.
func (f Format) BitsPerElement() int {
	switch {
	case f.IsFloat32():
		return 32
	case f.IsSum():
		return 0
	default:
		return f.Width()
	}
}

// BitsPerBlock is the number of bits stored per block: the shared exponent, or the scale (a float32) and zero point.
func (f Format) BitsPerBlock() int { return f.spec().blockBits(f) }

// Description is what a format means, in words and decimals.
type Description struct {
	Format, Kind            string
	Lowest, Highest, Step   string // of the values, in terms of E or scale where blocks give them
	LowestCode, HighestCode int64
	Rounding, Overflow      string
	Block, Scale            string
	BitsPerElement          int
	BitsPerBlock            int
}

// Describe returns what the format means. Parts that the format does not have are empty.
func (f Format) Describe() Description {
	k := f.spec()
	d := Description{
		Format: f.String(), Kind: k.summary(),
		BitsPerElement: f.BitsPerElement(), BitsPerBlock: f.BitsPerBlock(),
	}
	d.Lowest, d.Highest, d.Step = k.describe(f)
	d.LowestCode, d.HighestCode = f.CodeRange()
	known := k.parts()
	if known.rounding {
		d.Rounding = f.rounding.String()
	}
	if len(known.overflows) > 0 {
		d.Overflow = f.overflow.String()
	}
	if known.takes("block") {
		d.Block = f.block.String()
	}
	if known.takes("scale") {
		d.Scale = scaleText(f)
	}
	return d
}

// Example is a kind of format for a list: a complete string and what it is.
type Example struct{ Kind, Format, Summary string }

// Examples lists the kinds.
func Examples() []Example {
	out := make([]Example, len(kinds))
	for i, k := range kinds {
		out[i] = Example{k.name(), k.example(), k.summary()}
	}
	return out
}
