package emulate

// Bound says between which values the accumulator of an output channel lies for any input whatever, by interval
// arithmetic over the layer's own weights: at the end of a sum, and at any time while products are added in order.
type Bound struct {
	Lo, Hi               int64
	PartialLo, PartialHi int64
	// Bits is the width of an accumulator that never overflows.
	Bits int
}

// Bounds bounds the accumulators of a layer, one bound for each output channel. It is an error if the layer is no conv or
// dense one.
func (in *Interpreter) Bounds(layer string) ([]Bound, error) {
	_, m, err := in.multiplication(layer)
	if err != nil {
		return nil, err
	}
	bounds := make([]Bound, len(m.bounds))
	for o, b := range m.bounds {
		bounds[o] = Bound{b.Lo, b.Hi, b.PartialLo, b.PartialHi, b.Bits()}
	}
	return bounds, nil
}
