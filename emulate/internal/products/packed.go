package products

var _ Engine = (*packed)(nil)

// packed takes the sums of two outputs with one multiplication. With the weights u and v of outputs 2p and 2p+1 packed as
// u + 2^32 v, the sum over k of a*(u + 2^32 v) is S_u + 2^32 S_v modulo 2^64. S_u fits an int32, so it is the low half
// read as an int32; what then remains is 2^32 S_v.
//
// It applies if the bounds of the weights show that no sum leaves 32 bits or the register on the way.
type packed struct {
	pairs   [][]int64
	start   []int64 // packed like the weights
	outputs int
	k       int
}

func newPacked(m Matrix) *packed {
	e := &packed{outputs: m.Outputs, k: m.K}
	columns := m.columns()
	for o := 0; o < m.Outputs; o += 2 {
		pair := make([]int64, m.K)
		start := m.Start[o]
		for k, w := range columns[o] {
			pair[k] = int64(w)
		}
		if o+1 < m.Outputs {
			start += m.Start[o+1] << 32
			for k, w := range columns[o+1] {
				pair[k] += int64(w) << 32
			}
		}
		e.pairs = append(e.pairs, pair)
		e.start = append(e.start, start)
	}
	return e
}

// Sums works on blocks of 2 rows x 2 pairs, whose four running sums stay in registers.
func (e *packed) Sums(sums []int64, rows []int16, n int) (overflows int64) {
	r := 0
	for ; r+2 <= n; r += 2 {
		a, b := rows[r*e.k:][:e.k], rows[(r+1)*e.k:][:e.k]
		toA, toB := sums[r*e.outputs:][:e.outputs], sums[(r+1)*e.outputs:][:e.outputs]
		p := 0
		for ; p+2 <= len(e.pairs); p += 2 {
			a0, a1, b0, b1 := twoByTwo(a, b, e.pairs[p], e.pairs[p+1])
			unpack(toA, 2*p, a0+e.start[p])
			unpack(toA, 2*p+2, a1+e.start[p+1])
			unpack(toB, 2*p, b0+e.start[p])
			unpack(toB, 2*p+2, b1+e.start[p+1])
		}
		if p < len(e.pairs) {
			unpack(toA, 2*p, dot(a, e.pairs[p])+e.start[p])
			unpack(toB, 2*p, dot(b, e.pairs[p])+e.start[p])
		}
	}
	if r < n {
		a, to := rows[r*e.k:][:e.k], sums[r*e.outputs:][:e.outputs]
		for p, pair := range e.pairs {
			unpack(to, 2*p, dot(a, pair)+e.start[p])
		}
	}
	return 0
}

func twoByTwo(a, b []int16, u, v []int64) (au, av, bu, bv int64) {
	b, u, v = b[:len(a)], u[:len(a)], v[:len(a)]
	for k, x := range a {
		x, y := int64(x), int64(b[k])
		au += x * u[k]
		av += x * v[k]
		bu += y * u[k]
		bv += y * v[k]
	}
	return au, av, bu, bv
}

func dot(a []int16, u []int64) (sum int64) {
	u = u[:len(a)]
	for k, x := range a {
		sum += int64(x) * u[k]
	}
	return sum
}

// unpack writes the two sums in s to row[o] and row[o+1], if the row is that long.
func unpack(row []int64, o int, s int64) {
	low := int64(int32(s))
	row[o] = low
	if o+1 < len(row) {
		row[o+1] = (s - low) >> 32
	}
}
