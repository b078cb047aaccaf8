// Package spelling finds the names that a mistyped word may have meant.
package spelling

import "slices"

// Nearest returns the n names with the smallest edit distance to word, nearest first, ties in the order of names.
// A name that occurs twice is returned once.
func Nearest(word string, names []string, n int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var candidates []candidate
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		candidates = append(candidates, candidate{name, Distance(word, name)})
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.distance - b.distance })
	if len(candidates) > n {
		candidates = candidates[:n]
	}
	nearest := make([]string, len(candidates))
	for i, c := range candidates {
		nearest[i] = c.name
	}
	return nearest
}

// Distance returns the Levenshtein distance of a and b: the least number of insertions, deletions and replacements of
// one character that turn a into b.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	// previous[j] and current[j] are the distances of s[:i-1] and s[:i] from t[:j].
	previous := make([]int, len(t)+1)
	current := make([]int, len(t)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(s); i++ {
		current[0] = i
		for j := 1; j <= len(t); j++ {
			replace := previous[j-1]
			if s[i-1] != t[j-1] {
				replace++
			}
			current[j] = min(replace, previous[j]+1, current[j-1]+1)
		}
		previous, current = current, previous
	}
	return previous[len(t)]
}
