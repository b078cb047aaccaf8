package number

import (
	"slices"
	"strings"

	"github.com/halftone-go/halftone/internal/spelling"
)

// repair returns a valid format string near s: known words for misspelt ones, what is missing added; the example of
// the nearest kind if that is not enough.
func repair(s string) string {
	s = s[:min(len(s), maxInput)]
	name, _ := kindName(s)
	k := nearestKind(name)
	rest := strings.TrimLeft(s[len(name):], ":")
	_, exampleRest, _ := strings.Cut(k.example(), ":")
	rest, _, _ = strings.Cut(rest, "+")
	head, tail, _ := strings.Cut(rest, ",")
	exampleHead, _, _ := strings.Cut(exampleRest, ",")
	for _, candidate := range []string{head, exampleHead} {
		for _, keepOptions := range []bool{true, false} {
			fixed := k.name()
			if candidate != "" {
				fixed += ":" + candidate
			}
			fixed += repairedParts(k, headOf(k, fixed), tail, keepOptions)
			if f, err := parse(fixed); err == nil {
				return f.String()
			}
		}
	}
	return k.example()
}

// headOf returns what the head of a format string says, whatever is wrong with the string.
func headOf(k kind, s string) Format {
	p := &parser{input: s, body: s}
	p.split(len(k.name()), strings.Contains(s, ":"))
	var f Format
	k.parse(p, &f)
	return f
}

func nearestKind(name string) kind {
	nearestName := nearest(name, Kinds())
	for _, k := range kinds {
		if k.name() == nearestName {
			return k
		}
	}
	return fixedKind{}
}

// repairedParts returns the parts that a kind needs, each with the comma before it, as near as can be to those in tail.
func repairedParts(k kind, head Format, tail string, keepOptions bool) string {
	known := k.parts(head)
	var choice, rounding, overflow string
	options := map[string]string{}
	var unknown []string
	for _, part := range strings.Split(tail, ",") {
		if key, value, found := strings.Cut(part, "="); found {
			options[nearest(key, known.options)] = repairedValue(nearest(key, known.options), value)
		} else if _, err := ParseRounding(part); err == nil {
			rounding = part
		} else {
			unknown = append(unknown, part)
		}
	}
	words := append(known.overflowNames(), known.choices...)
	if rounding == "" {
		words = append(known.words(), known.choices...)
	}
	for _, part := range unknown {
		switch word := nearest(part, words); {
		case word == "":
		case slices.Contains(known.overflowNames(), word):
			overflow = word
		case slices.Contains(known.choices, word):
			choice = word
		default:
			rounding = word
		}
	}
	var out strings.Builder
	if len(known.choices) > 0 {
		out.WriteString("," + orElse(choice, known.choices[0]))
	}
	for _, key := range known.options {
		if value := options[key]; value != "" && keepOptions {
			out.WriteString("," + key + "=" + value)
		} else if key == "scale" {
			out.WriteString(",scale=" + exampleOption(k, key))
		}
	}
	if known.rounding {
		out.WriteString("," + orElse(rounding, NearestEven.String()))
	}
	if len(known.overflows) > 0 {
		out.WriteString("," + orElse(overflow, known.overflows[0].String()))
	}
	return out.String()
}

// repairedValue returns the word nearest to the value of an option, where the option's values are words.
func repairedValue(key, value string) string {
	isSize := value != "" && value[0] >= '0' && value[0] <= '9'
	if key != "block" || isSize {
		return value
	}
	return nearest(value, BlockNames())
}

// exampleOption returns the value that an option has in the kind's example.
func exampleOption(k kind, key string) string {
	for _, part := range strings.Split(k.example(), ",") {
		if name, value, _ := strings.Cut(part, "="); name == key {
			return value
		}
	}
	return ""
}

// words lists the roundings and overflows of a kind.
func (p parts) words() []string {
	if !p.rounding {
		return p.overflowNames()
	}
	return append(Roundings(), p.overflowNames()...)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// nearest returns the known word with the fewest edits from word, or "" when each would have to be replaced as a whole.
func nearest(word string, known []string) string {
	for _, candidate := range spelling.Nearest(word, known, 1) {
		if spelling.Distance(word, candidate) < max(len(word), len(candidate)) {
			return candidate
		}
	}
	return ""
}
