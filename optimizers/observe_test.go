package optimizers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every optimizer tells its roundings to who asks, as many elements as it counts.
func TestObserveRoundings(t *testing.T) {
	for _, name := range Names() {
		o := mustNew(t, mustParse(t, name, "momentum=0.5"), newToy[float32](lowPrecision()))
		observed, ok := o.(Observed)
		require.True(t, ok, name)
		elements := map[Role]int{}
		observed.ObserveRoundings(func(role Role, n int, took time.Duration) {
			assert.GreaterOrEqual(t, took, time.Duration(0))
			elements[role] += n
		})
		result := mustStep(t, o)
		for role, stats := range result.Rounded {
			assert.EqualValues(t, stats.Count, elements[role], "%s %s", name, role)
		}
		assert.Len(t, elements, len(result.Rounded), name)
		observed.ObserveRoundings(nil)
		clear(elements)
		mustStep(t, o)
		assert.Empty(t, elements, name)
	}
}
