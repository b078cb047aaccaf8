package report

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// Axis says what is along an axis of a chart.
type Axis struct {
	// Title says what the numbers are and Unit what they count; a number without a unit has none.
	Title, Unit string
	// Log makes the axis logarithmic. Values that have no logarithm are not drawn; a mark at the edge of the chart and a
	// sentence below it say where and how many.
	Log bool
}

// String returns the title with the unit.
func (a Axis) String() string {
	s := a.Title
	switch {
	case a.Unit != "" && s != "":
		s += " (" + a.Unit + ")"
	case a.Unit != "":
		s = a.Unit
	}
	if a.Log && s != "" {
		s += ", logarithmic"
	}
	return s
}

// reach is the largest magnitude that is drawn, so that sums and differences of places stay finite.
const reach = 1e300

// class says whether a value can be drawn.
type class int

const (
	drawable class = iota
	below          // under every place of the axis
	above
	missing // not a number
)

// place returns where along the axis a value lies: the value, or its logarithm to base 10.
func (a Axis) place(v float64) (float64, class) {
	switch {
	case math.IsNaN(v):
		return 0, missing
	case v > reach:
		return 0, above
	case v < -reach || a.Log && v <= 0:
		return 0, below
	case a.Log:
		return math.Log10(v), drawable
	}
	return v, drawable
}

// span is a range of places.
type span struct{ lo, hi float64 }

// nowhere holds no place.
var nowhere = span{math.Inf(1), math.Inf(-1)}

func (s span) with(place float64) span { return span{min(s.lo, place), max(s.hi, place)} }

func (s span) empty() bool { return s.lo > s.hi }

// scale is a part of an axis with its ticks, in places. It is the plot's source of ticks.
type scale struct {
	span
	ticks []plot.Tick
}

var _ plot.Ticker = scale{}

// Ticks implements plot.Ticker.
func (s scale) Ticks(_, _ float64) []plot.Tick { return s.ticks }

// scale returns the part of the axis that shows the places s, with about n ticks. A snug one ends at the outermost places
// and not at ticks; whole says that all values are integers, so that no tick lies between two.
func (a Axis) scale(s span, n int, snug, whole bool) scale {
	s = s.widened(a.Log)
	var t scale
	if a.Log {
		t = logarithmic(s, n)
	} else {
		t = linear(s, n, whole)
	}
	if snug {
		t.span = s
		kept := t.ticks[:0]
		for _, tick := range t.ticks {
			if tick.Value >= s.lo-slack*(s.hi-s.lo) && tick.Value <= s.hi+slack*(s.hi-s.lo) {
				kept = append(kept, tick)
			}
		}
		t.ticks = kept
	}
	return t
}

// slack is the part of a range that rounding may move a tick by.
const slack = 1e-9

// widened returns a range that is long enough to be divided.
func (s span) widened(log bool) span {
	if s.empty() {
		return span{0, 1}
	}
	least := max(1e-6*max(math.Abs(s.lo), math.Abs(s.hi)), 1/reach)
	if log {
		least = 1e-3 // of a decade
	}
	if s.hi-s.lo > least {
		return s
	}
	switch middle := s.lo/2 + s.hi/2; {
	case log:
		return span{middle - 0.5, middle + 0.5}
	case math.Abs(middle) < 1/reach:
		return span{-1, 1}
	default:
		return span{middle - math.Abs(middle)/2, middle + math.Abs(middle)/2}
	}
}

// linear divides a range by steps of 1, 2 or 5 times a power of ten and extends it to whole steps.
func linear(s span, n int, whole bool) scale {
	step := niceStep((s.hi - s.lo) / float64(n))
	if whole {
		step = max(step, 1)
	}
	first, last := math.Floor(s.lo/step+slack), math.Ceil(s.hi/step-slack)
	t := scale{span: span{first * step, last * step}}
	_, stepExponent := scientific(step, 1)
	_, exponent := scientific(max(math.Abs(t.lo), math.Abs(t.hi)), 1)
	for i := first; i <= last; i++ {
		label := strconv.FormatFloat(i*step, 'f', max(0, -stepExponent), 64)
		if exponent >= 6 || stepExponent < -4 {
			label = "0"
			if i != 0 {
				label = power(scientific(i*step, max(1, exponent-stepExponent+1)))
			}
		}
		t.ticks = append(t.ticks, plot.Tick{Value: i * step, Label: label})
	}
	return t
}

// niceStep returns the least of 1, 2 and 5 times a power of ten that is not less than s.
func niceStep(s float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(s)))
	for _, m := range []float64{1, 2, 5} {
		if m*ten >= s*(1-slack) {
			return m * ten
		}
	}
	return 10 * ten
}

// logarithmic divides a range of logarithms at every n-th power of ten, or, where it spans less than two, at 1, 2 and 5
// times powers of ten, and extends it to the next such number.
func logarithmic(s span, n int) scale {
	first, last := math.Floor(s.lo+slack), math.Ceil(s.hi-slack)
	var t scale
	if s.hi-s.lo < 2 {
		t.span = s
		for e := first; e <= last; e++ {
			for _, m := range []float64{1, 2, 5} {
				place := e + math.Log10(m)
				t.ticks = append(t.ticks, plot.Tick{Value: place, Label: logLabel(m, int(e), first, last)})
			}
		}
		from, to := 0, len(t.ticks)-1
		for t.ticks[from+1].Value <= s.lo+slack {
			from++
		}
		for t.ticks[to-1].Value >= s.hi-slack {
			to--
		}
		t.ticks = t.ticks[from : to+1]
		t.span = span{t.ticks[0].Value, t.ticks[len(t.ticks)-1].Value}
		return t
	}
	stride := math.Ceil((last - first) / float64(n))
	t.span = span{first, last}
	for e := first; e <= last; e++ {
		tick := plot.Tick{Value: e}
		if math.Mod(e, stride) == 0 {
			tick.Label = logLabel(1, int(e), first, last)
		}
		t.ticks = append(t.ticks, tick)
	}
	return t
}

// logLabel writes m times a power of ten, plainly where all of the axis allows it.
func logLabel(m float64, exponent int, first, last float64) string {
	if first >= -3 && last <= 4 {
		return plain(m*math.Pow10(exponent), max(0, -exponent))
	}
	return power(plain(m, 0), exponent)
}
