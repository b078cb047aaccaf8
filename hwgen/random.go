package hwgen

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/unit"
	"github.com/pkg/errors"
)

// Generated are at least the given number of outputs: up to half of them corners, the rest random jobs. The same target,
// number and seed give the same jobs.
func Generated(t *target.Target, outputs int64, seed uint64) (Jobs, error) {
	p, err := unit.NewParameters(t)
	if err != nil {
		return nil, err
	}
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return nil, err
	}
	requantizations, err := CornerRequantizations(t)
	if err != nil {
		return nil, err
	}
	return func(yield func(*Job, error) bool) {
		done := int64(0)
		for j, err := range Corners(t, requantizations) {
			if done >= outputs/2 {
				break
			}
			if !yield(j, err) || err != nil {
				return
			}
			done += int64(j.Outputs())
		}
		g := generator{p: p, activation: t.Operands.Activation, rule: rule, random: rand.New(rand.NewPCG(seed, 3))}
		for n := 0; done < outputs; n++ {
			j, err := g.job(n)
			if !yield(j, err) || err != nil {
				return
			}
			done += int64(j.Outputs())
		}
	}, nil
}

// Bounds of random jobs. Depths are around those of small convolutions and often leave a tile or a group of lanes partly
// empty.
const (
	maxVectors = 160
	maxDepth   = 288
)

type generator struct {
	p          *unit.Parameters
	activation target.Operand
	rule       requant.Rule
	random     *rand.Rand
}

// job is a random product: of any values, or, every fourth, of extreme ones from a bias near the end of the accumulator's
// range, so that it overflows on the way.
func (g *generator) job(n int) (*Job, error) {
	j := &Job{
		Name:    fmt.Sprintf("random %d", n),
		Vectors: 1 + g.random.IntN(maxVectors), Depth: 1 + g.random.IntN(maxDepth), Channels: 1 + g.random.IntN(3*g.p.Columns()),
	}
	extreme := n%4 == 3
	j.Activations = g.operands(g.p.Activation.Range, j.Vectors*j.Depth, extreme)
	j.Weights = g.operands(g.p.Weight.Range, j.Depth*j.Channels, extreme)
	alo, ahi := g.p.Activation.Range()
	wlo, whi := g.p.Weight.Range()
	// Of a sum of uniformly random products, about.
	spread := float64(ahi-alo) * float64(whi-wlo) / 12 * math.Sqrt(float64(j.Depth))
	channels := 1
	if g.p.PerChannel {
		channels = j.Channels
	}
	for range channels {
		m, err := g.multiplier(float64(ahi-alo) / 4 / spread * math.Exp2(4*g.random.Float64()-2))
		if err != nil {
			return nil, err
		}
		j.Multiplier = append(j.Multiplier, m)
	}
	lo, hi := g.p.Accumulator.Range()
	for range j.Channels {
		bias := int64(spread * 2 * (2*g.random.Float64() - 1))
		if extreme {
			bias = []int64{lo, hi}[g.random.IntN(2)] + bias
		}
		j.Bias = append(j.Bias, max(lo, min(bias, hi)))
	}
	j.Zero, j.Low, j.High = output(g.activation, g.random, n)
	return j, nil
}

// multiplier represents a scale near the given one; a shift rule takes the power of two below.
func (g *generator) multiplier(scale float64) (requant.Multiplier, error) {
	if !g.p.HasMultiplier() {
		scale = math.Exp2(math.Floor(math.Log2(scale)))
	}
	m, err := g.rule.Multiplier(scale)
	return m, errors.Wrap(err, "multiplier of a random job")
}

func (g *generator) operands(bounds func() (lo, hi int64), n int, extreme bool) []int32 {
	lo, hi := bounds()
	list := make([]int32, n)
	for i := range list {
		switch {
		case !extreme:
			list[i] = int32(lo + g.random.Int64N(hi-lo+1))
		case g.random.IntN(8) == 0:
			list[i] = int32(hi)
		default:
			list[i] = int32(lo)
		}
	}
	return list
}
