package spelling

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"weight", "weight", 0},
		{"wieght", "weight", 2},
		{"kitten", "sitting", 3}, // the textbook example
		{"µm", "um", 1},          // characters, not bytes
	} {
		assert.Equal(t, c.want, Distance(c.a, c.b), "%q %q", c.a, c.b)
		assert.Equal(t, c.want, Distance(c.b, c.a), "%q %q", c.b, c.a)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"weight", "bias", "state", "statistic", "state"}
	assert.Equal(t, []string{"weight"}, Nearest("wieght", names, 1))
	assert.Equal(t, []string{"state", "bias"}, Nearest("stat", names, 2))
	assert.Len(t, Nearest("x", names, 10), 4, "each name once")
	assert.Empty(t, Nearest("x", nil, 3))
}
