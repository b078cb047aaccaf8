package products

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// define takes one sum with integers of any size, one addition after the other.
func define(m Matrix, a Accumulator, row []int16, o int) (register int64, overflowed bool) {
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(a.Width))
	half := new(big.Int).Rsh(modulus, 1)
	top := new(big.Int).Sub(half, big.NewInt(1))
	bottom := new(big.Int).Neg(half)
	exact := big.NewInt(m.Start[o])
	sum := big.NewInt(m.Start[o])
	for k := 0; k < m.K; k += a.Group {
		for i := k; i < min(k+a.Group, m.K); i++ {
			product := new(big.Int).Mul(big.NewInt(int64(row[i])), big.NewInt(int64(m.Weights[i*m.Outputs+o])))
			sum.Add(sum, product)
			exact.Add(exact, product)
		}
		switch {
		case sum.Cmp(bottom) >= 0 && sum.Cmp(top) <= 0:
		case !a.Saturate:
			sum.Add(sum, half).Mod(sum, modulus).Sub(sum, half)
		case sum.Sign() > 0:
			overflowed = true
			sum.Set(top)
		default:
			overflowed = true
			sum.Set(bottom)
		}
	}
	if !a.Saturate {
		overflowed = exact.Cmp(sum) != 0
	}
	return sum.Int64(), overflowed
}

func random(r *rand.Rand, k, outputs, n int, extreme bool) (Matrix, []int16) {
	m := Matrix{K: k, Outputs: outputs, Weights: make([]int8, k*outputs), Start: make([]int64, outputs)}
	for i := range m.Weights {
		m.Weights[i] = int8(r.IntN(256) - 128)
		if extreme {
			m.Weights[i] = int8(-128 + 255*r.IntN(2))
		}
	}
	for o := range m.Start {
		m.Start[o] = int64(r.IntN(1<<14) - 1<<13)
	}
	rows := make([]int16, n*k)
	for i := range rows {
		rows[i] = int16(r.IntN(256) - 128)
		if extreme {
			rows[i] = int16(-128 + 255*r.IntN(2))
		}
	}
	return m, rows
}

func check(t *testing.T, e Engine, m Matrix, a Accumulator, rows []int16) {
	n := len(rows) / m.K
	sums := make([]int64, n*m.Outputs)
	overflows := e.Sums(sums, rows, n)
	var want int64
	for r := range n {
		for o := range m.Outputs {
			register, overflowed := define(m, a, rows[r*m.K:][:m.K], o)
			require.Equal(t, register, sums[r*m.Outputs+o], "%T row %d output %d", e, r, o)
			if overflowed {
				want++
			}
		}
	}
	require.Equal(t, want, overflows, "%T overflows", e)
}

func TestEnginesMatchTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{16, 17, 20, 24, 32, 33, 48} {
		for _, saturate := range []bool{false, true} {
			for _, group := range []int{1, 4, 16} {
				a := Accumulator{Width: width, Saturate: saturate, Group: group}
				for i, size := range [][3]int{{1, 1, 1}, {7, 5, 3}, {30, 2, 4}, {18, 4, 5}, {70, 3, 3}, {100, 2, 6}} {
					m, rows := random(r, size[0], size[1], size[2], i%2 == 1)
					check(t, New(m, a, -128, 127), m, a, rows)
					if !saturate {
						check(t, newWide(m, a), m, a, rows)
					} else {
						check(t, newStepwise(m, a, -128, 127), m, a, rows)
					}
				}
			}
		}
	}
}

// The low half of a packed pair must not leak into the high one at either end of 32 bits.
func TestPackedAtTheEndsOf32Bits(t *testing.T) {
	a := Accumulator{Width: 32, Group: 1}
	for _, ends := range [][2]int64{
		{math.MinInt32, math.MaxInt32},
		{math.MaxInt32, math.MinInt32},
		{math.MinInt32, math.MinInt32},
		{math.MaxInt32, math.MaxInt32},
	} {
		m := Matrix{K: 2, Outputs: 3, Weights: []int8{-128, 127, 1, -128, 127, -1}}
		rows := []int16{-128, -128, 127, 127, -128, 127, 127, -128, 0, 0}
		extremes := []int64{2 * 128 * 128, -2 * 128 * 127}
		m.Start = []int64{ends[0], ends[1], -5}
		for i, e := range ends { // leave exactly the room that the first row needs
			if (e > 0) == (extremes[i] > 0) {
				m.Start[i] -= extremes[i]
			}
		}
		e := newPacked(m)
		check(t, e, m, a, rows[:2])
	}
}

func TestNewPicksTheFastestCertified(t *testing.T) {
	m := Matrix{K: 4, Outputs: 1, Weights: []int8{127, -128, 127, -128}, Start: []int64{0}}
	assert.IsType(t, &packed{}, New(m, Accumulator{Width: 32, Group: 1}, -128, 127))
	assert.IsType(t, &packed{}, New(m, Accumulator{Width: 20, Saturate: true, Group: 1}, -128, 127))
	assert.IsType(t, &stepwise{}, New(m, Accumulator{Width: 16, Saturate: true, Group: 1}, -128, 127))
	assert.IsType(t, &wide{}, New(m, Accumulator{Width: 16, Group: 1}, -128, 127))
	m.Start[0] = 1 << 40
	assert.IsType(t, &wide{}, New(m, Accumulator{Width: 48, Saturate: true, Group: 1}, -128, 127))
}

// Saturation acts at each addition: the order of the products matters, and grouping them hides a passing peak.
func TestSaturationFollowsTheOrder(t *testing.T) {
	up, down := []int8{127, 127, 127, -127, -127, -127}, []int8{-127, -127, -127, 127, 127, 127}
	row := []int16{127, 127, 127, 127, 127, 127}
	for _, test := range []struct {
		weights []int8
		group   int
		want    int64
	}{
		{up, 1, 32767 - 3*16129},
		{down, 1, -32768 + 3*16129},
		{up, 6, 0},
		{up, 3, 32767 - 3*16129},
		{up, 2, 0}, // the second pair cancels before it meets the register
	} {
		m := Matrix{K: 6, Outputs: 1, Weights: test.weights, Start: []int64{0}}
		sums := make([]int64, 1)
		New(m, Accumulator{Width: 16, Saturate: true, Group: test.group}, -128, 127).Sums(sums, row, 1)
		assert.Equal(t, test.want, sums[0], "%v in groups of %d", test.weights, test.group)
	}
}

func TestBounds(t *testing.T) {
	m := Matrix{K: 3, Outputs: 2, Weights: []int8{1, -128, 2, 127, -3, 0}, Start: []int64{10, -10}}
	assert.Equal(t, []Bound{
		{10 - 128 - 256 - 381, 10 + 127 + 254 + 384, 10 - 128 - 256 - 381, 10 + 127 + 254 + 384},
		{-10 - 128*127 - 128*127, -10 + 128*128 + 127*127, -10 - 128*127 - 128*127, -10 + 128*128 + 127*127},
	}, m.Bounds(-128, 127))
	// Codes that are never negative: a partial sum exceeds the final one.
	m = Matrix{K: 2, Outputs: 1, Weights: []int8{100, -100}, Start: []int64{0}}
	assert.Equal(t, []Bound{{5*100 - 9*100, 9*100 - 5*100, -400, 900}}, m.Bounds(5, 9))
	assert.Equal(t, 11, Bound{PartialLo: -400, PartialHi: 1023}.Bits())
	assert.Equal(t, 12, Bound{PartialLo: -400, PartialHi: 1024}.Bits())
	assert.Equal(t, 11, Bound{PartialLo: -1024, PartialHi: 0}.Bits())
}

func BenchmarkEngines(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	m, rows := random(r, 288, 32, 64, false)
	sums := make([]int64, 64*32)
	wrap := Accumulator{Width: 32, Group: 1}
	for _, e := range []Engine{newPacked(m), newWide(m, wrap), newStepwise(m, wrap, -128, 127)} {
		b.Run(fmt.Sprintf("%T", e), func(b *testing.B) {
			for range b.N {
				e.Sums(sums, rows, 64)
			}
			b.ReportMetric(float64(b.N)*64*288*32/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
