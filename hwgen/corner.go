package hwgen

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/unit"
)

// Requantization is what the run-time registers of an output channel hold, but for the bias.
type Requantization struct {
	Multiplier      requant.Multiplier
	Zero, Low, High int32
}

// CornerRequantizations are those at which implementations of a rule differ: every shift, with the smallest and the
// largest multiplier, with one whose ties are common, with an odd one and with 0. Zero points and clamp bounds vary. They
// come in an order that spreads the shifts, so that the first few are a fair choice.
func CornerRequantizations(t *target.Target) ([]Requantization, error) {
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return nil, err
	}
	info := rule.Info()
	factors := []int32{0}
	if info.MultiplierBits > 0 {
		// Normalised multipliers have the highest bit set. 3 * 2^n ties as often as a power of two does, elsewhere.
		half := int32(1) << (info.MultiplierBits - 1)
		factors = []int32{half + half/2, half, half - 1 + half, half + 0x2aaab, 0}
	}
	random := rand.New(rand.NewPCG(1, 1))
	var list []Requantization
	for _, m := range factors {
		for shift := info.MinShift; shift <= info.MaxShift; shift++ {
			r := Requantization{Multiplier: requant.Multiplier{M: m, Shift: shift}}
			r.Zero, r.Low, r.High = output(t.Operands.Activation, random, len(list))
			list = append(list, r)
		}
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list, nil
}

// output chooses a zero point and clamp bounds: none, a zero point, one with a rectifier, and any.
func output(activation target.Operand, random *rand.Rand, n int) (zero, low, high int32) {
	lo, hi := activation.Range()
	pick := func() int32 { return int32(lo + random.Int64N(hi-lo+1)) }
	switch n % 4 {
	case 0:
		return int32(max(lo, 0)), int32(lo), int32(hi)
	case 1:
		return pick(), int32(lo), int32(hi)
	case 2:
		zero = pick()
		return zero, zero, int32(hi)
	default:
		a, b := pick(), pick()
		return pick(), min(a, b), max(a, b)
	}
}

// Corners are jobs that reach, for each requantization, every accumulator at which the code changes and its neighbours:
// every tie, both edges of the clamp; and 0, the ends of the accumulator's range and their neighbours. Before them come
// sums that overflow and return to a value that shows where. NetworkRequantizations gives those that a network uses.
func Corners(t *target.Target, requantizations []Requantization) Jobs {
	return func(yield func(*Job, error) bool) {
		p, err := unit.NewParameters(t)
		if err != nil {
			yield(nil, err)
			return
		}
		rule, err := requant.Get(t.Requantization)
		if err != nil {
			yield(nil, err)
			return
		}
		c := corners{p: p, rule: rule}
		for _, j := range c.overflows(t.Array.ProductsPerAddition()) {
			if !yield(j, nil) {
				return
			}
		}
		for _, r := range requantizations {
			for _, j := range c.jobs(r) {
				if !yield(j, nil) {
					return
				}
			}
		}
	}
}

type corners struct {
	p    *unit.Parameters
	rule requant.Rule
}

// sweep is how many neighbouring accumulators one bias reaches: one vector for each.
const sweep = 4

// jobs of one requantization. Each has depth 1, weights 1 and activations 0..3, so that a channel's bias and the three
// accumulators above it are reached.
func (c *corners) jobs(r Requantization) []*Job {
	biases := c.biases(c.accumulators(r))
	channels := max(c.p.Columns(), 8)
	var list []*Job
	for chunk := range slices.Chunk(biases, channels) {
		j := &Job{
			Name:    "corners",
			Vectors: sweep, Depth: 1, Channels: len(chunk),
			Activations: make([]int32, sweep),
			Weights:     slices.Repeat([]int32{1}, len(chunk)),
			Bias:        chunk,
			Multiplier:  []requant.Multiplier{r.Multiplier},
			Zero:        r.Zero, Low: r.Low, High: r.High,
		}
		for i := range j.Activations {
			j.Activations[i] = int32(c.lowest() + int64(i))
		}
		list = append(list, j)
	}
	return list
}

// lowest is the first activation of a sweep: 0, or less where the operands have two bits and a sign.
func (c *corners) lowest() int64 {
	_, hi := c.p.Activation.Range()
	return min(0, hi-sweep+1)
}

// accumulators that matter for a requantization.
func (c *corners) accumulators(r Requantization) []int64 {
	lo, hi := c.p.Accumulator.Range()
	list := []int64{lo, lo + 1, -1, 0, 1, hi - 1, hi}
	for y := int64(r.Low) - int64(r.Zero) - 1; y <= int64(r.High)-int64(r.Zero)+2; y++ {
		// The smallest accumulator that reaches y: the rule does not fall where its result is not wrapped. Where it is,
		// any accumulator is as good.
		at := lo + int64(sort.Search(int(min(hi-lo, math.MaxInt64)), func(i int) bool {
			return c.rule.Apply(lo+int64(i), r.Multiplier) >= y
		}))
		for acc := max(lo, at-2); acc <= min(hi, at+1); acc++ {
			list = append(list, acc)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// biases from which a sweep reaches every accumulator of a sorted list.
func (c *corners) biases(accumulators []int64) []int64 {
	_, hi := c.p.Accumulator.Range()
	var list []int64
	reached := int64(math.MinInt64)
	for _, acc := range accumulators {
		if acc <= reached {
			continue
		}
		list = append(list, min(acc-c.lowest(), hi)) // at the upper end a wrapping accumulator goes on at the lower
		reached = acc + sweep - 1
	}
	return list
}
