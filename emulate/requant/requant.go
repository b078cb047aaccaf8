// Package requant holds the rules that bring an integer accumulator back to a code, as pure scalar functions.
//
// Integer inference agrees everywhere on the sum of products; all disagreement is in what follows: how the real scale is
// represented, where it is rounded, and to which side ties go. Each rule is one file with its formula, its ties, its
// source, its ranges and what happens beyond them. The simulated graph, the emulator and the hardware generator call the
// same functions.
//
// A rule maps an accumulator and a multiplier to an integer. What follows it is the same for all: the output's zero point
// is added without overflow, then the result is clamped:
//
//	code = clamp(rule.Apply(acc, m) + zero, lo, hi)
//
// Besides the rules the package has the scalar definitions of the integer operators around them that follow LiteRT's int8
// reference kernels: [AffineQuantize], [Add], [Mean].
package requant

import (
	"math"
	"sort"
	"strings"

	"github.com/pkg/errors"
)

// Multiplier represents a real scale in registers.
//
// The rules with a multiplier follow TFLite's convention, scale ~ M * 2^(Shift-31). The shift.* rules have no multiplier:
// scale = 2^Shift, so that an accumulator is shifted right by -Shift, and M is 0.
type Multiplier struct {
	M     int32
	Shift int
}

// Rule is one way to requantize.
type Rule interface {
	// Name is how targets and the command line call the rule.
	Name() string
	// Info says what the rule computes, where it comes from and in which ranges it is defined.
	Info() Info
	// Multiplier gives the registers for a real scale. It is an error if the rule cannot represent the scale; the message
	// says what scales it can.
	Multiplier(scale float64) (Multiplier, error)
	// Apply scales and rounds acc, before the zero point and the clamp. Inside the ranges of Info the result is as the
	// formula says; beyond them it is still defined, as the rule's documentation says, and never a panic.
	Apply(acc int64, m Multiplier) int64
}

// Info describes a rule.
type Info struct {
	Formula string // in the notation of the rule's documentation
	Ties    string // where a value halfway between two integers goes
	Source  string // the code that defines the rule
	// AccumulatorBits is the widest two's complement accumulator that the rule takes.
	AccumulatorBits int
	// MultiplierBits is the width of the unsigned multiplier register; 0 means that the rule only shifts.
	MultiplierBits int
	// MinShift and MaxShift bound Multiplier.Shift.
	MinShift, MaxShift int
}

// rules is the list of all rules, in the order in which they are shown.
var rules = []Rule{
	tfliteSingle{},
	tfliteDouble{},
	xnnpackNearestUp{},
	xnnpackNearestAway{},
	shiftNearestEven,
	shiftNearestAway,
	shiftNearestUp,
	shiftFloor,
}

// Names lists the rules.
func Names() []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name()
	}
	return names
}

// Get finds a rule by its name. The error of an unknown name lists the known ones.
func Get(name string) (Rule, error) {
	for _, r := range rules {
		if r.Name() == name {
			return r, nil
		}
	}
	known := Names()
	sort.Strings(known)
	return nil, errors.Errorf("unknown requantization %q; known are %s", name, strings.Join(known, ", "))
}

// Clamp returns v limited to lo..hi.
func Clamp(v, lo, hi int64) int64 {
	return max(lo, min(v, hi))
}

// checkScale refuses scales that no rule can represent.
func checkScale(rule string, scale float64) error {
	if math.IsNaN(scale) || math.IsInf(scale, 0) || scale < 0 {
		return errors.Errorf("%s: scale %v is not a finite number >= 0", rule, scale)
	}
	return nil
}

// limitShift brings a shift into lo..hi, so that a multiplier from outside cannot shift by a negative amount.
func limitShift(shift, lo, hi int) int {
	return max(lo, min(shift, hi))
}
