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
	head, tail, _ := strings.Cut(rest, ",")
	exampleHead, _, _ := strings.Cut(exampleRest, ",")
	for _, candidate := range []string{head, exampleHead} {
		fixed := k.name()
		if candidate != "" {
			fixed += ":" + candidate
		}
		fixed += repairedParts(k, tail)
		if f, err := parse(fixed); err == nil {
			return f.String()
		}
	}
	return k.example()
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
func repairedParts(k kind, tail string) string {
	known := k.parts()
	var rounding, overflow string
	options := map[string]string{}
	for _, part := range strings.Split(tail, ",") {
		if key, value, found := strings.Cut(part, "="); found {
			options[nearest(key, known.options)] = value
			continue
		}
		if _, err := ParseRounding(part); err == nil {
			rounding = part
			continue
		}
		switch word := nearest(part, known.words()); {
		case word == "":
		case slices.Contains(known.overflowNames(), word):
			overflow = word
		default:
			rounding = word
		}
	}
	var out strings.Builder
	for _, key := range known.options {
		if value := options[key]; value != "" {
			out.WriteString("," + key + "=" + value)
		} else if key == "scale" {
			out.WriteString(",scale=max")
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
