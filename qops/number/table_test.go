package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tableElements are float32 numbers of all sizes, near 1, on and beside the values and middles of a cell.
func tableElements(c *cell, random *rand.Rand) []float32 {
	x := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)), math.MaxFloat32, -math.MaxFloat32, 1, -1}
	var values []float32
	lo, hi := c.format.CodeRange()
	for code := lo; code <= min(hi, lo+1<<13); code++ {
		if p, ok := c.point(code); ok && p.class == ordinary {
			values = append(values, valueOf[float32](c.line, p))
		}
	}
	for i, v := range values {
		w := values[(i+1)%len(values)]
		for _, y := range []float32{v, v/2 + w/2, v + (w-v)/4, v + (w-v)/65536, v + (w-v)/3} {
			x = append(x, y, math.Nextafter32(y, float32(math.Inf(1))), math.Nextafter32(y, float32(math.Inf(-1))))
		}
	}
	for len(x) < max(20_000, blockTableWorth*len(values)+1) {
		x = append(x, math.Float32frombits(random.Uint32()), float32(random.NormFloat64()), float32(random.IntN(4096))/1024-2)
	}
	return x
}

// TestTablesAreTheDefinition compares values, codes, counts and marks of tensors large enough for tables with the
// definition, element by element.
func TestTablesAreTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	formats := []string{"ternary:t0.7", "ternary:t3", "binary:scaled", "binary:unit", "sparse:t0.01", "sparse:t1e-40", "levels:256,uniform,sr", "levels:7,optimal,rne"}
	for i, rounding := range allRoundings() {
		formats = append(formats, []string{"posit:n8es2,", "posit:n5es0,", "posit:n9es3,"}[i%3]+rounding)
		formats = append(formats, []string{"log2:w4g1,", "log2:w7g4,top=3,", "log2:w3g16,top=1,"}[i%3]+rounding+[]string{",sat", ",zero"}[i%2])
	}
	formats = append(formats, "posit:n13es1,rne", "posit:n12es2,sr", "posit:n8es2,sr", "posit:n8es2,rne", "log2:w5g2,sr,zero", "log2:w6g3,sr3,sat")
	for _, s := range formats {
		f := MustParse(s)
		var scales Scales
		sample := []float32{-3, 0.5, 2, 0.1, -0.7, 1, 1.5, 2.5, -1}
		_, err := Quantize(f, make([]float32, len(sample)), sample, []int{len(sample)}, Options{Scales: &scales})
		require.NoError(t, err)
		c := cellOf(f, &scales, 0)
		x := tableElements(&c, random)
		if f.Kind() == "levels" {
			for i, v := range x {
				if i > 5000 || v > 3 || v < -3 {
					x[i] = v / 1e30
				}
			}
		}
		draw := Draw{Stream: NewStream(5, s), Execution: 3}
		values, codes, clipped := make([]float32, len(x)), make([]int32, len(x)), make([]bool, len(x))
		shape := []int{len(x)}
		o := Options{Scales: &scales, Draw: draw, Clipped: clipped, Threads: 2}
		stats, err := Encode(f, codes, x, shape, o)
		require.NoError(t, err)
		c = cellOf(f, &scales, 0)
		if _, ok := c.line.(tabled); ok {
			require.NotNil(t, tableOf(&c, len(x)), "%v", f)
		}
		copy(values, x)
		again, err := Quantize(f, values, values, shape, o)
		require.NoError(t, err)
		assert.Equal(t, stats, again)
		want := Stats{Count: uint64(len(x))}
		for e, v := range x {
			p, beyond := c.round(float64(v), uint32(draw.Bits(uint64(e))))
			want.note(float64(v), beyond, p.class == ordinary && p.ordinal == 0)
			require.True(t, int32(c.code(p)) == codes[e] && same(float64(cellValue[float32](&c, p)), float64(values[e])) && beyond == clipped[e],
				"%v: %v (%x) became %v, code %d, clipped %v; want %v, %d, %v", f, v, v, values[e], codes[e], clipped[e], cellValue[float32](&c, p), c.code(p), beyond)
		}
		assert.Equal(t, want, stats, "%v", f)
	}
}

// TestFloat32Order: the order is that of the numbers, and can be undone.
func TestFloat32Order(t *testing.T) {
	last := uint64(0)
	for _, x := range []float32{float32(math.Inf(-1)), -math.MaxFloat32, -1, -math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 0, math.SmallestNonzeroFloat32, 1, math.MaxFloat32, float32(math.Inf(1))} {
		order := float32Order(x)
		assert.Greater(t, order, last)
		assert.Equal(t, math.Float32bits(x), math.Float32bits(float32At(order)))
		last = order
	}
}

// TestTablesKnowWhenToDoubt compares the way between two values, in units of 2^-16, with the exact one, at the random
// numbers where one unit more or less shows; where the way is such a multiple, float64 can err.
func TestTablesKnowWhenToDoubt(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	f := MustParse("levels:8,run,sr")
	points := []float64{-9, -8.5, -1, 1, 50, 153, 260, 1e10}
	c := cellOf(f, &Scales{Step: []float64{1}, Points: points}, 0)
	table := tableOf(&c, 1<<20)
	require.NotNil(t, table)
	sure := 0
	for range 200_000 {
		k := random.IntN(len(points) - 1)
		low, gap := points[k], points[k+1]-points[k]
		x := float32(low + gap*float64(1+random.IntN(1<<16-1))/(1<<16))
		if random.IntN(2) == 0 {
			x = math.Nextafter32(x, float32(points[k+random.IntN(2)]))
		}
		if low == -1 && random.IntN(4) == 0 {
			x = float32(math.Ldexp(random.NormFloat64(), -70)) // of which x - low loses everything
		}
		if float64(x) <= low || float64(x) >= points[k+1] {
			continue
		}
		way := c.line.(levelsLine).place(float64(x))
		for _, r := range []uint32{1<<16 - way.top, 1<<16 - way.top - 1} {
			if up, known := table.up(k, x, r&0xffff, 16); known && r < 1<<16 {
				sure++
				require.Equal(t, way.top+r >= 1<<16, up == 1, "%v between %v and %v, r %#x", x, low, points[k+1], r)
			}
		}
	}
	assert.Greater(t, sure, 100_000)
}
