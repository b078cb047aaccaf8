package number

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLattices looks at every code: its value is a multiple of the lattice's unit, and the farthest is as many as it says.
func TestLattices(t *testing.T) {
	for _, s := range []string{
		"fixed:w8f4,rne,sat", "fixed:u5f9,rne,sat", "fixed:w6f2,rne,sym", "bfp:w8e8,rne,sat", "bfp:w3e5,rne,sym", "bfp:w8e8,rne,sym+qpytorch", "mx:int8,scale=ceil,rne,sat",
		"float:e5m2ieee,rne,inf", "float:e4m3fn,rne,sat", "float:e4m3fnuz,rne,sat", "float:e8m3noinf,rne,sat", "float:e1m2ieee,rne,sat",
		"mx:e5m2,scale=floor,rne,sat", "mx:e2m1,scale=rne,rne,sat", "nv:e2m1,rne,sat",
		"posit:n8es0,rne", "posit:n6es2,rne", "log2:w4g1,rne,sat", "log2:w5g1,top=-3,rne,sat", "binary:unit",
	} {
		f := MustParse(s)
		unit, most, ok := f.Lattice()
		require.True(t, ok, s)
		const step = 0.5
		if step := f.fixedStep(); !f.scaledByBlock() && step == 1 {
			unit *= 2 // whose block has a step of 1
		}
		c := cellOf(f, &Scales{Step: []float64{step}}, 0)
		lo, hi := f.CodeRange()
		farthest := 0.0
		for code := lo; code <= hi; code++ {
			p, ok := c.point(code)
			if v := cellValue[float64](&c, p); ok && v-v == 0 {
				multiple := v / (unit * step)
				require.Equal(t, math.Trunc(multiple), multiple, "%s, code %d: %v is no multiple of %v", s, code, v, unit*step)
				farthest = math.Max(farthest, math.Abs(multiple))
			}
		}
		assert.Equal(t, most, farthest, s)
	}
	for _, s := range []string{"float32", "exact", "fixed:w8f4,rne,sat+qpytorch", "bfp:w8e8,rne,sat+swalp", "log2:w4g2,rne,sat", "binary:scaled", "ternary:t0.7", "levels:4,uniform,sr", "sparse:t0.1"} {
		_, _, ok := MustParse(s).Lattice()
		assert.False(t, ok, s)
	}
}
