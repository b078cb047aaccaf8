package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// check returns an error if the policy, rules aside, is not complete.
func (p *Policy) check() error {
	if missing := p.missingRoles(); missing != nil {
		return errors.Errorf("%s: default has no format for %s", p.place(), strings.Join(missing, ", "))
	}
	for _, v := range []struct {
		key, value string
		known      []string
	}{
		{"backward", p.Backward, backwards},
		{"clipped", p.Clipped, clippings},
		{"batchnorm", p.BatchNorm, append([]string{""}, batchnorms...)},
	} {
		if !slices.Contains(v.known, v.value) {
			return errors.Errorf("%s: %s", p.place(), notKnown(v.key, v.value, v.known))
		}
	}
	return nil
}

// Values of the keys that choose, as this version has them.
var (
	backwards  = []string{EveryOp, AtQuantizers}
	clippings  = []string{Pass, Zero}
	batchnorms = []string{Fold}
	uses       = []string{Forward, BackwardData, BackwardWeight}
)

func notKnown(key, value string, known []string) string {
	return fmt.Sprintf("%s: %q is not in this version, which has: %s", key, value, strings.Join(known, ", "))
}

func (p *Policy) missingRoles() []string {
	var missing []string
	for _, role := range roles {
		if _, ok := p.Default[role]; !ok {
			missing = append(missing, string(role))
		}
	}
	return missing
}

// place is what an error calls the policy.
func (p *Policy) place() string {
	if p.File != "" {
		return p.File
	}
	return "policy " + p.Name
}

// ruleAt is what an error calls the rule with index i.
func (p *Policy) ruleAt(i int) string {
	if line := p.Rules[i].Line; line > 0 {
		return fmt.Sprintf("%s:%d: rule %d", p.place(), line, i+1)
	}
	return fmt.Sprintf("%s: rule %d", p.place(), i+1)
}
