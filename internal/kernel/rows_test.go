package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestRowsMove(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("32 to 32", testRows[float32, float32])
		t.Run("32 to 64", testRows[float64, float32])
		t.Run("64 to 32", testRows[float32, float64])
		t.Run("64 to 64", testRows[float64, float64])
	})
}

// testRows moves rows of T to rows of E in all ways, and looks at what lies between the rows.
func testRows[E, T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 7}, {8, 8}, {8, 16}, {9, 17}, {16, 32}, {2, 33}, {20, 48}, {3, 100}, {0, 5}, {5, 0}} {
		rows, columns := shape[0], shape[1]
		what := fmt.Sprintf("%d rows of %d", rows, columns)
		srcPitch, dstPitch := columns+3, columns+5
		src := kerneltest.Data[T](rng, kerneltest.Specials, rows*srcPitch+1)
		at := func(i, j int) E { return E(src[i*srcPitch+j]) }

		// compare checks a rectangle where want gives its elements, and the gaps between its rows.
		compare := func(got []E, pitch, rows, columns int, want func(i, j int) E) {
			t.Helper()
			for i := range rows {
				for j := range pitch {
					expected := E(-77)
					if j < columns {
						expected = want(i, j)
					}
					require.Equal(t, kerneltest.Pattern(expected), kerneltest.Pattern(got[i*pitch+j]), "%s: row %d, column %d", what, i, j)
				}
			}
		}
		dst, check := kerneltest.Guarded[E](rows * dstPitch)
		moveRows(dst, dstPitch, src, srcPitch, rows, columns)
		compare(dst, dstPitch, rows, columns, at)
		check(t)

		even, checkEven := kerneltest.Guarded[E](rows * dstPitch)
		odd, checkOdd := kerneltest.Guarded[E](rows * dstPitch)
		splitRows(even, odd, dstPitch, src, srcPitch, rows, columns)
		compare(even, dstPitch, rows, (columns+1)/2, func(i, j int) E { return at(i, 2*j) })
		compare(odd, dstPitch, rows, columns/2, func(i, j int) E { return at(i, 2*j+1) })
		checkEven(t)
		checkOdd(t)

		joined, checkJoined := kerneltest.Guarded[E](rows * dstPitch)
		half := (columns + 1) / 2
		joinRows(joined, dstPitch, src, src[min(half, len(src)):], srcPitch, rows, columns)
		compare(joined, dstPitch, rows, columns, func(i, j int) E { return at(i, j/2+j%2*half) })
		checkJoined(t)

		turned, checkTurned := kerneltest.Guarded[E](columns * (rows + 2))
		Transpose(turned, rows+2, src, srcPitch, rows, columns)
		compare(turned, rows+2, columns, rows, func(j, i int) E { return at(i, j) })
		checkTurned(t)
	}
}
