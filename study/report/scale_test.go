package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func labels(s scale) []string {
	var texts []string
	for _, tick := range s.ticks {
		if tick.Label != "" {
			texts = append(texts, tick.Label)
		}
	}
	return texts
}

func TestTicks(t *testing.T) {
	linear, log := Axis{}, Axis{Log: true}
	for _, c := range []struct {
		axis        Axis
		lo, hi      float64 // places
		n           int
		snug, whole bool
		want        []string
	}{
		{linear, 0.1, 2.4, 5, false, false, []string{"0.0", "0.5", "1.0", "1.5", "2.0", "2.5"}},
		{linear, 0, 3000, 8, true, true, []string{"0", "500", "1000", "1500", "2000", "2500", "3000"}},
		{linear, 0, 39, 4, true, true, []string{"0", "10", "20", "30"}},
		{linear, 0, 2, 8, true, true, []string{"0", "1", "2"}},
		{linear, -0.4, 0.2, 4, false, false, []string{"-0.4", "-0.2", "0.0", "0.2"}},
		{linear, 0, 2e6, 4, false, false, []string{"0", "5×10⁵", "10⁶", "1.5×10⁶", "2×10⁶"}},
		{linear, 0, 2e-7, 2, false, false, []string{"0", "10⁻⁷", "2×10⁻⁷"}},
		{linear, 40, 40, 4, false, false, []string{"20", "30", "40", "50", "60"}},
		{linear, 0, 0, 4, false, false, []string{"-1.0", "-0.5", "0.0", "0.5", "1.0"}},
		{log, -15.2, 0, 6, false, false, []string{"10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"}},
		{log, -2, 1, 6, false, false, []string{"0.01", "0.1", "1", "10"}},
		{log, math.Log10(0.006), math.Log10(0.03), 6, false, false, []string{"0.005", "0.01", "0.02", "0.05"}},
		{log, 7, 7, 6, false, false, []string{"2×10⁶", "5×10⁶", "10⁷", "2×10⁷", "5×10⁷"}},
	} {
		s := c.axis.scale(span{c.lo, c.hi}, c.n, c.snug, c.whole)
		assert.Equal(t, c.want, labels(s), "%v to %v", c.lo, c.hi)
	}
}

// Any scale covers its places, is longer than nothing, and has few, ascending ticks with different labels.
func FuzzScale(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 1e300, -1e300, 5e-324, 1e-300, 0.1, 123456.789} {
		for _, w := range []float64{0, 1e-9, 1, 1e6, 1e300} {
			f.Add(v, w, false, false)
			f.Add(v, w, true, true)
		}
	}
	f.Add(2e-323, 0.0, false, false)
	f.Fuzz(func(t *testing.T, v, w float64, log, snug bool) {
		axis := Axis{Log: log}
		a, first := axis.place(v)
		b, second := axis.place(v + w)
		if first != drawable || second != drawable {
			return
		}
		places := nowhere.with(a).with(b)
		s := axis.scale(places, 6, snug, false)
		margin := 1e-6 * (s.hi - s.lo)
		assert.True(t, s.lo <= places.lo+margin && s.hi >= places.hi-margin && s.hi > s.lo, "%v: %v", places, s.span)
		assert.False(t, math.IsInf(s.hi-s.lo, 0))
		assert.LessOrEqual(t, len(labels(s)), 9)
		seen := map[string]bool{}
		for i, tick := range s.ticks {
			assert.True(t, tick.Value >= s.lo-margin && tick.Value <= s.hi+margin, "%v in %v", tick.Value, s.span)
			assert.True(t, i == 0 || tick.Value > s.ticks[i-1].Value)
			assert.False(t, tick.Label != "" && seen[tick.Label], "%q twice in %v", tick.Label, labels(s))
			seen[tick.Label] = true
		}
	})
}

func TestPlace(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		v           float64
		linear, log class
	}{
		{1, drawable, drawable},
		{0, drawable, below},
		{-1, drawable, below},
		{5e-324, drawable, drawable},
		{1e301, above, above},
		{-1e301, below, below},
		{inf, above, above},
		{-inf, below, below},
		{math.NaN(), missing, missing},
	} {
		_, class := Axis{}.place(c.v)
		assert.Equal(t, c.linear, class, "%v", c.v)
		_, class = Axis{Log: true}.place(c.v)
		assert.Equal(t, c.log, class, "%v, logarithmic", c.v)
	}
}

func TestAxisTitle(t *testing.T) {
	assert.Equal(t, "time (s), logarithmic", Axis{Title: "time", Unit: "s", Log: true}.String())
	assert.Equal(t, "s", Axis{Unit: "s"}.String())
	assert.Empty(t, Axis{Log: true}.String())
}
