package optimizers

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Option describes one option of an optimizer.
type Option struct {
	// Key is the name in key=value.
	Key string
	// Value is the current value, after New the default.
	Value string
	// Help says what the option means.
	Help string
}

// option ties an Option to the field of a configuration.
type option struct {
	Option
	set func(value string) error
}

// binder collects the options of a configuration; every configuration binds its own fields.
type binder struct{ options []option }

func (b *binder) add(key, value, help string, set func(string) error) {
	b.options = append(b.options, option{Option{key, value, help}, set})
}

// interval is a set of admissible numbers and its name in messages.
type interval struct {
	name     string
	contains func(float64) bool
}

var (
	positive    = interval{"a positive number", func(x float64) bool { return x > 0 }}
	notNegative = interval{"a number that is not negative", func(x float64) bool { return x >= 0 }}
	belowOne    = interval{"a number from 0 up to, but not including, 1", func(x float64) bool { return x >= 0 && x < 1 }}
)

func (i interval) check(key string, x float64) error {
	if math.IsInf(x, 0) || !i.contains(x) {
		return errors.Errorf("option %s is %v, want %s", key, x, i.name)
	}
	return nil
}

func (b *binder) number(field *float64, key string, want interval, help string) {
	b.add(key, strconv.FormatFloat(*field, 'g', -1, 64), help, func(value string) error {
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return errors.Errorf("option %s is %q, want %s", key, value, want.name)
		}
		if err := want.check(key, x); err != nil {
			return err
		}
		*field = x
		return nil
	})
}

func (b *binder) span(field *Span, key, help string) {
	b.add(key, field.String(), help, func(value string) error {
		s, err := ParseSpan(value)
		if err != nil {
			return errors.Wrapf(err, "option %s", key)
		}
		*field = s
		return nil
	})
}

// choice binds a field that holds one of a few words, the first of which is its zero value's meaning.
func choice[S ~string](b *binder, field *S, key string, words []S, help string) {
	current := *field
	if current == "" {
		current = words[0]
	}
	b.add(key, string(current), fmt.Sprintf("%s: %s", help, join(words)), func(value string) error {
		for _, w := range words {
			if value == string(w) {
				*field = w
				return nil
			}
		}
		return errors.Errorf("option %s is %q, want one of: %s", key, value, join(words))
	})
}

func join[S ~string](words []S) string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = string(w)
	}
	return strings.Join(plain, ", ")
}

// set applies key=value assignments to the bound fields.
func (b *binder) set(optimizer string, assignments []string) error {
	seen := map[string]bool{}
	for _, assignment := range assignments {
		key, value, found := strings.Cut(assignment, "=")
		if !found {
			return errors.Errorf("option %q of %s has no value: write key=value", assignment, optimizer)
		}
		o := b.find(key)
		if o == nil {
			return errors.Errorf("%s has no option %q; it has: %s", optimizer, key, strings.Join(b.keys(), ", "))
		}
		if seen[key] {
			return errors.Errorf("option %s of %s is given twice", key, optimizer)
		}
		seen[key] = true
		if err := o.set(value); err != nil {
			return errors.Wrap(err, optimizer)
		}
	}
	return nil
}

func (b *binder) find(key string) *option {
	for i := range b.options {
		if b.options[i].Key == key {
			return &b.options[i]
		}
	}
	return nil
}

func (b *binder) keys() []string {
	keys := make([]string, len(b.options))
	for i, o := range b.options {
		keys[i] = o.Key
	}
	return keys
}
