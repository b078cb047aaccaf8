package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQPyTorchTensorsAreTheirLines compares tensors with what QPyTorch's arithmetic, step by step, gives for each element,
// on every instruction set: blocks of all magnitudes, ties and their neighbours, some with NaN or infinities.
func TestQPyTorchTensorsAreTheirLines(t *testing.T) {
	everyISA(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 9))
		for i, width := range []int{2, 4, 7, 8, 12, 16, 22} {
			for j, rounding := range []string{"rne", "sr", "sr3", "sr9"} {
				for k, block := range []string{"", "block=sample,", "block=channel,", "block=row,", "block=1,"} {
					if samplingStep > 1 && (i+2*j+k)%7 > 0 {
						continue
					}
					f := MustParse(fmt.Sprintf("bfp:w%de8,%s%s,sym+qpytorch", width, block, rounding))
					for _, shape := range [][]int{{700}, {9, 77}, {40, 31}, {2, 19, 3, 5}, {3, 16, 8, 8}, {0, 3}} {
						x := blocksOfAllMagnitudes(random, shape, width)
						compareWithLines(t, f, x, shape)
						wide := make([]float64, len(x))
						for e, v := range x {
							wide[e] = float64(v)
						}
						compareWithLines(t, f, wide, shape)
					}
				}
			}
		}
	})
}

// blocksOfAllMagnitudes makes a tensor whose samples are of one magnitude each, with ties of the given width among them.
func blocksOfAllMagnitudes(random *rand.Rand, shape []int, width int) []float32 {
	elements, _ := elementCount(shape)
	x := make([]float32, elements)
	if elements == 0 {
		return x
	}
	inner := elements / shape[0]
	for e := range x {
		if e%inner == 0 && random.IntN(6) == 0 { // the sample is special
			x[e] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32}[random.IntN(4)]
			continue
		}
		exponent := []int{-149, -130, -126, -125, -60, -1, 0, 3, 90, 124, 125, 126}[(e/inner*7+width)%12]
		v := random.NormFloat64() / 3
		switch random.IntN(5) {
		case 0:
			v = math.Ldexp(float64(random.IntN(1<<width))-float64(int(1)<<width/2), 1-width) // ties, and numbers on the grid
		case 1:
			v = math.Nextafter(math.Ldexp(float64(random.IntN(1<<width)), -width), float64(random.IntN(3)-1))
		case 2:
			v = math.Ldexp(v, -random.IntN(40))
		case 3:
			v = []float64{0, math.Copysign(0, -1), 1.9999999, -1.9999999}[random.IntN(4)]
		}
		x[e] = float32(math.Ldexp(v, exponent))
	}
	return x
}

// A block that QPyTorch makes NaN is NaN after storage, too, and no other.
func TestQPyTorchStoresNaN(t *testing.T) {
	f := MustParse("bfp:w8e8,block=sample,rne,sym+qpytorch")
	x := []float32{1, float32(math.Inf(1)), 0.5, 0x1p-127, 0, 0, 3, -2}
	codes := make([]int32, len(x))
	var scales Scales
	_, err := Encode(f, codes, x, []int{4, 2}, Options{Scales: &scales})
	require.NoError(t, err)
	data, err := Pack(f, codes, &scales)
	require.NoError(t, err)
	codes, again, err := Unpack(f, data, []int{4, 2}, 0)
	require.NoError(t, err)
	got := make([]float32, len(x))
	require.NoError(t, Decode(f, got, codes, []int{4, 2}, again, 0))
	require.True(t, math.IsNaN(float64(got[0])) && math.IsNaN(float64(got[1])))
	require.Equal(t, []float32{0, 0, 3, -2}, got[4:])
	require.False(t, math.IsNaN(float64(got[2])))
	_, err = Quantize(MustParse("bfp:w8e8,block=sample,rne,sym"), got, x, []int{4, 2}, Options{Scales: again, UseScales: true})
	require.ErrorContains(t, err, "step NaN", "of blocks by the definition")
}
