package number

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecode: whatever the codes and the values of the block, decoding ends in an error or in a value of the block,
// which rounding to nearest leaves where it is.
func FuzzDecode(f *testing.F) {
	formats := []string{
		"posit:n8es2,rne", "posit:n32es4,rne", "posit:n2es0,rne", "log2:w4g1,rne,sat", "log2:w12g16,rne,sat", "log2:w5g3,top=-1,rne,sat",
		"ternary:t0.7", "binary:scaled", "binary:unit", "levels:4,optimal,rne", "sparse:t0.01", "float:e4m3fn,rne,sat", "float:e8m23ieee,rne,inf",
		"mx:e2m3,scale=floor,rne,sat", "nv:e2m1,rne,sat", "bfp:w8e8,rne,sat", "int:w8,scale=max,zero=auto,rne,sat", "fixed:w8f4,rne,sat",
	}
	for i := range formats {
		f.Add(uint8(i), int32(-1), 1.0, 0.5, 2.0, int32(0))
		f.Add(uint8(i), int32(3), -1.0, math.NaN(), 1e300, int32(-9))
		f.Add(uint8(i), int32(math.MinInt32), math.Inf(1), 1e-320, 0.0, int32(1<<30))
	}
	f.Fuzz(func(t *testing.T, which uint8, code int32, step, a, b float64, zero int32) {
		format := MustParse(formats[int(which)%len(formats)])
		scales := &Scales{Blocks: Blocks{Count: 1, Inner: 1}, Step: []float64{step}}
		if l, ok := format.spec().(liner); ok {
			for i := range l.points(format) {
				scales.Points = append(scales.Points, a+float64(i)*b)
			}
		}
		if format.ZeroAuto() {
			scales.Zero = []int32{zero}
		}
		value := make([]float64, 1)
		if err := Decode(format, value, []int32{code}, []int{1}, scales, 0); err != nil {
			return
		}
		if format.Kind() == "ternary" && !(step > a) || step == 0 || step < math.SmallestNonzeroFloat32 {
			return // of which no value is beyond the threshold, or that underflows
		}
		c := cellOf(format, scales, 0)
		p, clipped := c.round(value[0], 0)
		beyond := format.Kind() == "binary" && step > 1
		require.True(t, !clipped || beyond || math.IsInf(value[0], 0), "%v: %v", format, value[0])
		require.True(t, same(value[0], cellValue[float64](&c, p)), "%v, code %d, %+v: %v became %v", format, code, scales, value[0], cellValue[float64](&c, p))
	})
}
