package round

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// shiftedDefinition is the sum that Shifted takes, in exact arithmetic: x to the nearest unit of the shift, ties to even,
// then down to a step after half a step, or random bits, were added.
func shiftedDefinition(x float32, exponent, dropped int, add uint32) *big.Rat {
	unit := new(big.Rat).SetFloat64(math.Ldexp(1, exponent+2-mantissaBits))
	units := new(big.Rat).Quo(new(big.Rat).SetFloat64(float64(x)), unit)
	twice := new(big.Int).Div(new(big.Int).Mul(units.Num(), big.NewInt(2)), units.Denom()) // floor of twice
	whole := new(big.Int).Rsh(twice, 1)
	isTie := new(big.Rat).SetFrac(twice, big.NewInt(2)).Cmp(units) == 0
	if twice.Bit(0) == 1 && (!isTie || whole.Bit(0) == 1) {
		whole.Add(whole, big.NewInt(1))
	}
	whole.Add(whole, big.NewInt(int64(add)))
	whole.Rsh(whole, uint(dropped)).Lsh(whole, uint(dropped))
	return unit.Mul(unit, new(big.Rat).SetInt(whole))
}

func TestRoundShifted(t *testing.T) {
	best := isa.Name()
	defer func() { require.NoError(t, isa.Use(best)) }()
	random := rand.New(rand.NewPCG(4, 4))
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) != nil {
			continue
		}
		for _, exponent := range []int{-126, -90, -3, 0, 5, 125} {
			for _, width := range []int{2, 5, 7, 8, 15, 22} {
				dropped := mantissaBits - width
				least := math.Ldexp(1, exponent+2-width)
				most := least * float64(int(1)<<(width-1)-1)
				for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 100} {
					x, draws := make([]float32, n), make([]uint16, n)
					for i := range x {
						v := (random.Float64()*4 - 2) * math.Ldexp(1, exponent)
						switch i % 4 {
						case 0:
							v = (float64(random.IntN(1<<width)) - math.Ldexp(1, width-1)) * least / 2 // ties
						case 1:
							v = math.Ldexp(v, -random.IntN(30))
						}
						x[i] = float32(max(min(v, math.Ldexp(1.9999998, exponent)), -math.Ldexp(1.9999998, exponent)))
						draws[i] = uint16(random.Uint32())
					}
					for _, bits := range []int{0, 1, 5, 15, 16} {
						with := draws
						if bits == 0 {
							with = nil
						}
						dst := make([]float32, n)
						s := Shift{Base: 6 * float32(math.Ldexp(1, exponent)), Most: float32(most), Dropped: dropped}
						got := Shifted(dst, x, s, with, bits)
						var want Counts
						for i, v := range x {
							add := uint32(1) << (dropped - 1)
							if bits > 0 {
								add = uint32(uint64(draws[i]>>(16-bits)<<(16-bits)) << dropped >> 16)
							}
							y := shiftedDefinition(v, exponent, dropped, add)
							f, _ := y.Float64()
							limited := max(min(f, most), -most)
							if limited != f {
								want.Clipped++
							} else if f == 0 && v != 0 {
								want.Underflowed++
							}
							require.Equal(t, math.Float32bits(float32(limited)+0), math.Float32bits(dst[i]), "%s: %v, width %d, %d bits", set, v, width, bits)
						}
						require.Equal(t, want, got)
						inPlace := slices.Clone(x)
						Shifted(inPlace, inPlace, s, with, bits)
						require.Equal(t, dst, inPlace)
					}
				}
			}
		}
	}
	require.PanicsWithValue(t, badShift, func() { Shifted(nil, nil, Shift{Dropped: 23}, nil, 0) })
	require.PanicsWithValue(t, badLength, func() { Shifted(make([]float32, 1), nil, Shift{Dropped: 3}, nil, 0) })
}

func TestLargestBits(t *testing.T) {
	best := isa.Name()
	defer func() { require.NoError(t, isa.Use(best)) }()
	random := rand.New(rand.NewPCG(5, 4))
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) != nil {
			continue
		}
		for n := range 200 {
			x := make([]float32, n)
			var want uint32
			for i := range x {
				bits := random.Uint32()
				x[i] = math.Float32frombits(bits)
				want = max(want, math.Float32bits(x[i])&0x7fffffff)
			}
			require.Equal(t, want, LargestBits(x), "%s, %d elements", set, n)
		}
	}
}
