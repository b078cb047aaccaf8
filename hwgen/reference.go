package hwgen

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/halftone-go/halftone/hwgen/unit"
)

// reference computes what the hardware must compute, in plain integer arithmetic and with the rules of package requant.
// It knows nothing of the circuit description.
type reference struct {
	rule     requant.Rule
	lo, hi   int64 // of the accumulator
	width    int
	saturate bool
	group    int // products that are added without loss before they meet the accumulator
	clamp    bool
	codeType circuit.Type // of the output
}

func newReference(t *target.Target, p *unit.Parameters) (*reference, error) {
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return nil, err
	}
	lo, hi := p.Accumulator.Range()
	return &reference{
		rule: rule, lo: lo, hi: hi, width: p.Accumulator.Width, saturate: p.Saturate, group: t.Array.ProductsPerAddition(),
		clamp: t.Clamp, codeType: p.Activation,
	}, nil
}

// totals writes the accumulators of one vector for channels from..from+len(totals).
func (r *reference) totals(j *Job, vector, from int, totals []int64) {
	copy(totals, j.Bias[from:from+len(totals)])
	row := j.Activations[vector*j.Depth : (vector+1)*j.Depth]
	if !r.saturate {
		for k, a := range row {
			for c, w := range j.Weights[k*j.Channels+from:][:len(totals)] {
				totals[c] += int64(a) * int64(w)
			}
		}
		for c, v := range totals {
			totals[c] = r.wrap(v)
		}
		return
	}
	for c := range totals {
		for k := 0; k < j.Depth; k += r.group {
			var sum int64
			for i := k; i < min(k+r.group, j.Depth); i++ {
				sum += int64(row[i]) * int64(j.Weights[i*j.Channels+from+c])
			}
			totals[c] = max(r.lo, min(totals[c]+sum, r.hi))
		}
	}
}

// wrap reads the low bits of v as two's complement.
func (r *reference) wrap(v int64) int64 {
	unused := 64 - r.width
	return v << unused >> unused
}

// code requantizes one total.
func (r *reference) code(j *Job, channel int, total int64) int32 {
	sum := r.rule.Apply(total, j.multiplier(channel)) + int64(j.Zero)
	if r.clamp {
		return int32(requant.Clamp(sum, int64(j.Low), int64(j.High)))
	}
	return int32(r.codeType.Value(r.codeType.Bits(sum)))
}
