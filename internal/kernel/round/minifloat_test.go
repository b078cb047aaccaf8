package round

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// definedMinifloat rounds x by the definition, in float64: all of its steps are exact there. code is without Width.
func definedMinifloat(f namedMinifloat, x float32, r Mode, random uint16, used int, counts *Counts) (value float64, code uint16) {
	negative := 0
	if math.Signbit(float64(x)) {
		negative = 1
	}
	switch {
	case x != x:
		counts.NaN++
		return float64(f.NaN), f.NaNCode
	case math.IsInf(float64(x), 0):
		counts.Inf++
		if !math.IsInf(float64(f.Infinity[negative]), 0) {
			counts.Clipped++
		}
		return f.special(f.Infinity[negative], f.InfinityCode[negative], negative)
	}
	e := 1 - f.bias + f.Scale
	if x != 0 {
		e = max(e, math.Ilogb(float64(x)))
	}
	q := float64(x) / math.Ldexp(1, e-f.Mantissa)
	var whole float64
	switch r {
	case NearestEven:
		whole = math.RoundToEven(q)
		if f.Mantissa == 0 && math.Abs(q) == 1.5 && (e-(1-f.bias+f.Scale))%2 == 1 { // the ordinals are those of q, more by this
			whole = math.Copysign(1, q)
		}
	case Floor:
		whole = math.Floor(q)
	case Stochastic:
		unit := float64(int(1) << used)
		whole = math.Floor((math.Floor(q*unit) + float64(random>>(16-used))) / unit)
	}
	magnitude := math.Abs(whole) * math.Ldexp(1, e-f.Mantissa)
	if magnitude > f.decode(f.Max) || magnitude >= 0x1p128 {
		counts.Clipped++
		return f.special(f.Over[negative], f.OverCode[negative], negative)
	}
	if whole == 0 && x != 0 {
		counts.Underflowed++
	}
	ordinal := uint16(math.Abs(whole)) + uint16(e-(1-f.bias+f.Scale))<<f.Mantissa
	if negative == 1 && (whole != 0 || f.SignedZero) {
		return -magnitude, ordinal | 1<<max(f.Width-1, 0)
	}
	return magnitude, ordinal
}

// special is a value of Over at the format's scale, or the largest number that float32 has.
func (f namedMinifloat) special(value float32, code uint16, negative int) (float64, uint16) {
	v := math.Ldexp(float64(value), f.Scale)
	if math.IsInf(float64(value), 0) || !(math.Abs(v) >= 0x1p128) {
		return v, code
	}
	most := f.Max
	for most > 0 && f.decode(most) >= 0x1p128 {
		most--
	}
	v, code = f.decode(most), uint16(most)
	if negative == 1 {
		return -v, code | 1<<max(f.Width-1, 0)
	}
	return v, code
}

// roundingCase is a rounding with its random bits.
type roundingCase struct {
	r    Mode
	bits int
}

var roundingCases = []roundingCase{{NearestEven, 0}, {Floor, 0}, {Stochastic, 16}, {Stochastic, 8}, {Stochastic, 1}}

// minifloatData are patterns of float32 a stride apart, and the numbers of the format, the ties between them, and the
// neighbours of both, of either sign.
func minifloatData(rng *rand.Rand, f namedMinifloat, stride int) []float32 {
	var src []float32
	for pattern := rng.IntN(stride); pattern < 1<<32; pattern += stride {
		src = append(src, math.Float32frombits(uint32(pattern)))
	}
	const most = 600 // numbers
	last := int(min(uint64(f.Max)+2<<f.Mantissa, 1<<31))
	for i := range min(last, most) {
		ordinal := uint32(i)
		if last > most {
			ordinal = uint32(rng.IntN(last))
			if i < most/4 {
				ordinal = uint32(i)
			} else if i < most/2 {
				ordinal = uint32(max(int(f.Max)-i+most/4+3, 0))
			}
		}
		number, next := f.decode(ordinal), f.decode(ordinal+1)
		for _, x := range []float64{number, number + (next-number)/2, number + (next-number)/65536, number + (next-number)/65536*float64(rng.IntN(65536))} {
			v := float32(x)
			up, down := math.Nextafter32(v, float32(math.Inf(1))), math.Nextafter32(v, float32(math.Inf(-1)))
			src = append(src, v, up, down, -v, -up, -down)
		}
	}
	return append(src, 0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()))
}

// drawnBits are the random bits of a run, straight from their definition.
func drawnBits(random Random, n int) []uint16 {
	bits := make([]uint16, n)
	for i := range bits {
		bits[i] = plainRandom(random, random.Start+i)
	}
	return bits
}

// wantMinifloat rounds all by the definition.
func wantMinifloat(f namedMinifloat, src []float32, c roundingCase, bits []uint16) (values []float32, codes []uint16, counts Counts) {
	values, codes = make([]float32, len(src)), make([]uint16, len(src))
	for i, x := range src {
		var r uint16
		if bits != nil {
			r = bits[i]
		}
		v, code := definedMinifloat(f, x, c.r, r, c.bits, &counts)
		values[i], codes[i] = float32(v), code
	}
	return values, codes, counts
}

// shuffled mixes rare inputs among the others.
func shuffled(rng *rand.Rand, src []float32) []float32 {
	rng.Shuffle(len(src), func(i, j int) { src[i], src[j] = src[j], src[i] })
	return src
}

func TestMinifloatIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, f := range testMinifloats() {
		src := shuffled(rng, minifloatData(rng, f, 65537))
		random := Random{Draw: philox.Draw{Key: [2]uint32{rng.Uint32(), rng.Uint32()}}, Start: rng.IntN(1000)}
		bits := drawnBits(random, len(src))
		for _, c := range roundingCases {
			random.Bits = c.bits
			values, codes, counts := wantMinifloat(f, src, c, bits)
			kerneltest.OnEachISA(t, func(t *testing.T) { requireMinifloat(t, f, src, c.r, random, values, codes, counts) })
		}
	}
}

// requireMinifloat compares values, and codes of the widths that fit.
func requireMinifloat(t *testing.T, f namedMinifloat, src []float32, r Mode, random Random, values []float32, codes []uint16, counts Counts) {
	t.Helper()
	message := fmt.Sprintf("%s at 2^%d, rounding %v, %d bits", f.name, f.Scale, r, random.Bits)
	got := make([]float32, len(src))
	require.Equal(t, counts, MinifloatValues(got, src, f.Minifloat, r, random), message)
	requireSameRounding(t, src, values, got, message)
	if f.Width > 0 {
		requireCodes[uint16](t, f, src, r, random, codes, counts, message)
		requireCodes[int16](t, f, src, r, random, codes, counts, message)
	}
	if f.Width > 0 && f.Width <= 8 {
		requireCodes[uint8](t, f, src, r, random, codes, counts, message)
		requireCodes[int8](t, f, src, r, random, codes, counts, message)
	}
}

func requireCodes[C Code](t *testing.T, f namedMinifloat, src []float32, r Mode, random Random, want []uint16, counts Counts, message string) {
	t.Helper()
	got := make([]C, len(src))
	require.Equal(t, counts, MinifloatCodes(got, src, f.Minifloat, r, random), message)
	for i := range got {
		if got[i] != C(want[i]) {
			require.Failf(t, "different codes", "%s, %d bytes: x = %v (%x): want %x, got %x", message, unsafe.Sizeof(got[i]), src[i], src[i], want[i], got[i])
		}
	}
}

// requireSameRounding compares bits, with the source in the message.
func requireSameRounding(t *testing.T, src, want, got []float32, message string) {
	t.Helper()
	for i := range want {
		if w, g := math.Float32bits(want[i]), math.Float32bits(got[i]); w != g && (want[i] == want[i] || got[i] == got[i]) {
			require.Failf(t, "different bits", "%s: element %d of %d, x = %v (%x): want %v (%x), got %v (%x)", message, i, len(want), src[i], src[i], want[i], w, got[i], g)
		}
	}
}

// Scales move the grid over the whole range of float32 and beyond its ends.
func TestMinifloatScales(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	for _, f := range testMinifloats() {
		// Where the smallest normal number and its step leave the normal numbers of float32, or a quotient its integers.
		m, least := f.Mantissa, f.MinExponent
		edges := []int{m - 127 - least, m - 126 - least, m - 111 - least, m - 110 - least, m + 16 - least, m + 17 - least, 127 - least, 128 - least}
		for _, scale := range append(edges, -290, -150, -127, -126-least, -60, -3, 1, 40, 113, 127, 200) {
			f.Scale = scale
			src := shuffled(rng, minifloatData(rng, f, 1<<24+1))
			random := Random{Start: rng.IntN(1000)}
			bits := drawnBits(random, len(src))
			for _, c := range roundingCases[:3] {
				random.Bits = c.bits
				values, codes, counts := wantMinifloat(f, src, c, bits)
				kerneltest.OnEachISA(t, func(t *testing.T) { requireMinifloat(t, f, src, c.r, random, values, codes, counts) })
			}
		}
	}
}

// IEEE 754's directed rounding: what is rounded towards the numbers does not overflow.
func TestMinifloatDirectedOverflow(t *testing.T) {
	f := ieeeOf(5, 2)
	f.Over[0], f.OverCode[0] = 57344, 0x7b
	rng := rand.New(rand.NewPCG(35, 36))
	src := shuffled(rng, minifloatData(rng, f, 1<<20+1))
	values, codes, counts := wantMinifloat(f, src, roundingCase{Floor, 0}, nil)
	kerneltest.OnEachISA(t, func(t *testing.T) {
		requireMinifloat(t, f, src, Floor, Random{}, values, codes, counts)
		got := make([]float32, 4)
		inf := float32(math.Inf(1))
		assert.Equal(t, Counts{Clipped: 2, Inf: 2}, MinifloatValues(got, []float32{1e30, -1e30, inf, -inf}, f.Minifloat, Floor, Random{}))
		assert.Equal(t, []float32{57344, -inf, inf, -inf}, got)
	})
}

// Every code of a small format is the code of its own value, and all values that are no number's give a number or what
// the format says.
func TestMinifloatCodesOfTheirValues(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for _, f := range testMinifloats() {
			if f.Width == 0 || f.Width > 16 {
				continue
			}
			var src []float32
			var want []uint16
			for code := range f.Max + 1 {
				src = append(src, float32(f.decode(code)))
				want = append(want, uint16(code))
				if code > 0 || f.SignedZero {
					src = append(src, float32(-f.decode(code)))
					want = append(want, uint16(code|1<<(f.Width-1)))
				}
			}
			for _, c := range roundingCases {
				values, codes := make([]float32, len(src)), make([]uint16, len(src))
				random := Random{Bits: c.bits}
				assert.Zero(t, MinifloatValues(values, src, f.Minifloat, c.r, random), f.name)
				requireSameRounding(t, src, src, values, f.name)
				assert.Zero(t, MinifloatCodes(codes, src, f.Minifloat, c.r, random), f.name)
				assert.Equal(t, want, codes, f.name)
			}
		}
	})
}

// Runs of all lengths at all alignments: nothing is written beside them, nothing depends on where they start.
func TestMinifloatLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(37, 38))
	for _, f := range []namedMinifloat{testMinifloats()[2], ieeeOf(8, 7)} {
		for n := range 301 {
			offset := rng.IntN(16)
			src := kerneltest.Data[float32](rng, kerneltest.Specials, n+offset)[offset:]
			orders := []philox.Order{{}, {Channels: 16, Area: 1024}, {Channels: 20, Area: 64}, {Channels: 24, Area: 49}, {Channels: 5, Area: 3}}
			random := Random{Draw: philox.Draw{Key: [2]uint32{3, 4}, Execution: 5, Domain: 1}, Order: orders[n%len(orders)], Start: rng.IntN(4000)}
			bits := drawnBits(random, n)
			for _, c := range roundingCases[:3] {
				random.Bits = c.bits
				values, codes, counts := wantMinifloat(f, src, c, bits)
				kerneltest.OnEachISA(t, func(t *testing.T) {
					requireMinifloat(t, f, src, c.r, random, values, codes, counts)
					got, check := kerneltest.Guarded[float32](n)
					copy(got, src)
					assert.Equal(t, counts, MinifloatValues(got, got, f.Minifloat, c.r, random))
					requireSameRounding(t, src, values, got, f.name)
					check(t)
					all := make([]int16, n+2*kerneltest.Guard)
					MinifloatCodes(all[kerneltest.Guard:kerneltest.Guard+n], src, f.Minifloat, c.r, random)
					for i := range kerneltest.Guard {
						require.Zero(t, all[i])
						require.Zero(t, all[kerneltest.Guard+n+i])
					}
				})
			}
		}
	}
}

// The pieces of a run give what the whole gives.
func TestMinifloatPieces(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(39, 40))
		const n = 5000
		f := ieeeOf(5, 2)
		src := kerneltest.Data[float32](rng, kerneltest.Specials, n)
		for _, order := range []philox.Order{{}, {Channels: 16, Area: 25}, {Channels: 3, Area: 100}, {Channels: 10, Area: 500}} {
			random := Random{Draw: philox.Draw{Key: [2]uint32{7, 8}}, Order: order, Start: 11, Bits: 16}
			want, got := make([]float32, n), make([]float32, n)
			counts := MinifloatValues(want, src, f.Minifloat, Stochastic, random)
			var sum Counts
			for at := 0; at < n; {
				next := min(at+1+rng.IntN(700), n)
				piece := random
				piece.Start += at
				sum.Add(MinifloatValues(got[at:next], src[at:next], f.Minifloat, Stochastic, piece))
				at = next
			}
			assert.Equal(t, counts, sum)
			requireSameRounding(t, src, want, got, "pieces")
		}
	})
}

func TestMinifloatRefusesWhatDoesNotFit(t *testing.T) {
	s := make([]float32, 2)
	f := ieeeOf(5, 10).Minifloat
	assert.PanicsWithValue(t, badLength, func() { MinifloatValues(s, s[:1], f, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badRandom, func() { MinifloatValues(s, s, f, Stochastic, Random{}) })
	assert.PanicsWithValue(t, badRandom, func() { MinifloatValues(s, s, f, Stochastic, Random{Bits: 17}) })
	assert.PanicsWithValue(t, badWidth, func() { MinifloatCodes(make([]uint8, 2), s, f, NearestEven, Random{}) })
	for _, bad := range []Minifloat{{Mantissa: 24}, {Mantissa: -1}, {MinExponent: 301}, {Scale: -301}} {
		assert.PanicsWithValue(t, badMinifloat, func() { MinifloatValues(s, s, bad, NearestEven, Random{}) })
	}
	bad := f
	bad.Max = 1 << 15
	assert.PanicsWithValue(t, badWidth, func() { MinifloatCodes(make([]uint16, 2), s, bad, NearestEven, Random{}) })
}
