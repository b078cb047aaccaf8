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
	if known.takes("block") {
		d.Block = f.block.String()
	}
	if known.takes("scale") {
		d.Scale = scaleText(f)
		d.Zero = zeroText(f)
	}
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

// Entry is a line of a list of all that format strings are made of.
type Entry struct {
	Part    string // kind, rounding, overflow or block
	Name    string
	Meaning string
	Example string // a complete format string
}

// List lists the kinds, roundings, overflows and blocks.
func List() []Entry {
	var out []Entry
	for _, k := range kinds {
		out = append(out, Entry{"kind", k.name(), k.summary(), k.example()})
	}
	for _, w := range roundings {
		out = append(out, Entry{"rounding", w.name, w.meaning, "fixed:w8f4," + w.name + ",sat"})
	}
	out = append(out,
		Entry{"rounding", "sr", "stochastic, with 16 random bits", "fixed:w8f4,sr,sat"},
		Entry{"rounding", "srN", "stochastic, with N random bits, 1 to 16", "fixed:w8f4,sr8,sat"})
	for _, w := range overflows {
		out = append(out, Entry{"overflow", w.name, w.meaning, "fixed:w8f4,rne," + w.name})
	}
	for b, w := range blockWords {
		example := MustParse("bfp:w8e8,rne,sat").WithBlock(Block(b))
		out = append(out, Entry{"block", w.name, w.meaning, example.String()})
	}
	return out
}
