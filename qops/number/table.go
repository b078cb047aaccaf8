package number

import "math"

// table rounds float32 elements of a line with few values by looking up where they lie. It holds for low <= x <= high,
// where nothing is clipped, and leaves the rest to the definition.
type table struct {
	low, high float32
	values    []float32
	codes     []int32
	zero      int       // the index of the value zero, or -1
	from      []float32 // the least element of each interval: those that become a value, or under sr begin with it
	perGap    []float64 // 2^16 / (values[k+1] - values[k]), under sr
	starts    []uint16  // the interval at the start of each bucket of elements, and the last one
	shift     uint      // from the order of an element (see float32Order) to its bucket
}

// Tables with few values have buckets by the sign, the exponent and three bits of the mantissa of elements, others by
// four bits more.
const (
	fewBuckets, manyBuckets = 12, 16 // bits
	fewValues, maxValues    = 1 << 11, 1 << 16
)

// The number of elements per value from which on a table is worth its making, where it is made for a block, and where
// it is kept for the format.
const (
	blockTableWorth = 64
	tableWorth      = 8
)

// tabled is a line that a table can stand for: its values are float32 numbers with one zero at most, and rounding is
// monotone from low to high, where nothing is clipped.
type tabled interface {
	line
	// span returns the ordinals of the first and the last value, and the ends of the elements that the table holds for.
	span() (first, last int64, low, high float64)
}

func (l positLine) span() (first, last int64, low, high float64)  { return endsOf(l) }
func (l log2Line) span() (first, last int64, low, high float64)   { return endsOf(l) }
func (l levelsLine) span() (first, last int64, low, high float64) { return endsOf(l) }

func (ternaryLine) span() (first, last int64, low, high float64) {
	return -1, 1, -math.MaxFloat32, math.MaxFloat32
}

// endsOf is the span of lines that clip beyond their ends.
func endsOf(l line) (first, last int64, low, high float64) {
	first, last = l.limits()
	return first, last, valueOf[float64](l, point{ordinal: first}), valueOf[float64](l, point{ordinal: last})
}

// tableOf returns the table of a cell for a number of elements, or nil if it cannot have one, or it is not worth it.
// That of a format whose lines do not depend on a block is kept with its recipe.
func tableOf(c *cell, elements int) *table {
	l, ok := c.line.(tabled)
	if !ok {
		return nil
	}
	known := &c.format.recipe().table
	if t := known.Load(); t != nil {
		return t
	}
	first, last, _, _ := l.span()
	if last-first >= maxValues || last == first {
		return nil
	}
	if c.format.scaledByBlock() {
		if int64(elements) < blockTableWorth*(last-first) {
			return nil
		}
		return newTable(c, l)
	}
	if int64(elements) < tableWorth*(last-first) {
		return nil
	}
	known.CompareAndSwap(nil, newTable(c, l))
	return known.Load()
}

func newTable(c *cell, l tabled) *table {
	first, last, low, high := l.span()
	n := int(last - first + 1)
	_, byThreshold := c.line.(ternaryLine)
	t := &table{low: float32(low), high: float32(high), values: make([]float32, n), codes: make([]int32, n), zero: -1, from: make([]float32, n)}
	for k := range t.values {
		p := point{ordinal: first + int64(k)}
		t.values[k], t.codes[k] = valueOf[float32](l, p), int32(c.code(p))
		if t.values[k] == 0 && p.ordinal == 0 {
			t.zero = k
		}
	}
	if c.format.Stochastic() {
		copy(t.from, t.values)
		t.perGap = make([]float64, n)
		for k := range n - 1 {
			t.perGap[k] = (1 << 16) / (float64(t.values[k+1]) - float64(t.values[k]))
		}
	} else {
		t.from[0] = t.low
		for k := 1; k < n; k++ {
			low, high := t.low, t.high
			if !byThreshold { // values stay where they are
				low, high = t.values[k-1], t.values[k]
			}
			t.from[k] = leastAbove(low, high, func(x float32) bool {
				p, _ := c.round(float64(x), 0)
				return p.ordinal-first >= int64(k)
			})
		}
	}
	buckets := fewBuckets
	if n > fewValues {
		buckets = manyBuckets
	}
	t.shift, t.starts = uint(32-buckets), make([]uint16, 1<<buckets+1)
	k := 0
	for b := range t.starts {
		for k+1 < n && float32Order(t.from[k+1]) <= uint64(b)<<t.shift {
			k++
		}
		t.starts[b] = uint16(k)
	}
	return t
}

// float32Order numbers the float32 numbers in ascending order.
func float32Order(x float32) uint64 {
	b := math.Float32bits(x)
	if b>>31 == 1 {
		return uint64(^b)
	}
	return uint64(b | 1<<31)
}

// leastAbove returns the least float32 number in low to high for which a property holds that holds from some number on,
// infinity if it is beyond high.
func leastAbove(low, high float32, holds func(x float32) bool) float32 {
	if !holds(high) {
		return float32(math.Inf(1))
	}
	lo, hi := float32Order(low), float32Order(high)
	for lo < hi {
		middle := (lo + hi) / 2
		if holds(float32At(middle)) {
			hi = middle
		} else {
			lo = middle + 1
		}
	}
	return float32At(lo)
}

// float32At is the inverse of float32Order.
func float32At(order uint64) float32 {
	if order>>31 == 1 {
		return math.Float32frombits(uint32(order) &^ (1 << 31))
	}
	return math.Float32frombits(^uint32(order))
}

// index returns the interval that x lies in.
func (t *table) index(x float32) int {
	b := math.Float32bits(x)
	bucket := (b ^ (uint32(int32(b)>>31) | 1<<31)) >> t.shift
	k, end := int(t.starts[bucket]), int(t.starts[bucket+1])
	for end-k > 8 {
		if middle := (k + end) / 2; t.from[middle] <= x {
			k = middle
		} else {
			end = middle
		}
	}
	for k < end && t.from[k+1] <= x {
		k++
	}
	return k
}
