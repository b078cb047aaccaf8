package number

// Entry is a line of a list of all that format strings are made of.
type Entry struct {
	Part    string // kind, variant, element, choice, values, rounding, overflow, block, scale, option, order or program
	Name    string
	Meaning string
	Example string // a complete format string, as String gives it
}

// List lists the kinds, and the words that their strings may hold.
func List() []Entry {
	var out []Entry
	for _, k := range kinds {
		out = append(out, Entry{"kind", k.name(), k.summary(), k.example()})
	}
	for _, w := range variantWords {
		out = append(out, Entry{"variant", w.name, "float: " + w.meaning, "float:e4m3" + w.name + ",rne,sat"})
	}
	for _, e := range mxElements {
		out = append(out, Entry{"element", e.name, "mx: " + e.meaning(), "mx:" + e.name + ",scale=floor,rne,sat"})
	}
	for _, w := range levelChoices {
		out = append(out, Entry{"choice", w.name, w.meaning, "levels:16," + w.name + ",sr"})
	}
	for _, w := range binaryScales {
		out = append(out, Entry{"values", w.name, w.meaning, "binary:" + w.name})
	}
	for _, w := range roundings {
		out = append(out, Entry{"rounding", w.name, w.meaning, "fixed:w8f4," + w.name + ",sat"})
	}
	out = append(out,
		Entry{"rounding", "sr", "stochastic, with 16 random bits", "fixed:w8f4,sr,sat"},
		Entry{"rounding", "srN", "stochastic, with N random bits, 1 to 16", "fixed:w8f4,sr8,sat"})
	for o, w := range overflows {
		example := "fixed:w8f4,rne,"
		if Overflow(o) == Infinity {
			example = "float:e5m2ieee,rne,"
		}
		out = append(out, Entry{"overflow", w.name, w.meaning, example + w.name})
	}
	for b, w := range blockWords {
		block := ""
		if Block(b) != PerTensor {
			block = ",block=" + w.name
		}
		out = append(out, Entry{"block", w.name, w.meaning, "bfp:w8e8" + block + ",rne,sat"})
	}
	out = append(out,
		Entry{"block", "16x16", "one scale per tile of 16x16 (any sizes) along the last two axes", "bfp:w8e8,block=16x16,rne,sat"},
		Entry{"block", "axis=N", "the neighbours lie along axis N, or along that of the sum (axis=reduce)", "bfp:w8e8,block=32,axis=0,rne,sat"})
	for r, w := range scaleWords {
		if ScaleRule(r) != ScaleGiven {
			out = append(out, Entry{"scale", w.name, w.meaning, scaleExample(ScaleRule(r))})
		}
	}
	out = append(out, Entry{"scale", "0.037", "int: the number", "int:w8,scale=0.037,rne,sat"})
	out = append(out,
		Entry{"option", "zero=auto", "int: a zero point, so that the codes span the elements from the smallest to the largest", "int:w8,scale=max,zero=auto,rne,sat"},
		Entry{"option", "top=N", "log2: the largest value is 2^N, whatever the elements", "log2:w4g1,top=4,rne,sat"})
	for _, w := range orderWords[Sequential:] {
		out = append(out, Entry{"order", w.name, w.meaning, "acc:w20,sat,order=" + w.name})
	}
	for c, w := range compatWords {
		if compat(c) != noCompat {
			out = append(out, Entry{"program", "+" + w.name, w.meaning, "bfp:w8e8,block=sample,sr," + compatOverflow(compat(c)) + "+" + w.name})
		}
	}
	return out
}

// scaleExample is a format with the scale rule.
func scaleExample(r ScaleRule) string {
	switch r {
	case ScaleFloor, ScaleCeil, ScaleNearest:
		return "mx:e4m3,scale=" + r.String() + ",rne,sat"
	default:
		return "int:w8,scale=" + r.String() + ",rne,sat"
	}
}

// compatOverflow is the overflow of blocks of the program.
func compatOverflow(c compat) string {
	if c == qpytorch {
		return Symmetric.String()
	}
	return Saturate.String()
}

// meaning says what the element is.
func (e mxElement) meaning() string {
	if e.name == mxInteger {
		return "two's complement, 6 bits of fraction"
	}
	f := e.format
	return "float of " + exactDecimal(float64(f.width)) + " bits, largest " + exactDecimal(f.mxLargest())
}
