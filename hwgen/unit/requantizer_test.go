package unit

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// load parses mac8 with some of its lines replaced.
func load(t testing.TB, lines ...string) *target.Target {
	t.Helper()
	keys := []struct{ key, value string }{
		{"halftone", "target/1"},
		{"operands", "{activation: int8, weight: int8}"},
		{"array", "{kind: weight-stationary, rows: 2, columns: 2}"},
		{"accumulator", `"acc:w32,wrap"`},
		{"requantization", "tflite.single"},
		{"scales", "per-channel"},
		{"clamp", "true"},
		{"pipeline", "{multiply: 1, add: 1, requantize: 3}"},
	}
	text := ""
	for _, k := range keys {
		for i := 0; i < len(lines); i += 2 {
			if lines[i] == k.key {
				k.value = lines[i+1]
			}
		}
		text += k.key + ": " + k.value + "\n"
	}
	parsed, err := target.Parse("test.yaml", []byte(text))
	require.NoError(t, err)
	return parsed
}

func parameters(t testing.TB, lines ...string) *Parameters {
	t.Helper()
	p, err := NewParameters(load(t, lines...))
	require.NoError(t, err)
	return p
}

// requantize runs one value through a requantizer whose stages all move.
type requantize struct {
	p *Parameters
	s *circuit.Simulator
}

func newRequantize(p *Parameters) requantize {
	r := requantize{p, circuit.NewSimulator(p.requantizer())}
	for i := range p.Pipeline.Requantize {
		r.s.Set(fmt.Sprintf("step_%d", i+1), 1)
	}
	return r
}

func (r requantize) code(total int64, m requant.Multiplier, zero, low, high int64) int64 {
	r.s.Set("total", total)
	if r.p.HasMultiplier() {
		r.s.Set("multiplier", int64(m.M))
	}
	r.s.Set("shift", int64(m.Shift))
	r.s.Set("zero_point", zero)
	if r.p.Clamp {
		r.s.Set("clamp_low", low)
		r.s.Set("clamp_high", high)
	}
	for range r.p.Pipeline.Requantize {
		r.s.Step()
	}
	return r.s.Get("code")
}

// accumulators are the ends of the range, powers of two and their neighbours, and any.
func accumulators(t circuit.Type, random *rand.Rand) []int64 {
	lo, hi := t.Range()
	list := []int64{lo, lo + 1, -1, 0, 1, hi - 1, hi}
	for b := range t.Width - 1 {
		v := int64(1) << b
		list = append(list, v, v-1, v+1, -v, -v-1, -v+1, v+v/2, -v-v/2)
	}
	for range 40 {
		list = append(list, int64(random.Uint64())>>(64-t.Width))
	}
	for i, v := range list {
		list[i] = max(lo, min(v, hi))
	}
	return list
}

// TestRulesInHardware compares each rule's circuit with package requant over all shifts and over multipliers at the ends
// and in the middle of the range, at accumulators of any size.
func TestRulesInHardware(t *testing.T) {
	for _, name := range requant.Names() {
		t.Run(name, func(t *testing.T) {
			rule, err := requant.Get(name)
			require.NoError(t, err)
			info := rule.Info()
			for _, width := range []int{16, info.AccumulatorBits} {
				p := parameters(t, "requantization", name, "accumulator", fmt.Sprintf(`"acc:w%d,wrap"`, width))
				r := newRequantize(p)
				random := rand.New(rand.NewPCG(1, 2))
				for shift := info.MinShift; shift <= info.MaxShift; shift++ {
					for _, factor := range factors(info.MultiplierBits, random) {
						m := requant.Multiplier{M: factor, Shift: shift}
						for _, total := range accumulators(p.Accumulator, random) {
							zero := random.Int64N(256) - 128
							want := requant.Clamp(rule.Apply(total, m)+zero, -100, 127)
							require.Equal(t, want, r.code(total, m, zero, -100, 127), "%d by %+v, zero point %d", total, m, zero)
						}
					}
				}
			}
		})
	}
}

func factors(bits int, random *rand.Rand) []int32 {
	if bits == 0 {
		return []int32{0}
	}
	top := int32(1) << (bits - 1)
	return []int32{0, 1, top, top - 1 + top, top + random.Int32N(top)}
}

// TestTies finds every tie of a few multipliers between two codes.
func TestTies(t *testing.T) {
	for _, name := range []string{"tflite.single", "tflite.double", "shift.rne", "shift.rna", "shift.rnu", "shift.floor"} {
		rule, err := requant.Get(name)
		require.NoError(t, err)
		r := newRequantize(parameters(t, "requantization", name))
		for shift := -1; shift >= -12; shift-- {
			m := requant.Multiplier{Shift: shift}
			if rule.Info().MultiplierBits > 0 {
				m = requant.Multiplier{M: 1 << 30, Shift: shift + 1} // the same power of two
			}
			for code := int64(-130); code < 130; code++ {
				tie := code<<-shift + 1<<(-shift-1)
				for _, total := range []int64{tie - 1, tie, tie + 1} {
					want := requant.Clamp(rule.Apply(total, m), -128, 127)
					require.Equal(t, want, r.code(total, m, 0, -128, 127), "%s: %d by %+v", name, total, m)
				}
			}
		}
	}
}

// TestStages gives the same codes at any depth of the pipeline, each later by its depth.
func TestStages(t *testing.T) {
	rule, err := requant.Get("shift.rne")
	require.NoError(t, err)
	for stages := range 6 {
		p := parameters(t, "requantization", "shift.rne", "pipeline", fmt.Sprintf("{multiply: 1, add: 1, requantize: %d}", stages))
		r := newRequantize(p)
		require.Len(t, p.requantizer().Registers, stages)
		m := requant.Multiplier{Shift: -4}
		for total := int64(-3000); total < 3000; total += 7 {
			want := requant.Clamp(rule.Apply(total, m)+9, -90, 80)
			require.Equal(t, want, r.code(total, m, 9, -90, 80), "%d stages, %d", stages, total)
		}
	}
}

func TestWithoutClampLowBitsAreTaken(t *testing.T) {
	for activation, signed := range map[string]bool{"int8": true, "uint8": false} {
		p := parameters(t, "requantization", "shift.floor", "clamp", "false", "operands", "{activation: "+activation+", weight: int8}")
		r := newRequantize(p)
		for total := int64(-1000); total < 1000; total++ {
			want := int64(uint8(total + 5))
			if signed {
				want = int64(int8(total + 5))
			}
			require.Equal(t, want, r.code(total, requant.Multiplier{}, 5, 0, 0), "%s: %d", activation, total)
		}
	}
}

func TestRefusedTargets(t *testing.T) {
	good := load(t)
	for _, test := range []struct {
		change func(*target.Target)
		want   string
	}{
		{func(t *target.Target) { t.Requantization = "none" }, `unknown requantization "none"`},
		{func(t *target.Target) { t.Pipeline.Add = 0 }, "write add: 1 or more"},
		{func(t *target.Target) { t.Array.Rows = 0 }, "below 1"},
		{func(t *target.Target) { t.Array.Kind = "ring" }, "weight-stationary or dot"},
		{func(x *target.Target) {
			x.Accumulator = load(t, "accumulator", `"acc:w16,sat"`).Accumulator
			x.Operands.Weight.Width = 9
		}, "write acc:w17,sat"},
		{func(x *target.Target) {
			x.Accumulator = load(t, "accumulator", `"acc:w40,wrap"`, "requantization", "shift.rne").Accumulator
		}, "wider than the 32 bits"},
	} {
		changed := *good
		test.change(&changed)
		_, err := NewParameters(&changed)
		assert.ErrorContains(t, err, test.want)
		assert.ErrorContains(t, err, "target test")
	}
}
