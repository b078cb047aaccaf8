package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/qops/number"
)

// Version is the first line of a policy file.
const Version = "policy/1"

// YAML writes the policy in full: every role, then every rule on a line of its own. Parse reads it back.
func (p *Policy) YAML() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "halftone: %s\ndefault:\n", Version)
	for _, role := range roles {
		if f, ok := p.Default[role]; ok {
			fmt.Fprintf(&out, "  %s: %s\n", role, quote(f.String()))
		}
	}
	for _, pair := range p.choices() {
		if pair.value != "" {
			fmt.Fprintf(&out, "%s: %s\n", pair.key, quote(pair.value))
		}
	}
	if len(p.Rules) > 0 {
		out.WriteString("rules:\n")
	}
	for i := range p.Rules {
		fmt.Fprintf(&out, "  - %s\n", p.Rules[i].flow())
	}
	return out.Bytes()
}

type pair struct{ key, value string }

// choices returns the keys of the top level that choose from a list or name something.
func (p *Policy) choices() []pair {
	return []pair{{"backward", p.Backward}, {"clipped", p.Clipped}, {"batchnorm", p.BatchNorm}, {"target", p.Target}}
}

// flow writes the rule on one line.
func (r *Rule) flow() string {
	pairs := r.conditions()
	for _, role := range roles {
		if f, ok := r.Formats[role]; ok {
			pairs = append(pairs, pair{string(role), f.String()})
		}
	}
	pairs = append(pairs, pair{"format", formatString(r.Format)}, pair{"target", r.Target})
	text := flow(pairs)
	if r.Optional {
		text = strings.TrimSuffix(text, "}") + ", optional: true}"
	}
	return text
}

// conditions returns the keys that say where the rule holds.
func (r *Rule) conditions() []pair {
	return []pair{{"match", r.Match}, {"op", r.Op}, {"use", r.Use}, {"operand", r.Operand}, {"takes", r.Takes}, {"tensor", r.Tensor}}
}

func flow(pairs []pair) string {
	var parts []string
	for _, pair := range pairs {
		if pair.value != "" {
			parts = append(parts, pair.key+": "+quote(pair.value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func formatString(f *number.Format) string {
	if f == nil {
		return ""
	}
	return f.String()
}

var (
	plainWord = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	// reserved words mean something else without quotes, to some YAML reader.
	reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// quote writes s as a YAML scalar that may stand inside braces. JSON strings are YAML ones.
func quote(s string) string {
	if plainWord.MatchString(s) && !slices.Contains(reserved, s) {
		return s
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always has a JSON form
	}
	return strings.TrimSuffix(out.String(), "\n")
}
