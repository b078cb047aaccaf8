package number

import (
	"fmt"
	"math"
)

// details are parts of a description that not every kind has.
type details struct {
	stepAtOne         string // from 1 to the next value
	smallest          string // positive value
	smallestNormal    string
	nan, infinity     string // what becomes of them
	gradient          string
	storagePerElement string // where it is no constant
}

// detailed is a kind with details of its own. Those that it leaves empty are those of all kinds.
type detailed interface {
	details(f Format) details
}

// detailsOf returns the details of a format, filled up with what holds for all kinds.
func detailsOf(f Format) details {
	var d details
	if k, ok := f.spec().(detailed); ok {
		d = k.details(f)
	}
	if f.IsSum() || f.IsFloat32() {
		return d
	}
	if step := f.Step(); step > 0 && d.stepAtOne == "" {
		d.stepAtOne, d.smallest = exactDecimal(step), exactDecimal(step)
	}
	d.nan = orElse(d.nan, "becomes 0")
	d.infinity = orElse(d.infinity, infinityText(f.overflow))
	d.gradient = orElse(d.gradient, gradientText)
	return d
}

// gradientText is the gradient rule of kinds that have no other.
const gradientText = "straight through; 0 where overflow acted, if asked for (clipped: zero)"

func infinityText(o Overflow) string {
	switch o {
	case Zero:
		return "becomes 0"
	default:
		return "becomes the end of the range"
	}
}

// storage tells how many bits a value takes with its share of what is stored per block.
func (f Format) storage(d details) string {
	element, block := f.BitsPerElement(), f.BitsPerBlock()
	switch {
	case d.storagePerElement != "":
		return d.storagePerElement
	case element == 0:
		return ""
	case block == 0:
		return fmt.Sprintf("%d bits per value", element)
	case f.block == Tiled:
		share := float64(element) + float64(block)/float64(f.tile.elements())
		return fmt.Sprintf("%s bits per value: %d, and %d for each block of %d", exactDecimal(share), element, block, f.tile.elements())
	default:
		return fmt.Sprintf("%d bits per value, and %d for each block", element, block)
	}
}

func (floatKind) details(f Format) details { return f.floatDetails(newFloatLine(f, 1)) }

func (f Format) floatDetails(l floatLine) details {
	d := details{
		stepAtOne:      exactDecimal(math.Ldexp(1, max(0, l.minExponent)-l.mantissa)),
		smallest:       exactDecimal(l.magnitude(1)),
		smallestNormal: exactDecimal(math.Ldexp(1, l.minExponent)),
	}
	if p := l.special(notANumber, false); p.class == notANumber {
		d.nan = fmt.Sprintf("code %#x", l.code(p))
	}
	p := l.special(infinite, false)
	switch {
	case f.overflow != Infinity:
	case p.class == infinite:
		d.infinity = fmt.Sprintf("code %#x", l.code(p))
	default:
		d.infinity = "becomes NaN"
	}
	return d
}

func (mxKind) details(f Format) details {
	if f.integer() {
		return details{nan: poisonText, smallest: exactDecimal(math.Ldexp(1, -int(f.fraction))) + " * 2^k"}
	}
	d := f.floatDetails(newFloatLine(f, 1))
	d.stepAtOne, d.smallest, d.smallestNormal = "", d.smallest+" * 2^k", d.smallestNormal+" * 2^k"
	d.nan = orElse(d.nan, poisonText)
	return d
}

func (nvKind) details(Format) details {
	return details{nan: poisonText, smallest: "0.5 * scale", smallestNormal: "1 * scale"}
}

// poisonText says what NaN does to blocks whose elements have no code for it.
const poisonText = "makes its whole block NaN"

func (bfpKind) details(f Format) details {
	return details{smallest: fmt.Sprintf("2^(E%+d)", 2-int(f.width))}
}

func (intKind) details(f Format) details {
	if f.scaleRule == ScaleGiven {
		return details{}
	}
	return details{smallest: "scale"}
}
