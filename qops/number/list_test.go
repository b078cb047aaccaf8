package number

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every example is a format, as String gives it, and holds what it is an example of; nothing that a format string may
// hold is left out.
func TestListIsComplete(t *testing.T) {
	listed := map[string]bool{}
	for _, e := range List() {
		f, err := Parse(e.Example)
		require.NoError(t, err, e.Example)
		assert.Equal(t, e.Example, f.String())
		assert.NotEmpty(t, e.Meaning, e.Name)
		assert.False(t, listed[e.Part+" "+e.Name], "%s %s is listed once", e.Part, e.Name)
		listed[e.Part+" "+e.Name] = true
		switch e.Part {
		case "kind":
			assert.Equal(t, e.Name, f.Kind())
		case "overflow":
			assert.Equal(t, e.Name, f.Overflow().String())
		case "rounding":
			if e.Name != "srN" {
				assert.Equal(t, e.Name, f.Rounding().String())
			}
		case "variant", "element", "program", "choice", "values":
			assert.Contains(t, e.Example, e.Name)
		case "option":
			assert.Contains(t, e.Example, ","+strings.TrimSuffix(e.Name, "N"))
		case "order":
			assert.Equal(t, e.Name, f.SumOrder().String())
		case "scale":
			assert.Contains(t, e.Example, "scale="+e.Name)
		case "block":
			if e.Name != "tensor" && e.Name != "axis=N" {
				assert.Contains(t, e.Example, "block="+e.Name)
			}
		default:
			assert.Fail(t, "unknown part", e.Part)
		}
	}
	for part, words := range map[string][]string{
		"kind": Kinds(), "rounding": Roundings(), "overflow": Overflows(), "block": BlockNames(),
		"variant": names(variantWords[:]), "choice": names(levelChoices[:]), "values": names(binaryScales[:]), "scale": names(scaleWords[ScaleMax:]), "order": SumOrders(),
	} {
		for _, w := range words {
			assert.True(t, listed[part+" "+w], "%s %s", part, w)
		}
	}
	for r := NearestEven; r.Bits() < randomBits; r++ {
		assert.True(t, listed["rounding "+r.String()] || r.Stochastic(), "%v", r)
	}
}
