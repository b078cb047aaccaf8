package number

import (
	"fmt"
	"slices"
	"strings"
)

// compat names a program whose results a format follows to the bit, with what it does otherwise than the format's
// definition. It stands at the end of a format string, behind a plus.
type compat uint8

// maxCompatMantissa is the widest mantissa that QPyTorch rounds without an undefined shift.
const maxCompatMantissa = 22

const (
	noCompat compat = iota
	qpytorch        // QPyTorch 0.3, its kernels for the processor
	swalp           // the quantizer of the authors of SWALP
)

var compatWords = [...]word{
	qpytorch: {"qpytorch", "to the bit what QPyTorch computes on a processor"},
	swalp:    {"swalp", "to the bit what the code of SWALP's authors computes"},
}

func (c compat) String() string {
	if c == noCompat {
		return ""
	}
	return "+" + compatWords[c].name
}

// cutCompat takes +NAME from the end of the input.
func (p *parser) cutCompat(f *Format) {
	p.body = p.input
	at := strings.LastIndexByte(p.input, '+')
	if at < 0 {
		return
	}
	p.body = p.input[:at]
	name := p.input[at+1:]
	for i, w := range compatWords {
		if w.name == name && name != "" {
			f.compat = compat(i)
			return
		}
	}
	p.fail(at+1, "unknown program %q after the plus; known are %s", name, strings.Join(names(compatWords[1:]), " "))
}

// checkCompat refuses a program that has no such format.
func (p *parser) checkCompat(k kind, f Format) {
	if f.compat == noCompat {
		return
	}
	if slices.Contains(k.parts(f).compats, f.compat) {
		if reason := f.compatReason(); reason != "" {
			p.fail(len(p.body), "%s", reason)
		}
		return
	}
	reason := refused(k, f, compatWords[f.compat].name)
	if reason == "" {
		reason = compatWords[f.compat].name + " has no format " + k.name()
	}
	p.fail(len(p.body), "%s", reason)
}

// compatReason says what the program cannot do that the format asks for, or "".
func (f Format) compatReason() string {
	name := compatWords[f.compat].name
	limited := f.overflow == Saturate || f.overflow == Symmetric
	switch {
	case f.rounding != NearestEven && !f.Stochastic():
		return name + " rounds to nearest, its own way, which is written rne here, or sr"
	case f.unsigned:
		return name + " has no unsigned formats: use wWfF"
	case f.kind != bfpIndex && !limited:
		return name + " saturates: use sat or sym"
	case f.kind != bfpIndex:
	case f.compat == qpytorch && f.overflow != Symmetric:
		return name + " keeps the range of blocks symmetric: use sym"
	case f.compat == swalp && f.overflow != Saturate:
		return name + " keeps the lowest code of blocks: use sat"
	case f.compat == qpytorch && f.exponent != 8:
		return name + " has no limit to the exponent of blocks but that of float32: use e8"
	}
	if f.compat == qpytorch && f.mantissaBits() > maxCompatMantissa {
		return fmt.Sprintf("%s shifts by a negative number where mantissas are wider than %d bits", name, maxCompatMantissa)
	}
	return ""
}

// mantissaBits is the number of bits that QPyTorch keeps of a mantissa; 0 for fixed point.
func (f Format) mantissaBits() int {
	switch f.kind {
	case bfpIndex:
		return int(f.width)
	case floatIndex:
		return int(f.fraction)
	default:
		return 0
	}
}
