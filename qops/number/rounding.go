package number

import (
	"strconv"
	"strings"
)

// Rounding tells which of its two neighbours on the grid a value between them becomes.
type Rounding uint8

// The deterministic roundings. A value on the grid stays there under every one of them.
const (
	NearestEven Rounding = iota // rne: the nearer; ties to the even code
	NearestAway                 // rna: the nearer; ties away from zero
	NearestUp                   // rnu: the nearer; ties to +infinity (AP_RND of ap_fixed)
	NearestDown                 // rnd: the nearer; ties to -infinity
	NearestZero                 // rnz: the nearer; ties to zero
	Floor                       // floor: to -infinity
	Ceil                        // ceil: to +infinity
	Trunc                       // trunc: to zero
	Odd                         // odd: to the odd code of the two

	deterministic = int(iota)
)

// randomBits is the number of random bits that the stream draws per element.
const randomBits = 16

// roundings are the words of the deterministic roundings, in the order of the constants.
var roundings = [deterministic]word{
	NearestEven: {"rne", "the nearer; ties to the even code"},
	NearestAway: {"rna", "the nearer; ties away from zero"},
	NearestUp:   {"rnu", "the nearer; ties to +infinity"},
	NearestDown: {"rnd", "the nearer; ties to -infinity"},
	NearestZero: {"rnz", "the nearer; ties to zero"},
	Floor:       {"floor", "to -infinity"},
	Ceil:        {"ceil", "to +infinity"},
	Trunc:       {"trunc", "to zero"},
	Odd:         {"odd", "to the odd code of the two neighbours"},
}

// Stochastic is rounding with the given number of random bits, 1 to 16 (sr1 to sr16; sr is sr16): up with the
// probability of the distance to the lower neighbour, cut to that many bits,
//
//	code = (floor(x/step * 2^bits) + r) >> bits,  0 <= r < 2^bits
//
// so its mean is at most 2^-bits steps below x. Numbers of bits outside the range are brought to its end.
func Stochastic(bits int) Rounding {
	return Rounding(deterministic - 1 + min(max(bits, 1), randomBits))
}

// Bits returns the number of random bits, 0 for a deterministic rounding.
func (r Rounding) Bits() int {
	return max(int(r)-deterministic+1, 0)
}

// Stochastic reports whether the rounding uses random bits.
func (r Rounding) Stochastic() bool { return r.Bits() > 0 }

// String returns the name of the rounding in a format string.
func (r Rounding) String() string {
	switch bits := r.Bits(); bits {
	case 0:
		return roundings[r].name
	case randomBits:
		return "sr"
	default:
		return "sr" + strconv.Itoa(bits)
	}
}

// Roundings lists the names of the roundings; sr1 to sr15 are left to the mention of sr.
func Roundings() []string {
	return append(names(roundings[:]), "sr")
}

// ParseRounding reads a rounding's name, sr16 being another name of sr.
func ParseRounding(name string) (Rounding, error) {
	for i, known := range roundings {
		if name == known.name {
			return Rounding(i), nil
		}
	}
	if name == "sr" {
		return Stochastic(randomBits), nil
	}
	digits, found := strings.CutPrefix(name, "sr")
	bits, err := strconv.Atoi(digits)
	if found && err == nil && bits >= 1 && bits <= randomBits && strconv.Itoa(bits) == digits {
		return Stochastic(bits), nil
	}
	return 0, &ParseError{
		Input: name, Message: "unknown rounding " + strconv.Quote(name) + "; known are " + strings.Join(Roundings(), " ") + " and sr1 to sr16",
		Nearest: nearest(name, Roundings()),
	}
}

// inward reports whether values of the sign that lie beyond the ends of a range are rounded towards it: IEEE 754 gives
// them the end under overflow to infinity.
func (r Rounding) inward(negative bool) bool {
	switch r {
	case Trunc, Odd:
		return true
	case Floor:
		return !negative
	case Ceil:
		return negative
	default:
		return false
	}
}

// up reports whether the value floor + (top + rest)/2^16 rounds to floor + 1, for random bits r of which the top ones
// are used. It is the definition of all roundings.
func (r Rounding) up(q quotient, negative bool, random uint32) bool {
	const half = 1 << 15
	var (
		exact = q.top == 0 && !q.rest
		tie   = q.top == half && !q.rest
		above = q.top >= half && !tie
		odd   = q.floor&1 != 0
	)
	if bits := r.Bits(); bits > 0 {
		drop := randomBits - bits
		return q.top>>drop+(random&0xffff)>>drop >= 1<<bits
	}
	if exact {
		return false
	}
	switch r {
	case NearestEven:
		return above || tie && odd
	case NearestAway:
		return above || tie && !negative
	case NearestUp:
		return above || tie
	case NearestDown:
		return above
	case NearestZero:
		return above || tie && negative
	case Ceil:
		return true
	case Trunc:
		return negative
	case Odd:
		return !odd
	default: // Floor
		return false
	}
}
