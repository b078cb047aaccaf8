package number

import (
	"fmt"
	"math/bits"
	"strconv"
)

// Limits of logarithmic formats.
const (
	maxLog2Width = 12
	maxLog2Steps = 16 // to the octave
)

// log2Kind is a sign and a power of 2^(1/G): magnitude m of W-1 bits stands for 0 if it is 0, else for
//
//	2^(top + (m-M)/G),  M = 2^(W-1) - 1
//
// where powers between whole ones are float32(2^(j/G)) times a power of two. Top is given, or the least multiple of 1/G
// whose power is not below the largest magnitude of the block; in both cases no value lies below 2^-126 or above
// float32's range.
type log2Kind struct{ linear }

var (
	_ kind        = log2Kind{}
	_ liner       = log2Kind{}
	_ blockScaler = log2Kind{}
	_ codeRanger  = log2Kind{}
	_ refuser     = log2Kind{}
	_ detailed    = log2Kind{}
	_ latticer    = log2Kind{}
)

func (log2Kind) name() string    { return "log2" }
func (log2Kind) example() string { return "log2:w4g1,rne,sat" }
func (log2Kind) summary() string {
	return "a sign and a power of 2^(1/G), W bits; the largest is top=N or that of the block's maximum"
}

func (log2Kind) parts(Format) parts {
	return parts{rounding: true, overflows: []Overflow{Saturate, Zero}, options: []string{"top", "block", "axis"}}
}

func (log2Kind) refuse(_ Format, word string) string {
	switch word {
	case Symmetric.String():
		return "log2 has a sign bit, so that its range is symmetric already: use sat"
	case Wrap.String():
		return "the codes of log2 are no integers that could wrap: use sat or zero"
	}
	return ""
}

func (log2Kind) parse(p *parser, f *Format) {
	f.width = uint8(p.number("w", "the width", 2, maxLog2Width))
	at := p.headAt
	f.exponent = uint8(p.number("g", "the number of steps to the octave", 1, maxLog2Steps))
	p.endHead()
	lowest, highest := f.log2Tops()
	if lowest > highest {
		p.fail(at, "%d bits in steps of 2^(1/%d) reach further than float32's 254 octaves: use fewer bits or a larger g", f.width, f.exponent)
	}
	value, at := p.option("top")
	if value == "" {
		f.scaleRule = ScaleMax
		p.blockOption(f)
		return
	}
	g := int(f.exponent)
	n, err := strconv.Atoi(value)
	if least := -floorDivide(-lowest, g); err != nil || strconv.Itoa(n) != value || n < least || n > highest/g {
		p.fail(at, "top must be a whole number in %d to %d, got %q", least, highest/g, value)
	}
	f.fraction = int16(n)
	for _, key := range []string{"block", "axis"} {
		if value, at := p.option(key); value != "" {
			p.fail(at, "top=%d is the same for all blocks: leave %s= out", n, key)
		}
	}
}

func (log2Kind) text(f Format) string {
	top := ""
	if f.scaleRule == ScaleGiven {
		top = fmt.Sprintf(",top=%d", f.fraction)
	}
	return fmt.Sprintf("log2:w%dg%d%s%s,%v,%v", f.width, f.exponent, top, f.blockText(), f.rounding, f.overflow)
}

// powers is the number of powers, M.
func (f Format) powers() int { return 1<<(f.width-1) - 1 }

// log2Tops is the range of top, counted in steps of 1/G.
func (f Format) log2Tops() (lowest, highest int) {
	g := int(f.exponent)
	return -126*g + f.powers() - 1, 127*g + g - 1
}

func (log2Kind) reads(f Format) statistic {
	if f.scaleRule == ScaleGiven {
		return nothing
	}
	return magnitude
}

// scale is the largest value of the block's line.
func (log2Kind) scale(f Format, lo, hi float64) (step float64, zero int32) {
	top, highest := f.log2Tops()
	if largest := max(-lo, hi); largest > 0 {
		power := log2Floor(largest, octaves()[f.exponent])
		if log2Value(power, octaves()[f.exponent]) < largest {
			power++
		}
		top = min(max(power, top), highest)
	}
	return log2Value(top, octaves()[f.exponent]), 0
}

func (log2Kind) points(Format) int                 { return 0 }
func (log2Kind) codeRange(f Format) (lo, hi int64) { return 0, 1<<f.width - 1 }

func (log2Kind) line(f Format, v blockValues) line {
	l := log2Line{format: f, octave: octaves()[f.exponent], most: int64(f.powers())}
	if l.top = int(f.fraction) * int(f.exponent); f.scaleRule != ScaleGiven {
		lowest, highest := f.log2Tops()
		l.top = min(max(log2Floor(v.step, l.octave), lowest), highest)
	}
	return l
}

// blockBits is what top takes, in steps of 1/G.
func (log2Kind) blockBits(f Format) int {
	if f.scaleRule == ScaleGiven {
		return 0
	}
	lowest, highest := f.log2Tops()
	return bits.Len(uint(highest - lowest))
}

func (log2Kind) describe(f Format) (lowest, highest, step string) {
	top := "top"
	if f.scaleRule == ScaleGiven {
		top = strconv.Itoa(int(f.fraction))
	}
	if f.exponent == 1 {
		return "-2^" + top, "2^" + top, "a factor of 2"
	}
	return "-2^" + top, "2^" + top, fmt.Sprintf("a factor of 2^(1/%d)", f.exponent)
}

func (log2Kind) details(f Format) details {
	below := f.powers() - 1
	if f.scaleRule == ScaleGiven {
		l := log2Kind{}.line(f, blockValues{}).(log2Line)
		return details{smallest: exactDecimal(l.magnitude(1))}
	}
	if f.exponent == 1 {
		return details{smallest: fmt.Sprintf("2^(top-%d)", below)}
	}
	return details{smallest: fmt.Sprintf("2^(top-%d/%d)", below, f.exponent)}
}

// lattice is made of the smallest number, for whole powers of two.
func (log2Kind) lattice(f Format) (unit, most float64, ok bool) {
	if f.exponent != 1 {
		return 0, 0, false
	}
	most = power(f.powers() - 1)
	if f.scaleRule == ScaleGiven {
		return power(int(f.fraction)) / most, most, true
	}
	return 1 / most, most, true
}
