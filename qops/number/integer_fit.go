package number

import (
	"math"
	"slices"
)

// fits: a percentile and the least squared error need all elements of a block.
func (intKind) fits(f Format) bool {
	return f.scaleRule == ScalePercentile || f.scaleRule == ScaleLeastSquares
}

func (k intKind) fit(f Format, x []float64, _ int) blockValues {
	x = slices.DeleteFunc(x, func(v float64) bool { return v-v != 0 }) // NaN and infinities
	if len(x) == 0 {
		return blockValues{step: 1}
	}
	if f.scaleRule == ScalePercentile {
		return k.percentile(f, x)
	}
	return k.leastSquares(f, x)
}

// percentile takes the P-th percentile of the magnitudes for the largest, which becomes the largest code: of n finite
// elements, the one of rank ceil(n*P/100) in ascending order. With zero=auto it takes the (100-P)-th, of rank
// n+1-ceil(n*P/100), and the P-th percentile of the elements for the smallest and the largest.
func (k intKind) percentile(f Format, x []float64) blockValues {
	if !f.zeroAuto {
		for i, v := range x {
			x[i] = math.Abs(v)
		}
	}
	slices.Sort(x)
	rank := max(int(math.Ceil(float64(len(x))*f.scale/100)), 1)
	var v blockValues
	v.step, v.zero = k.scale(f, x[len(x)-rank], x[rank-1])
	if !f.zeroAuto {
		v.step, v.zero = k.scale(f, 0, x[rank-1])
	}
	return v
}

// shrinkSteps is the number of ranges that scale=mse chooses from, which shrink by a factor of 2^(-1/16) each.
const shrinkSteps = 128

// leastSquares takes the range, of the block's extremes times 2^(-i/16), i = 0 to 127, under which the sum of (x-Q(x))^2
// in float64, in the order of the elements, is least, with Q rounding to nearest; of ranges as good, the widest.
func (k intKind) leastSquares(f Format, x []float64) blockValues {
	lo, hi := min(slices.Min(x), 0), max(slices.Max(x), 0)
	if !f.zeroAuto {
		lo, hi = 0, max(-lo, hi)
	}
	var best blockValues
	least := math.Inf(1)
	shrink := math.Sqrt(math.Sqrt(math.Sqrt(math.Sqrt(0.5)))) // 2^(-1/16), the same on every processor
	factor := 1.0
	for range shrinkSteps {
		var v blockValues
		v.step, v.zero = k.scale(f, lo*factor, hi*factor)
		if e := squaredError(f, v, x, least); e < least {
			best, least = v, e
		}
		factor *= shrink
	}
	return best
}

// squaredError returns the sum of the squared errors of rounding x to nearest, or something above the limit.
func squaredError(f Format, v blockValues, x []float64, limit float64) float64 {
	g := f.grid(v.step, v.zero)
	lo, hi := g.offsets()
	var sum float64
	for i, value := range x {
		offset := min(max(math.RoundToEven(value/v.step), lo), hi)
		difference := value - float64(offset*v.step)
		sum += float64(difference * difference)
		if i%1024 == 0 && sum > limit {
			break
		}
	}
	return sum
}
