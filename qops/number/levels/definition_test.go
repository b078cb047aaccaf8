package levels

import (
	"math/big"
	"slices"
)

// exactVariance is the objective in rational numbers, straight from its definition.
func exactVariance[T Float](values, points []T) *big.Rat {
	total := new(big.Rat)
	for _, v := range values {
		l, r := points[0], points[len(points)-1]
		for _, p := range points {
			if p <= v {
				l = max(l, p)
			}
			if p >= v {
				r = min(r, p)
			}
		}
		x := rational(v)
		a, b := new(big.Rat).Sub(rational(r), x), new(big.Rat).Sub(x, rational(l))
		total.Add(total, a.Mul(a, b))
	}
	return total
}

func rational[T Float](x T) *big.Rat { return new(big.Rat).SetFloat64(float64(x)) }

// bestOfSubsets tries all subsets of the different values that hold the first and the last.
func bestOfSubsets[T Float](values []T, points int) *big.Rat {
	different := slices.Compact(slices.Clone(values))
	var best *big.Rat
	inner := different[1 : len(different)-1]
	for subset := range 1 << len(inner) {
		chosen := []T{different[0]}
		for i, x := range inner {
			if subset>>i&1 == 1 {
				chosen = append(chosen, x)
			}
		}
		if chosen = append(chosen, different[len(different)-1]); len(chosen) != points {
			continue
		}
		if v := exactVariance(values, chosen); best == nil || v.Cmp(best) < 0 {
			best = v
		}
	}
	return best
}

// bestByTable is the dynamic programme over all pairs of values, in rational numbers.
func bestByTable[T Float](values []T, points int) *big.Rat {
	different := slices.Compact(slices.Clone(values))
	n := len(different)
	x := make([]*big.Rat, n)
	weight := make([]*big.Rat, n)
	for i, v := range different {
		x[i], weight[i] = rational(v), new(big.Rat)
	}
	one := big.NewRat(1, 1)
	for _, v := range values {
		i, _ := slices.BinarySearch(different, v)
		weight[i].Add(weight[i], one)
	}
	cost := make([][]*big.Rat, n) // [i][j] from the definition, a value at a time
	for i := range n {
		cost[i] = make([]*big.Rat, n)
		for j := i; j < n; j++ {
			c := new(big.Rat)
			for k := i + 1; k < j; k++ {
				a, b := new(big.Rat).Sub(x[j], x[k]), new(big.Rat).Sub(x[k], x[i])
				c.Add(c, a.Mul(a.Mul(a, b), weight[k]))
			}
			cost[i][j] = c
		}
	}
	best := cost[0]
	for range points - 2 {
		next := make([]*big.Rat, n)
		for j := range n {
			for i := 0; i <= j; i++ {
				if c := new(big.Rat).Add(best[i], cost[i][j]); next[j] == nil || c.Cmp(next[j]) < 0 {
					next[j] = c
				}
			}
		}
		best = next
	}
	return best[n-1]
}
