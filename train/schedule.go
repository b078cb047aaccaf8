package train

import (
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Schedule is how the learning rate moves: in the step that follows t of n updates it is the optimizer's rate times
//
//	constant          1
//	step:F@N,N,...    F to the number of the given N with N <= t
//	linear[:F]        1 - (1-F)*t/n
//	cosine[:F]        F + (1-F)*(1 + cos(pi*t/n))/2
//
// F is from 0 to 1, and 0 if not given. The zero value is constant.
type Schedule struct {
	kind   string
	factor float64
	at     []int
}

// The kinds of schedules.
const (
	constantRate = "constant"
	stepRate     = "step"
	linearRate   = "linear"
	cosineRate   = "cosine"
)

// ParseSchedule reads a schedule, "" as constant.
func ParseSchedule(s string) (Schedule, error) {
	kind, rest, arguments := strings.Cut(s, ":")
	schedule := Schedule{kind: kind}
	switch {
	case s == "" || s == constantRate:
		return Schedule{}, nil
	case (kind == linearRate || kind == cosineRate) && !arguments:
		return schedule, nil
	case kind == linearRate || kind == cosineRate:
		return schedule, schedule.setFactor(s, rest)
	case kind != stepRate:
		return Schedule{}, errors.Errorf("unknown schedule %q; write constant, step:0.1@1000,2000, linear, cosine, linear:0.01 or cosine:0.01", s)
	}
	factor, places, _ := strings.Cut(rest, "@")
	for _, place := range strings.Split(places, ",") {
		n, err := strconv.Atoi(place)
		if err != nil || n < 1 || len(schedule.at) > 0 && n <= schedule.at[len(schedule.at)-1] {
			return Schedule{}, errors.Errorf("schedule %q: after the @ stand rising numbers of updates, as in step:0.1@1000,2000", s)
		}
		schedule.at = append(schedule.at, n)
	}
	return schedule, schedule.setFactor(s, factor)
}

func (s *Schedule) setFactor(whole, factor string) error {
	f, err := strconv.ParseFloat(factor, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return errors.Errorf("schedule %q: the factor %q is no number from 0 to 1", whole, factor)
	}
	s.factor = f
	return nil
}

// String returns the form that ParseSchedule reads.
func (s Schedule) String() string {
	switch s.kind {
	case "":
		return constantRate
	case stepRate:
		places := make([]string, len(s.at))
		for i, n := range s.at {
			places[i] = strconv.Itoa(n)
		}
		return stepRate + ":" + formatFloat(s.factor) + "@" + strings.Join(places, ",")
	}
	if s.factor == 0 {
		return s.kind
	}
	return s.kind + ":" + formatFloat(s.factor)
}

// wholeRun reports whether the rate depends on the number of steps of the run.
func (s Schedule) wholeRun() bool { return s.kind == linearRate || s.kind == cosineRate }

// Factor is the factor of the learning rate after t of n updates. It has the same bits on every processor.
func (s Schedule) Factor(t, n int) float64 {
	switch s.kind {
	case stepRate:
		f := 1.0
		for _, at := range s.at {
			if at <= t {
				f *= s.factor
			}
		}
		return f
	case linearRate:
		return 1 - float64((1-s.factor)*(float64(t)/float64(n)))
	case cosineRate:
		half := (1 + cosPi(float64(t)/float64(n))) / 2
		return s.factor + float64((1-s.factor)*half)
	}
	return 1
}

// cosPi is cos(pi*x) for x from 0 to 1, within 1e-15. math.Cos may be fused differently from processor to processor.
func cosPi(x float64) float64 {
	if x > 0.5 {
		return -cosPi(1 - x)
	}
	// cos(a) = sum over k of (-1)^k a^2k/(2k)!, a <= pi/2: the term of k = 12 is below 1e-19.
	a := math.Pi * x
	square := float64(a * a)
	sum, term := 1.0, 1.0
	for k := 1; k <= 12; k++ {
		term = -float64(term*square) / float64((2*k-1)*(2*k))
		sum += term
	}
	return sum
}

func formatFloat(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
