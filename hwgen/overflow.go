package hwgen

import "github.com/halftone-go/halftone/emulate/requant"

// maxOverflowTerms bounds the depth of the jobs below: accumulators that take more products to cross are left out.
const maxOverflowTerms = 1024

// overflows are sums that start at an end of the accumulator's range, leave it with the first product, and are brought
// back to a few by the others, so that the code tells exactly what the overflow left. group is how many products are added
// before they meet the accumulator; each product here stands alone in its group.
func (c *corners) overflows(group int) []*Job {
	m, err := c.rule.Multiplier(1)
	if err != nil {
		if m, err = c.rule.Multiplier(0.5); err != nil {
			return nil // the rule hides single units
		}
	}
	lo, hi := c.p.Accumulator.Range()
	wlo, whi := c.p.Weight.Range()
	var list []*Job
	for few := int64(-3); few <= 3; few++ {
		for _, j := range []*Job{
			c.overflow(m, hi, whi, wlo, hi-few, group),
			c.overflow(m, lo, wlo, whi, few-lo, group),
		} {
			if j != nil {
				list = append(list, j)
			}
		}
	}
	return list
}

// overflow starts at bias, adds the largest activation times push, and then products with pull that sum to distance in
// magnitude: as many of the largest as fit, one of what is left over the weight, and one of the rest.
func (c *corners) overflow(m requant.Multiplier, bias, push, pull, distance int64, group int) *Job {
	_, most := c.p.Activation.Range()
	weight := max(pull, -pull)
	sign := pull / weight
	whole := distance / (most * weight)
	left := distance % (most * weight)
	if (whole+3)*int64(group) > maxOverflowTerms {
		return nil
	}
	depth := int(whole+3) * group
	j := &Job{
		Name:    "overflow",
		Vectors: 1, Depth: depth, Channels: 1,
		Activations: make([]int32, depth), Weights: make([]int32, depth),
		Bias: []int64{bias}, Multiplier: []requant.Multiplier{m},
	}
	term := 0
	add := func(a, w int64) {
		j.Activations[term], j.Weights[term] = int32(a), int32(w)
		term += group
	}
	add(most, push)
	for range whole {
		add(most, pull)
	}
	add(left/weight, pull)
	add(1, sign*(left%weight))
	low, high := c.p.Activation.Range()
	j.Zero, j.Low, j.High = int32((low+high+1)/2), int32(low), int32(high)
	return j
}
