package kernel

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestColumnSumsAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testColumnSums[float32])
		t.Run("float64", testColumnSums[float64])
	})
}

func testColumnSums[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials} {
		for _, columns := range []int{1, 15, 16, 17, 100} {
			for _, rows := range []int{0, 1, 2, 50} {
				x := kerneltest.Data[T](rng, f, rows*columns)
				want := make([]T, columns)
				for j := range want {
					sum := 0.0
					for r := range rows {
						sum += float64(x[r*columns+j])
					}
					want[j] = T(sum)
				}
				dst, check := kerneltest.Guarded[T](columns)
				ColumnSums(dst, x)
				kerneltest.RequireSameBits(t, want, dst, f.Name, " ", rows, "×", columns)
				check(t)
			}
		}
	}
}

// Sums of a few float32 numbers of like size are exact in float64.
func TestColumnSumsRoundOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	const rows, columns = 40, 33
	x := kerneltest.Data[float32](rng, kerneltest.Filling{Name: "like", Fill: func(rng *rand.Rand) float64 { return 1 + rng.Float64() }}, rows*columns)
	got := make([]float32, columns)
	ColumnSums(got, x)
	for j, sum := range got {
		exact := new(big.Float).SetPrec(200)
		for r := range rows {
			exact.Add(exact, big.NewFloat(float64(x[r*columns+j])))
		}
		want, _ := exact.Float32()
		require.Equal(t, want, sum)
	}
}

func TestColumnSumsRefuseLengthsThatDoNotFit(t *testing.T) {
	assert.PanicsWithValue(t, badLength, func() { ColumnSums(make([]float32, 3), make([]float32, 4)) })
	assert.PanicsWithValue(t, badLength, func() { ColumnSums([]float32{}, make([]float32, 4)) })
}
