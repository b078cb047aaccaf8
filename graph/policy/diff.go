package policy

import "fmt"

// Difference is a part of two policies in which they differ. A side that lacks the part is empty.
type Difference struct {
	Part string // "default ROLE", a key of the top level, or "rule"
	A, B string
}

// Diff returns where a and b differ: the defaults in the order of roles, the other keys, then the rules. Rules are laid
// side by side, in order, where they hold at the same places.
func Diff(a, b *Policy) []Difference {
	var differences []Difference
	add := func(part, inA, inB string) {
		if inA != inB {
			differences = append(differences, Difference{part, inA, inB})
		}
	}
	for _, role := range roles {
		add(fmt.Sprintf("default %s", role), a.defaultString(role), b.defaultString(role))
	}
	choicesOfB := b.choices()
	for i, choice := range a.choices() {
		add(choice.key, choice.value, choicesOfB[i].value)
	}
	for _, pair := range align(a.places(), b.places()) {
		add("rule", a.ruleString(pair.a), b.ruleString(pair.b))
	}
	return differences
}

func (p *Policy) defaultString(role Role) string {
	f, ok := p.Default[role]
	if !ok {
		return ""
	}
	return f.String()
}

// places returns for every rule where it holds.
func (p *Policy) places() []string {
	places := make([]string, len(p.Rules))
	for i := range p.Rules {
		places[i] = flow(p.Rules[i].conditions())
	}
	return places
}

// ruleString returns the rule with index i, or nothing for absent.
func (p *Policy) ruleString(i int) string {
	if i == absent {
		return ""
	}
	return p.Rules[i].flow()
}

// alignment holds the indices of lines that lie side by side, or absent where the other list has none.
type alignment struct{ a, b int }

const absent = -1

// align lays a and b side by side along their longest common subsequence.
func align(a, b []string) []alignment {
	// What both begin and end with is common, and leaves little for the table below.
	head, endA, endB := 0, len(a), len(b)
	for head < endA && head < endB && a[head] == b[head] {
		head++
	}
	for endA > head && endB > head && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	var lines []alignment
	for i := range head {
		lines = append(lines, alignment{i, i})
	}
	common := commonLengths(a[head:endA], b[head:endB])
	i, j := head, head
	for i < endA || j < endB {
		switch {
		case i < endA && j < endB && a[i] == b[j]:
			lines = append(lines, alignment{i, j})
			i, j = i+1, j+1
		case j == endB || i < endA && common[i-head+1][j-head] >= common[i-head][j-head+1]:
			lines = append(lines, alignment{i, absent})
			i++
		default:
			lines = append(lines, alignment{absent, j})
			j++
		}
	}
	for ; i < len(a); i, j = i+1, j+1 {
		lines = append(lines, alignment{i, j})
	}
	return lines
}

// commonLengths returns at [i][j] the length of the longest common subsequence of a[i:] and b[j:].
func commonLengths(a, b []string) [][]int32 {
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
