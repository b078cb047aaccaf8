package policy

import (
	stderrors "errors"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/internal/document"
	"github.com/halftone-go/halftone/internal/spelling"
	"github.com/halftone-go/halftone/qops/number"
)

// Keys of the top level and of a rule.
var (
	topKeys  = []string{"halftone", "default", "backward", "clipped", "batchnorm", "target", "rules"}
	ruleKeys = append([]string{"match", "op", "use", "operand", "takes", "tensor", "optional", "format", "target"}, roleNames()...)
)

// Parse reads a policy from data, the content of file (the name is for messages and for Policy.Name). Whether its
// rules match anything is seen only by Bind, and whether its targets exist only by Load.
//
// Errors name file, line and column, and what to write instead.
func Parse(file string, data []byte) (*Policy, error) {
	top, err := document.Parse(file, data)
	if err != nil {
		return nil, err
	}
	version, err := top.Need("halftone")
	if err != nil {
		return nil, err
	}
	if _, err := version.OneOf(Version); err != nil {
		return nil, err
	}
	if err := top.Only(topKeys...); err != nil {
		return nil, err
	}
	p := &Policy{Name: nameOf(file), File: file}
	if err := p.parseChoices(top); err != nil {
		return nil, err
	}
	if err := p.parseDefault(top); err != nil {
		return nil, err
	}
	if err := p.parseRules(top); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Policy) parseChoices(top document.Mapping) error {
	for _, choice := range []struct {
		key    string
		to     *string
		known  []string // any text, when empty
		needed bool
	}{
		{"backward", &p.Backward, backwards, true},
		{"clipped", &p.Clipped, clippings, true},
		{"batchnorm", &p.BatchNorm, batchnorms, false},
		{"target", &p.Target, nil, false},
	} {
		value, ok := top.Get(choice.key)
		if !ok {
			if choice.needed {
				return top.Errorf("the key %q is missing; write one of: %s", choice.key, strings.Join(choice.known, ", "))
			}
			continue
		}
		word, err := nonEmpty(value)
		if err != nil {
			return err
		}
		if choice.known != nil && !slices.Contains(choice.known, word) {
			return value.Errorf("%s", notKnown(choice.key, word, choice.known))
		}
		*choice.to = word
	}
	return nil
}

func (p *Policy) parseDefault(top document.Mapping) error {
	value, err := top.Need("default")
	if err != nil {
		return err
	}
	m, err := value.Mapping()
	if err != nil {
		return err
	}
	if err := m.Only(roleNames()...); err != nil {
		return err
	}
	if p.Default, err = parseFormats(m.Entries); err != nil {
		return err
	}
	if missing := p.missingRoles(); missing != nil {
		return value.Errorf("default has no format for %s", strings.Join(missing, ", "))
	}
	return nil
}

// parseFormats reads the entries whose keys are roles.
func parseFormats(entries []document.Entry) (map[Role]number.Format, error) {
	formats := map[Role]number.Format{}
	for _, entry := range entries {
		if !isRole(entry.Key) {
			continue
		}
		f, err := parseFormat(entry)
		if err != nil {
			return nil, err
		}
		if f.IsSum() && Role(entry.Key) != Sum {
			return nil, entry.Value.Errorf("%s: %s says how sums are taken and belongs to the role sum", entry.Key, f)
		}
		formats[Role(entry.Key)] = f
	}
	return formats, nil
}

// parseFormat reads a format, and shows with a caret where it is wrong.
func parseFormat(entry document.Entry) (number.Format, error) {
	text, err := entry.Value.String()
	if err != nil {
		return number.Format{}, err
	}
	f, err := number.Parse(text)
	var wrong *number.ParseError
	if stderrors.As(err, &wrong) {
		hint := ""
		if wrong.Nearest != "" {
			hint = "; nearest: " + wrong.Nearest
		}
		caret := strings.Repeat(" ", len([]rune(wrong.Input[:wrong.Offset]))) + "^"
		return f, entry.Value.Errorf("%s: %s%s\n    %s\n    %s", entry.Key, wrong.Message, hint, wrong.Input, caret)
	}
	return f, err
}

func (p *Policy) parseRules(top document.Mapping) error {
	value, ok := top.Get("rules")
	if !ok {
		return nil
	}
	list, err := value.List()
	if err != nil {
		return err
	}
	for _, node := range list {
		r, err := parseRule(node)
		if err != nil {
			return err
		}
		p.Rules = append(p.Rules, r)
	}
	return nil
}

func parseRule(node document.Node) (Rule, error) {
	m, err := node.Mapping()
	if err != nil {
		return Rule{}, err
	}
	if err := m.Only(ruleKeys...); err != nil {
		return Rule{}, err
	}
	r := Rule{Line: node.Line()}
	texts := map[string]*string{
		"match": &r.Match, "op": &r.Op, "use": &r.Use, "operand": &r.Operand, "takes": &r.Takes, "tensor": &r.Tensor, "target": &r.Target,
	}
	for _, entry := range m.Entries {
		if to, ok := texts[entry.Key]; ok {
			if *to, err = nonEmpty(entry.Value); err != nil {
				return Rule{}, err
			}
		}
		if entry.Key == "optional" {
			if r.Optional, err = entry.Value.Bool(); err != nil {
				return Rule{}, err
			}
		}
		if entry.Key == "format" {
			f, err := parseFormat(entry)
			if err != nil {
				return Rule{}, err
			}
			r.Format = &f
		}
		if entry.Key == "use" && !slices.Contains(uses, r.Use) {
			return Rule{}, entry.Value.Errorf("unknown use %q; nearest: %s", r.Use, spelling.Nearest(r.Use, uses, 1)[0])
		}
	}
	if r.Formats, err = parseFormats(m.Entries); err != nil {
		return Rule{}, err
	}
	if _, err := compileRule(&r); err != nil {
		return Rule{}, node.Errorf("%v", err)
	}
	return r, nil
}

func nonEmpty(value document.Node) (string, error) {
	text, err := value.String()
	if err == nil && text == "" {
		return "", value.Errorf("an empty string; leave the key out")
	}
	return text, err
}
