package number

import "strconv"

// exactDecimal prints x with the fewest digits that read back.
func exactDecimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// BitsPerElement is the number of bits that storing a code takes, 32 for float32, 0 for exact.
func (f Format) BitsPerElement() int {
	if f.IsFloat32() {
		return 32
	}
	return f.Width()
}

// BitsPerBlock is the number of bits stored per block: the shared exponent, or the scale (a float32) and zero point.
func (f Format) BitsPerBlock() int { return f.spec().blockBits(f) }

// Description is what a format means, in words and decimals.
type Description struct {
	Format, Kind, Meaning   string
	Lowest, Highest, Step   string // of the values, in terms of E or scale where blocks give them
	LowestCode, HighestCode int64  // both 0 where there are none
	Codes                   uint64 // how many
	Rounding, Overflow      string
	Block, Scale, Zero      string
	BitsPerElement          int
	BitsPerBlock            int
	StepAtOne               string // from 1 to the next value
	Smallest                string // positive value
	SmallestNormal          string // of floats, which have subnormal numbers below it
	NaN, Infinity           string // what becomes of them, or their codes
	Gradient                string // what the gradient of a quantization is
	Storage                 string // bits per value with the share of the block's
}

// Describe returns what the format means. Parts that the format does not have are empty.
func (f Format) Describe() Description {
	k := f.spec()
	d := Description{
		Format: f.String(), Kind: k.name(), Meaning: k.summary(),
		BitsPerElement: f.BitsPerElement(), BitsPerBlock: f.BitsPerBlock(),
	}
	d.Lowest, d.Highest, d.Step = k.describe(f)
	d.LowestCode, d.HighestCode = f.CodeRange()
	if f.Width() > 0 {
		d.Codes = uint64(d.HighestCode-d.LowestCode) + 1
	}
	known := k.parts(f)
	if known.rounding {
		d.Rounding = f.rounding.String()
	}
	if len(known.overflows) > 0 {
		d.Overflow = f.overflow.String()
	}
	if known.takes("block") || f.block == Tiled {
		d.Block = f.blockName()
	}
	if known.takes("scale") {
		d.Scale = scaleText(f)
	}
	if known.takes("zero") {
		d.Zero = zeroText(f)
	}
	more := detailsOf(f)
	d.StepAtOne, d.Smallest, d.SmallestNormal = more.stepAtOne, more.smallest, more.smallestNormal
	d.NaN, d.Infinity, d.Gradient = more.nan, more.infinity, more.gradient
	d.Storage = f.storage(more)
	return d
}

// word is a part of a format string and what it means.
type word struct{ name, meaning string }

func names(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.name
	}
	return out
}
