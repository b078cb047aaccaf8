// Package oracles_test compares number formats with programs that others wrote: their answers are in the folder vectors,
// and "make oracles" makes them anew.
package oracles_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops/number"
)

// TestVectors runs on every instruction set that there is here.
func TestVectors(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for _, oracle := range oracles {
		v := readVectors(t, oracle)
		require.NotEmpty(t, v.Cases)
		for _, set := range []string{"go", "avx2", "avx512"} {
			if isa.Use(set) != nil {
				continue // of another processor
			}
			t.Run(oracle+"/"+set, func(t *testing.T) {
				for _, c := range v.Cases {
					if c.What == "" { // else TestNames
						t.Run(c.Format, func(t *testing.T) { checkCase(t, c) })
					}
				}
			})
		}
	}
}

func checkCase(t *testing.T, c vectorCase) {
	f, err := number.Parse(c.Format)
	require.NoError(t, err)
	assert.Equal(t, c.Format, f.String(), "the string is canonical")
	switch {
	case c.Packed.words != nil:
		checkPacked(t, f, c)
	case c.Input.words == nil:
		checkDecode(t, f, c)
	case c.Random.words != nil:
		checkRandom(t, f, c)
	default:
		checkQuantize(t, f, c)
	}
}

func checkQuantize(t *testing.T, f number.Format, c vectorCase) {
	got, err := c.quantize(f)
	require.NoError(t, err)
	compare(t, c, got)
	compare(t, c, c.quantize64(t, f))
	if c.Scales.words != nil {
		checkScales(t, f, c)
	}
	if c.Codes.words != nil {
		checkCodes(t, f, c)
	}
}

// shape is that of the tensor: a vector, unless the case says more.
func (c vectorCase) shape() []int {
	if c.Shape == nil {
		return []int{len(c.Value.words)}
	}
	return c.Shape
}

func (c vectorCase) options() number.Options {
	o := number.Options{ChannelAxis: c.Channel}
	if c.Seed != nil {
		o.Draw.Stream = number.NewStream(*c.Seed, "oracle")
	}
	return o
}

func (c vectorCase) quantize(f number.Format) ([]float32, error) {
	y := make([]float32, len(c.Input.words))
	_, err := number.Quantize(f, y, fromBits(c.Input.words), c.shape(), c.options())
	return y, err
}

// quantize64 quantizes a float64 tensor, which goes another way than a float32 one.
func (c vectorCase) quantize64(t *testing.T, f number.Format) []float32 {
	x := make([]float64, len(c.Input.words))
	for i, v := range fromBits(c.Input.words) {
		x[i] = float64(v)
	}
	_, err := number.Quantize(f, x, x, c.shape(), c.options())
	require.NoError(t, err)
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func fromBits(words []uint32) []float32 {
	x := make([]float32, len(words))
	for i, w := range words {
		x[i] = math.Float32frombits(w)
	}
	return x
}

// same reports whether two patterns are the same float32 number: to the bit, but for the payload of a NaN, which says
// nothing.
func same(a, b uint32) bool { return a == b || isNaN(a) && isNaN(b) }

func isNaN(word uint32) bool { return word&0x7fffffff > 0x7f800000 }

// mismatches is a list of the first ones.
type mismatches struct {
	count, of int
	lines     []string
}

func (m *mismatches) add(format string, arguments ...any) {
	const shown = 5
	if m.count++; m.count <= shown {
		m.lines = append(m.lines, fmt.Sprintf(format, arguments...))
	}
}

func (m *mismatches) report(t *testing.T, what string) {
	if m.count > 0 {
		assert.Failf(t, "not what the oracle says", "%s: %d of %d\n%s", what, m.count, m.of, strings.Join(m.lines, "\n"))
	}
}

func compare(t *testing.T, c vectorCase, got []float32) {
	require.Len(t, got, len(c.Value.words))
	m := mismatches{of: len(got)}
	for i, want := range c.Value.words {
		if have := math.Float32bits(got[i]); !same(have, want) {
			m.add("element %d, %s: %s has %s, Halftone %s", i, shown(c.Input.words[i]), c.MadeBy, shown(want), shown(have))
		}
	}
	m.report(t, c.Format)
}

func shown(word uint32) string {
	return fmt.Sprintf("%v (%08x)", math.Float32frombits(word), word)
}

// checkCodes compares codes. A NaN may have any code that is NaN: programs differ in which they choose.
func checkCodes(t *testing.T, f number.Format, c vectorCase) {
	require.Len(t, c.Codes.words, len(c.Input.words))
	codes := make([]int32, len(c.Codes.words))
	_, err := number.Encode(f, codes, fromBits(c.Input.words), c.shape(), c.options())
	require.NoError(t, err)
	decoded := make([]float32, len(codes))
	require.NoError(t, number.Decode(f, decoded, codes, c.shape(), nil, c.Channel))
	m := mismatches{of: len(codes)}
	for i, want := range c.Codes.words {
		nan := isNaN(c.Value.words[i]) && math.IsNaN(float64(decoded[i]))
		if have := uint32(codes[i]); have != want && !nan {
			m.add("element %d, %s: %s has code %#x, Halftone %#x", i, shown(c.Input.words[i]), c.MadeBy, want, have)
		}
	}
	m.report(t, c.Format)
}

// checkScales compares the scales of blocks. The step of a format with integers is that of their last bit: with W bits,
// of which one is before the point and one the sign, 2^(2-W) of the scale. Blocks of zeros have scales of no consequence.
func checkScales(t *testing.T, f number.Format, c vectorCase) {
	var scales number.Scales
	o := c.options()
	o.Scales = &scales
	y := make([]float32, len(c.Input.words))
	_, err := number.Quantize(f, y, fromBits(c.Input.words), c.shape(), o)
	require.NoError(t, err)
	require.Len(t, scales.Step, len(c.Scales.words))
	unit := 1.0
	if f.Kind() == "bfp" || strings.HasPrefix(c.Format, "mx:int") {
		unit = math.Ldexp(1, 2-f.Width())
	}
	zeros := make([]bool, len(scales.Step))
	for b := range zeros {
		zeros[b] = true
	}
	for e, word := range c.Input.words {
		if word<<1 != 0 {
			zeros[scales.Blocks.Of(e)] = false
		}
	}
	m := mismatches{of: len(zeros)}
	for b, want := range fromBits(c.Scales.words) {
		if have := scales.Step[b] / unit; have != float64(want) && !zeros[b] {
			m.add("block %d: %s has a scale of %v, Halftone %v", b, c.MadeBy, want, have)
		}
	}
	m.report(t, "scales of "+c.Format)
}

// checkRandom compares the rounding of one element with the random bits as an argument. Its codes have no -0.
func checkRandom(t *testing.T, f number.Format, c vectorCase) {
	got := make([]float32, len(c.Input.words))
	for i, x := range fromBits(c.Input.words) {
		code, _ := f.Round(float64(x), f.Step(), 0, c.Random.words[i])
		got[i] = float32(float64(code) * f.Step())
	}
	c.Value.words = slices.Clone(c.Value.words)
	for i, word := range c.Value.words {
		if word == 1<<31 {
			c.Value.words[i] = 0
		}
	}
	compare(t, c, got)
}

func checkDecode(t *testing.T, f number.Format, c vectorCase) {
	codes := make([]int32, len(c.Codes.words))
	for i, w := range c.Codes.words {
		codes[i] = int32(w)
	}
	compareDecoded(t, f, c, codes, nil)
}

func checkPacked(t *testing.T, f number.Format, c vectorCase) {
	data := make([]byte, len(c.Packed.words))
	for i, w := range c.Packed.words {
		data[i] = byte(w)
	}
	codes, scales, err := number.Unpack(f, data, c.Shape, 0)
	require.NoError(t, err)
	compareDecoded(t, f, c, codes, scales)
	again, err := number.Pack(f, codes, scales)
	require.NoError(t, err)
	assert.Equal(t, data, again)
}

func compareDecoded(t *testing.T, f number.Format, c vectorCase, codes []int32, scales *number.Scales) {
	got := make([]float32, len(codes))
	require.NoError(t, number.Decode(f, got, codes, c.shape(), scales, 0))
	m := mismatches{of: len(codes)}
	for i, want := range c.Value.words {
		if have := math.Float32bits(got[i]); !same(have, want) {
			m.add("element %d, code %#x: %s has %s, Halftone %s", i, codes[i], c.MadeBy, shown(want), shown(have))
		}
	}
	m.report(t, "decode "+c.Format)
}
