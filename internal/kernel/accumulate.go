package kernel

// accumulator takes a sum of products term by term, as Sum says.
type accumulator[T Float] struct {
	sum          Sum
	total, block T
	exact        float64
}

func (a *accumulator[T]) add(x, y T) {
	if a.sum == Whole {
		a.exact = fma(float64(x), float64(y), a.exact)
		return
	}
	a.block = fma(x, y, a.block)
}

// endBlock closes a block of a blockwise sum.
func (a *accumulator[T]) endBlock() {
	if a.sum == Blockwise {
		a.total += a.block
		a.block = 0
	}
}

func (a *accumulator[T]) result() T {
	switch a.sum {
	case Whole:
		return T(a.exact)
	case Blockwise:
		return a.total
	}
	return a.block
}
