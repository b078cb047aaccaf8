package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README's table lists the verbs that there are, no more and no fewer.
func TestReadmeListsTheVerbs(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	var listed []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(string(readme), -1) {
		listed = append(listed, match[1])
	}
	var there []string
	for _, verb := range verbs {
		there = append(there, verb().Name())
	}
	assert.ElementsMatch(t, there, listed)
}
