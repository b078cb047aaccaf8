package number

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseError tells where a format string is wrong.
type ParseError struct {
	Input   string
	Offset  int    // in bytes; len(Input) when something is missing at the end
	Message string // what is wrong, and what to write instead
	Nearest string // the nearest valid string
}

func (e *ParseError) Error() string {
	message := fmt.Sprintf("format %q, at offset %d: %s", e.Input, e.Offset, e.Message)
	if e.Nearest != "" {
		message += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return message
}

// maxInput bounds a format string; the longest valid one is far shorter.
const maxInput = 256

// Parse reads a format string: the kind, a colon, the widths, then rounding, overflow and key=value options in any
// order, separated by commas. The error is a *ParseError.
func Parse(s string) (Format, error) {
	f, err := parse(s)
	if err != nil {
		err.Nearest = repair(s)
		return Format{}, err
	}
	return f, nil
}

// MustParse is Parse for strings that are part of the program; it panics on an error.
func MustParse(s string) Format {
	f, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return f
}

func parse(s string) (Format, *ParseError) {
	p := &parser{input: s}
	if len(s) > maxInput {
		p.input = s[:maxInput]
		p.fail(maxInput, "longer than %d bytes", maxInput)
		return Format{}, p.err
	}
	name, colon := kindName(s)
	for i, k := range kinds {
		if k.name() != name {
			continue
		}
		f := Format{kind: uint8(i)}
		p.cutCompat(&f)
		p.split(len(name), colon)
		k.parse(p, &f)
		p.common(k, &f)
		p.leftover()
		p.checkOrder(f)
		p.checkCompat(k, f)
		return f, p.err
	}
	p.fail(0, "unknown kind %q; known are %s", name, strings.Join(Kinds(), " "))
	return Format{}, p.err
}

// kindName returns the word at the front, and whether a colon follows it.
func kindName(s string) (name string, colon bool) {
	if end := strings.IndexAny(s, ":,+"); end >= 0 {
		return s[:end], s[end] == ':'
	}
	return s, false
}

// parser holds the pieces of a format string, and the error that lies furthest left.
type parser struct {
	input  string
	body   string // input without the name of a peer at its end
	head   string // what follows the colon, up to the first comma
	headAt int
	fields []field
	err    *ParseError
}

// field is a part between commas after the head: key=value, or a word with an empty key.
type field struct {
	key, value  string
	at, valueAt int
	used        bool
}

// fail records an error, unless there is one further left.
func (p *parser) fail(offset int, format string, arguments ...any) {
	if p.err == nil || offset < p.err.Offset {
		p.err = &ParseError{Input: p.input, Offset: offset, Message: fmt.Sprintf(format, arguments...)}
	}
}

// split cuts what follows the kind's name into head and fields.
func (p *parser) split(nameLength int, colon bool) {
	p.headAt = nameLength
	if !colon {
		return
	}
	p.headAt++
	at := p.headAt
	for i, part := range strings.Split(p.body[at:], ",") {
		if i == 0 {
			p.head = part
		} else {
			f := field{value: part, at: at, valueAt: at}
			if key, value, found := strings.Cut(part, "="); found {
				f.key, f.value, f.valueAt = key, value, at+len(key)+1
			}
			p.fields = append(p.fields, f)
		}
		at += len(part) + 1
	}
}

// common reads rounding and overflow, and refuses what the kind does not know.
func (p *parser) common(k kind, f *Format) {
	known := k.parts(*f)
	var hasRounding, hasOverflow bool
	for i := range p.fields {
		part := &p.fields[i]
		if part.key != "" || part.valueAt != part.at {
			continue
		}
		part.used = true
		reason := refused(k, *f, part.value)
		if r, err := ParseRounding(part.value); err == nil && known.rounding && reason == "" {
			p.once(part, "rounding", &hasRounding)
			f.rounding = r
			continue
		}
		if o, ok := known.overflow(part.value); ok && reason == "" {
			p.once(part, "overflow", &hasOverflow)
			f.overflow = o
			continue
		}
		if reason == "" {
			reason = refusal(k, known, part.value)
		}
		p.fail(part.at, "%s", reason)
	}
	if known.rounding && !hasRounding {
		p.fail(len(p.input), "the rounding is missing: one of %s sr1..sr16", strings.Join(Roundings(), " "))
	}
	if len(known.overflows) > 0 && !hasOverflow {
		p.fail(len(p.input), "the overflow is missing: one of %s", strings.Join(known.overflowNames(), " "))
	}
}

// once fails when the part was there before.
func (p *parser) once(part *field, what string, seen *bool) {
	if *seen {
		p.fail(part.at, "a second %s, %q", what, part.value)
	}
	*seen = true
}

// overflow returns the overflow mode of that name, if the kind has it.
func (p parts) overflow(name string) (Overflow, bool) {
	for _, o := range p.overflows {
		if o.String() == name {
			return o, true
		}
	}
	return 0, false
}

func (p parts) overflowNames() []string {
	names := make([]string, len(p.overflows))
	for i, o := range p.overflows {
		names[i] = o.String()
	}
	return names
}

// refused returns the kind's own reason for not taking a rounding or an overflow, or "".
func refused(k kind, f Format, word string) string {
	if r, ok := k.(refuser); ok {
		return r.refuse(f, word)
	}
	return ""
}

// refusal says why a word is not accepted.
func refusal(k kind, known parts, word string) string {
	what := strings.Join(known.overflowNames(), " ")
	switch {
	case word == "":
		return "an empty part; remove the comma"
	case word == Infinity.String() && len(known.overflows) > 0:
		return fmt.Sprintf("overflow inf needs a format with a code for infinity or NaN, and %s has none: use %s", k.name(), strings.Join(known.overflowNames(), ", "))
	case !known.rounding && len(known.overflows) == 0:
		return fmt.Sprintf("unknown part %q: %s takes neither a rounding nor an overflow", word, k.name())
	case !known.rounding:
		return fmt.Sprintf("unknown part %q of %s: expected an overflow (%s)", word, k.name(), what)
	case len(known.overflows) == 0:
		return fmt.Sprintf("unknown part %q of %s: expected a rounding (%s sr1..sr16)", word, k.name(), strings.Join(Roundings(), " "))
	default:
		return fmt.Sprintf("unknown part %q of %s: expected a rounding (%s sr1..sr16) or an overflow (%s)",
			word, k.name(), strings.Join(Roundings(), " "), what)
	}
}

// option returns the value of key=value and where it is, or "" if it is not there.
func (p *parser) option(key string) (value string, at int) {
	found := false
	for i := range p.fields {
		part := &p.fields[i]
		if part.key != key || part.used {
			continue
		}
		part.used = true
		p.once(part, key, &found)
		if part.value == "" {
			p.fail(part.valueAt, "the value of %s= is missing", key)
		}
		value, at = part.value, part.valueAt
	}
	return value, at
}

// leftover fails on options that the kind did not ask for.
func (p *parser) leftover() {
	for _, part := range p.fields {
		if !part.used {
			p.fail(part.at, "unknown option %q", part.key+"=")
		}
	}
}

// noOptions fails on key=value.
func (p *parser) noOptions(kind string) {
	for _, part := range p.fields {
		if part.key != "" && !part.used {
			p.fail(part.at, "%s takes no option, got %q", kind, part.key+"=")
		}
	}
}

// number reads a letter and an integer from the front of the head, such as w8, or fails naming what is missing.
func (p *parser) number(letter, what string, lo, hi int) int {
	digits, found := strings.CutPrefix(p.head, letter)
	if !found {
		p.fail(p.headAt, "%s is missing: write %s and a number", what, letter)
		return lo
	}
	end := 0
	for end < len(digits) && (digits[end] >= '0' && digits[end] <= '9' || end == 0 && digits[end] == '-') {
		end++
	}
	n, err := strconv.Atoi(digits[:end])
	if err != nil || strconv.Itoa(n) != digits[:end] {
		p.fail(p.headAt+len(letter), "%s after %s must be a whole number, got %q", what, letter, digits[:end])
		n = lo
	}
	if n < lo || n > hi {
		p.fail(p.headAt+len(letter), "%s must be in %d to %d, got %d", what, lo, hi, n)
		n = lo
	}
	p.head = digits[end:]
	p.headAt += len(letter) + end
	return n
}

// word reads one of the words from the front of the head, the longest that fits, or fails naming what is missing. It
// returns the word's place among them.
func (p *parser) word(what string, words []string) int {
	found := -1
	for i, w := range words {
		if strings.HasPrefix(p.head, w) && (found < 0 || len(w) > len(words[found])) {
			found = i
		}
	}
	if found < 0 {
		p.fail(p.headAt, "%s is missing: one of %s", what, strings.Join(words, " "))
		return 0
	}
	p.head = p.head[len(words[found]):]
	p.headAt += len(words[found])
	return found
}

// endHead fails when something follows the head's numbers.
func (p *parser) endHead() {
	if p.head != "" {
		p.fail(p.headAt, "unexpected %q; a comma comes here", p.head)
	}
}

// noHead fails when a kind that is a single word is followed by more.
func (p *parser) noHead(name string) {
	if rest := p.body[len(name):]; rest != "" {
		p.fail(len(name), "%s stands alone, got %q after it", name, rest)
	}
}
