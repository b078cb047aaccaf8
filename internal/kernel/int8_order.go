package kernel

import (
	"cmp"
	"slices"
)

// int8Order is the order that source channels are summed in, in quads. It keeps its memory.
type int8Order struct{ channels, sorted []int }

// ascending are n channels in their order, filled up with -1 to whole quads.
func (o *int8Order) ascending(n int) []int {
	o.channels = fillQuad(appendCount(o.channels[:0], n))
	return o.channels
}

// falling are n channels by falling exponents, each exponent's filled up with -1 to whole quads.
func (o *int8Order) falling(n int, exponents []int) []int {
	if len(exponents) == 1 {
		return o.ascending(n)
	}
	o.sorted = appendCount(o.sorted[:0], n)
	slices.SortStableFunc(o.sorted, func(i, j int) int { return cmp.Compare(exponents[j], exponents[i]) })
	channels := o.channels[:0]
	for i, c := range o.sorted {
		if i > 0 && exponents[c] != exponents[o.sorted[i-1]] {
			channels = fillQuad(channels)
		}
		channels = append(channels, c)
	}
	o.channels = fillQuad(channels)
	return o.channels
}

// appendCount appends the numbers from 0 to n-1.
func appendCount(s []int, n int) []int {
	for i := range n {
		s = append(s, i)
	}
	return s
}

// fillQuad fills up with -1 to whole quads.
func fillQuad(channels []int) []int {
	for len(channels)%4 > 0 {
		channels = append(channels, -1)
	}
	return channels
}
