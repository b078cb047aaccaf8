// Package kerneltest is what the tests of kernels share: every instruction set in turn, memory whose surroundings are
// watched, data of every kind, and comparisons by bits. Only tests import it.
package kerneltest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// OnEachISA runs the test under every instruction set that is available here.
func OnEachISA(t *testing.T, test func(t *testing.T)) {
	before := isa.Name()
	defer func() { require.NoError(t, isa.Use(before)) }()
	for _, name := range isa.Names {
		if isa.Use(name) == nil {
			t.Run(name, test)
		}
	}
}

// RunOn runs a test of kernels for an instruction set, if this processor has it.
func RunOn(t *testing.T, needed isa.Set, name string, test func(t *testing.T)) {
	if isa.Best() >= needed {
		t.Run(name, test)
	}
}

// Number is what test data consist of.
type Number interface{ ~float32 | ~float64 }

// Guard is how many elements around a guarded slice are checked.
const Guard = 37

// Guarded returns a slice of n elements, unaligned, amid elements that check finds changed if anything was written there.
func Guarded[T Number](n int) (s []T, check func(t *testing.T)) {
	all := make([]T, n+2*Guard)
	for i := range all {
		all[i] = T(-77)
	}
	return all[Guard : Guard+n : Guard+n], func(t *testing.T) {
		t.Helper()
		for i := range Guard {
			require.EqualValues(t, -77, all[i], "written before the slice")
			require.EqualValues(t, -77, all[Guard+n+i], "written after the slice")
		}
	}
}

// Filling is a kind of test data.
type Filling struct {
	Name string
	Fill func(rng *rand.Rand) float64
}

// The kinds of test data.
var (
	Normal = Filling{Name: "normal", Fill: func(rng *rand.Rand) float64 { return rng.NormFloat64() }}
	// Integers have exact products and sums.
	Integers = Filling{Name: "integers", Fill: func(rng *rand.Rand) float64 { return float64(rng.IntN(255) - 127) }}
	// Wild data overflow, underflow and cancel.
	Wild = Filling{Name: "wild", Fill: func(rng *rand.Rand) float64 {
		switch rng.IntN(12) {
		case 0:
			return 0
		case 1:
			return math.Copysign(0, -1)
		case 2:
			return math.Ldexp(rng.NormFloat64(), -140) // subnormal in float32
		case 3:
			return math.Ldexp(rng.NormFloat64(), 60+rng.IntN(8))
		case 4:
			return 1 + math.Ldexp(1, -rng.IntN(24))
		case 5:
			return -1 + math.Ldexp(1, -rng.IntN(24))
		}
		return math.Ldexp(rng.NormFloat64(), rng.IntN(60)-50)
	}}
	// Specials have infinities and NaN now and then.
	Specials = Filling{Name: "specials", Fill: func(rng *rand.Rand) float64 {
		switch rng.IntN(200) {
		case 0:
			return math.Inf(1 - 2*rng.IntN(2))
		case 1:
			return math.NaN()
		}
		return rng.NormFloat64()
	}}
)

// Data returns n elements in a slice that is not aligned to vectors.
func Data[T Number](rng *rand.Rand, f Filling, n int) []T {
	s := make([]T, n+3)[3:]
	for i := range s {
		s[i] = T(f.Fill(rng))
	}
	return s
}

// Pattern is the bits of x; all NaN have the same.
func Pattern[T Number](x T) uint64 {
	if x != x {
		return math.MaxUint64
	}
	return math.Float64bits(float64(x))
}

// RequireSameBits compares element by element; NaN equals NaN.
func RequireSameBits[T Number](t *testing.T, want, got []T, message ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if Pattern(want[i]) != Pattern(got[i]) {
			require.Failf(t, "different bits", "element %d of %d: want %v (%x), got %v (%x); %s", i, len(want), want[i], want[i], got[i], got[i], fmt.Sprint(message...))
		}
	}
}

// Floor is the floor of a rational number.
func Floor(q *big.Rat) *big.Int {
	return new(big.Int).Div(q.Num(), q.Denom()) // Euclidean: the floor, for positive denominators
}
