package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// forEachISA runs the test under every instruction set that is available here.
func forEachISA(t *testing.T, test func(t *testing.T)) {
	before := isa.Name()
	defer func() { require.NoError(t, isa.Use(before)) }()
	for _, name := range isa.Names {
		if isa.Use(name) == nil {
			t.Run(name, test)
		}
	}
}

// guard is how many elements around a guarded slice are checked.
const guard = 37

// guarded returns a slice of n elements, unaligned, amid elements that check finds changed if anything was written there.
func guarded[T Float](n int) (s []T, check func(t *testing.T)) {
	all := make([]T, n+2*guard)
	for i := range all {
		all[i] = T(-77)
	}
	return all[guard : guard+n : guard+n], func(t *testing.T) {
		t.Helper()
		for i := range guard {
			require.EqualValues(t, -77, all[i], "written before the slice")
			require.EqualValues(t, -77, all[guard+n+i], "written after the slice")
		}
	}
}

// A filling is a kind of test data.
type filling struct {
	name string
	fill func(rng *rand.Rand) float64
}

var (
	normal = filling{"normal", func(rng *rand.Rand) float64 { return rng.NormFloat64() }}
	// integers have exact products and sums.
	integers = filling{"integers", func(rng *rand.Rand) float64 { return float64(rng.IntN(255) - 127) }}
	// wild data overflow, underflow and cancel.
	wild = filling{"wild", func(rng *rand.Rand) float64 {
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
	// specials have infinities and NaN now and then.
	specials = filling{"specials", func(rng *rand.Rand) float64 {
		switch rng.IntN(200) {
		case 0:
			return math.Inf(1 - 2*rng.IntN(2))
		case 1:
			return math.NaN()
		}
		return rng.NormFloat64()
	}}
)

// data returns n elements in a slice that is not aligned to vectors.
func data[T Float](rng *rand.Rand, f filling, n int) []T {
	s := make([]T, n+3)[3:]
	for i := range s {
		s[i] = T(f.fill(rng))
	}
	return s
}

// pattern is the bits of x; all NaN have the same.
func pattern[T Float](x T) uint64 {
	if x != x {
		return math.MaxUint64
	}
	return math.Float64bits(float64(x))
}

// requireSameBits compares element by element; NaN equals NaN.
func requireSameBits[T Float](t *testing.T, want, got []T, message ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if pattern(want[i]) != pattern(got[i]) {
			require.Failf(t, "different bits", "element %d of %d: want %v (%x), got %v (%x); %s", i, len(want), want[i], want[i], got[i], got[i], fmt.Sprint(message...))
		}
	}
}
