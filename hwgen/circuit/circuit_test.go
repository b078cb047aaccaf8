package circuit

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTypes(t *testing.T) {
	for _, test := range []struct {
		t      Type
		lo, hi int64
		text   string
	}{
		{Bit, 0, 1, "bit"},
		{Unsigned(3), 0, 7, "u3"},
		{Signed(3), -4, 3, "s3"},
		{Signed(64), -1 << 63, 1<<63 - 1, "s64"},
	} {
		lo, hi := test.t.Range()
		assert.Equal(t, []int64{test.lo, test.hi}, []int64{lo, hi}, test.text)
		assert.Equal(t, test.text, test.t.String())
		for _, v := range []int64{lo, 0, hi} {
			assert.Equal(t, v, test.t.Value(test.t.Bits(v)), test.text)
		}
	}
	for n, want := range []int{0, 0, 1, 2, 2, 3, 3, 3, 3, 4} {
		assert.Equal(t, want, IndexBits(n), "%d things", n)
	}
}

// TestOperations evaluates every operation on all pairs of 4-bit values.
func TestOperations(t *testing.T) {
	wrap := func(v int) int64 { return Signed(4).Value(uint64(v) & 15) }
	m := NewModule("Operations", "")
	a, b := m.Input("a", Signed(4), ""), m.Input("b", Signed(4), "")
	u := m.Wire("u", AsUnsigned(b))
	s := m.Wire("s", Slice(b, 2, 0))
	operations := []struct {
		name string
		expr *Expr
		want func(a, b int) int64
	}{
		{"add", Add(a, b), func(a, b int) int64 { return wrap(a + b) }},
		{"sub", Sub(a, b), func(a, b int) int64 { return wrap(a - b) }},
		{"mul", Mul(a, b), func(a, b int) int64 { return int64(a * b) }},
		{"both", And(a, b), func(a, b int) int64 { return int64(a & b) }},
		{"either", Or(a, b), func(a, b int) int64 { return int64(a | b) }},
		{"inverse", Not(a), func(a, _ int) int64 { return int64(^a) }},
		{"equal", Equal(a, b), func(a, b int) int64 { return truth(a == b) }},
		{"less", Less(a, b), func(a, b int) int64 { return truth(a < b) }},
		{"less_unsigned", Less(AsUnsigned(a), u), func(a, b int) int64 { return truth(a&15 < b&15) }},
		{"mux", Mux(IsSet(a, 0), a, b), func(a, b int) int64 {
			if a&1 != 0 {
				return int64(a)
			}
			return int64(b)
		}},
		{"left", ShiftLeft(a, s), func(a, b int) int64 { return wrap(a << (b & 7)) }},
		{"right", ShiftRight(a, s), func(a, b int) int64 { return int64(a >> (b & 7)) }},
		{"right_unsigned", ShiftRight(u, s), func(_, b int) int64 { return int64(b & 15 >> (b & 7)) }},
		{"slice", Slice(a, 2, 1), func(a, _ int) int64 { return int64(a >> 1 & 3) }},
		{"concat", Concat(a, u), func(a, b int) int64 { return int64(a&15<<4 | b&15) }},
		{"wider", Extend(a, 64), func(a, _ int) int64 { return int64(a) }},
		{"wider_unsigned", Extend(u, 9), func(_, b int) int64 { return int64(b & 15) }},
		{"any", Any(IsSet(a, 0), IsSet(a, 3)), func(a, _ int) int64 { return truth(a&9 != 0) }},
		{"none", Any(), func(_, _ int) int64 { return 0 }},
	}
	for _, o := range operations {
		m.Output(o.name, o.expr, "")
	}
	simulator := NewSimulator(m)
	for x := -8; x < 8; x++ {
		for y := -8; y < 8; y++ {
			simulator.Set("a", int64(x))
			simulator.Set("b", int64(y))
			for _, o := range operations {
				require.Equal(t, o.want(x, y), simulator.Get(o.name), "%s of %d and %d", o.name, x, y)
			}
		}
	}
}

func TestConstantsFold(t *testing.T) {
	assert.Equal(t, Constant(Signed(9), -3), Extend(Constant(Signed(4), -3), 9))
	assert.Equal(t, Constant(Unsigned(3), 6), Slice(Constant(Signed(4), -3), 3, 1)) // 1101
	a := NewModule("M", "").Input("a", Signed(4), "")
	assert.Same(t, a, Extend(a, 4))
	assert.Same(t, a, AsSigned(a))
}

// counter counts enabled cycles and hands the count through an instance of itself as a delay.
func counter() *Module {
	inner := NewModule("Inner", "")
	held := inner.Register("held", Unsigned(8), "")
	inner.Drive(held, inner.Input("value", Unsigned(8), ""), nil)
	inner.Output("value_out", held, "")

	m := NewModule("Counter", "")
	enable := m.Input("enable", Bit, "")
	count := m.ResetRegister("count", Unsigned(8), 5, "")
	next := m.ForwardWire("next_count", Unsigned(8))
	m.Drive(count, next, enable)
	in := m.Instance("inner", inner, map[string]*Expr{"value": count})
	m.Drive(next, Add(count, Constant(Unsigned(8), 1)), nil)
	m.Output("now", count, "")
	m.Output("earlier", in.Output("value_out"), "")
	return m
}

func TestRegisters(t *testing.T) {
	s := NewSimulator(counter())
	s.Reset()
	assert.EqualValues(t, 5, s.Get("now"))
	s.Step()
	assert.EqualValues(t, 5, s.Get("now"), "not enabled")
	s.Set("enable", 1)
	s.Step()
	s.Step()
	assert.EqualValues(t, 7, s.Get("now"))
	assert.EqualValues(t, 6, s.Get("earlier"))
	for range 250 {
		s.Step()
	}
	assert.EqualValues(t, 1, s.Get("now"), "wrapped")
}

func TestHierarchy(t *testing.T) {
	m := counter()
	require.Len(t, m.Hierarchy(), 2)
	assert.Equal(t, "Inner", m.Hierarchy()[0].Name)
	assert.True(t, m.HasClock())
	assert.True(t, m.HasReset())
	assert.False(t, m.Hierarchy()[0].HasReset())
}

func TestPipe(t *testing.T) {
	m := NewModule("Pipe", "")
	value := m.Input("value", Signed(8), "")
	m.Output("now", m.Pipe("none", value, 0, nil), "")
	m.Output("later", m.Pipe("stage", value, 3, nil), "")
	s := NewSimulator(m)
	for i := range int64(10) {
		s.Set("value", i)
		assert.Equal(t, i, s.Get("now"))
		assert.Equal(t, max(0, i-3), s.Get("later"))
		s.Step()
	}
}

func TestUnread(t *testing.T) {
	m := NewModule("Unread", "")
	a := m.Input("a", Unsigned(8), "")
	m.Input("b", Bit, "")
	low := m.Wire("low", Slice(a, 1, 0))
	m.Wire("spare", Slice(a, 5, 4))
	m.Output("out", low, "")
	var got []string
	for _, r := range m.Unread() {
		got = append(got, r.Signal.Name, string(rune('0'+r.High)), string(rune('0'+r.Low)))
	}
	assert.Equal(t, []string{"a", "3", "2", "a", "7", "6", "b", "0", "0", "spare", "1", "0"}, got)
}

func TestRuns(t *testing.T) {
	s := &Signal{Type: Signed(64)}
	for _, set := range []uint64{0, 1, ^uint64(0), 1 << 63, 0b1011, 0xf << 60, 0xf0f0_0000_0000_000f} {
		var again uint64
		for _, r := range runs(s, set) {
			again |= (^uint64(0) >> (63 - r.High + r.Low)) << r.Low
		}
		assert.Equal(t, set, again, "%x, %d bits", set, bits.OnesCount64(set))
	}
}

func TestMistakesPanic(t *testing.T) {
	m := NewModule("M", "")
	a, u := m.Input("a", Signed(4), ""), m.Input("u", Unsigned(4), "")
	condition := m.Input("condition", Bit, "")
	register := m.Register("r", Signed(4), "")
	for name, mistake := range map[string]func(){
		"width":             func() { Signed(65) },
		"types":             func() { Add(a, u) },
		"widths":            func() { Add(a, Extend(a, 5)) },
		"constant":          func() { Constant(Signed(4), 8) },
		"unnamed slice":     func() { Slice(Add(a, a), 1, 0) },
		"unnamed extension": func() { Extend(Add(a, a), 9) },
		"slice":             func() { Slice(a, 4, 0) },
		"narrower":          func() { Extend(a, 3) },
		"product of bits":   func() { Mul(condition, condition) },
		"condition":         func() { Mux(a, a, a) },
		"shift":             func() { ShiftRight(a, a) },
		"same name":         func() { m.Wire("a", a) },
		"reserved name":     func() { m.Wire("reg", a) },
		"module name":       func() { NewModule("lower", "") },
		"signal name":       func() { m.Wire("Upper", a) },
		"driven twice":      func() { m.Drive(register, a, nil); m.Drive(register, a, nil) },
		"drives an input":   func() { m.Drive(a, a, nil) },
		"missing input":     func() { m.Instance("i", counter(), nil) },
		"unknown output":    func() { m.Instance("j", counter(), map[string]*Expr{"enable": condition}).Output("none") },
		"reset value":       func() { m.ResetRegister("big", Signed(4), 9, "") },
		"unknown port":      func() { NewSimulator(m).Set("none", 1) },
	} {
		assert.Panics(t, mistake, name)
	}
}

func TestCombinationalLoopPanics(t *testing.T) {
	m := NewModule("Loop", "")
	w := m.ForwardWire("w", Signed(4))
	m.Drive(w, Not(w), nil)
	m.Output("out", w, "")
	assert.PanicsWithValue(t, "circuit: Loop.w depends on itself", func() { NewSimulator(m).Get("out") })
}

func TestWrap(t *testing.T) {
	assert.Equal(t, []string{"one two", "three"}, Wrap("one  two three", 8))
	assert.Empty(t, Wrap("", 8))
}
