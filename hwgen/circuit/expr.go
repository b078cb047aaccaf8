package circuit

import "fmt"

// Op is what an expression computes.
type Op uint8

// The operations. Operands are in the order of Expr.Args, which both emitters keep.
const (
	OpConstant Op = iota
	OpSignal
	OpAdd        // a + b, wrapped
	OpSub        // a - b, wrapped
	OpMul        // a * b, exact
	OpAnd        // a & b
	OpOr         // a | b
	OpNot        // ~a
	OpEqual      // a == b
	OpLess       // a < b
	OpMux        // condition ? a : b
	OpShiftLeft  // a << s, bits above the width dropped
	OpShiftRight // a >> s: arithmetic for signed a
	OpSlice      // bits High..Low of a, unsigned
	OpConcat     // bits of a above those of b, unsigned
	OpExtend     // a in a wider type of the same kind
	OpRead       // the bits of a read as another type of the same width
)

// Expr is a value computed from others. Expressions are trees; what is used twice is given a name.
type Expr struct {
	Op        Op
	Type      Type
	Args      []*Expr
	Signal    *Signal // OpSignal
	Value     int64   // OpConstant
	High, Low int     // OpSlice
}

// Constant is the value v of a type.
func Constant(t Type, v int64) *Expr {
	if !t.Contains(v) {
		panic(fmt.Sprintf("circuit: constant %d does not fit %v", v, t))
	}
	return &Expr{Op: OpConstant, Type: t, Value: v}
}

// Add is a + b in their common type.
func Add(a, b *Expr) *Expr { return same(OpAdd, a, b) }

// Sub is a - b in their common type.
func Sub(a, b *Expr) *Expr { return same(OpSub, a, b) }

// And is the bitwise conjunction.
func And(a, b *Expr) *Expr { return same(OpAnd, a, b) }

// Or is the bitwise disjunction.
func Or(a, b *Expr) *Expr { return same(OpOr, a, b) }

// Not inverts every bit.
func Not(a *Expr) *Expr { return &Expr{Op: OpNot, Type: a.Type, Args: []*Expr{a}} }

// Mul is the exact product of two integers of the same kind: its width is the sum of theirs.
// The operands are named signals or constants, as their sign is extended.
func Mul(a, b *Expr) *Expr {
	if a.Type.Kind != b.Type.Kind || a.Type.Kind == KindBit {
		panic(fmt.Sprintf("circuit: product of %v and %v", a.Type, b.Type))
	}
	mustBeNamed("Mul", a)
	mustBeNamed("Mul", b)
	return &Expr{Op: OpMul, Type: integer(a.Type.Kind, a.Type.Width+b.Type.Width), Args: []*Expr{a, b}}
}

// Equal tells whether a and b are the same value.
func Equal(a, b *Expr) *Expr { return compare(OpEqual, a, b) }

// Less tells whether a < b.
func Less(a, b *Expr) *Expr { return compare(OpLess, a, b) }

// Mux is a where the condition holds, else b.
func Mux(condition, a, b *Expr) *Expr {
	mustBeBit("Mux", condition)
	mustAgree("Mux", a, b)
	return &Expr{Op: OpMux, Type: a.Type, Args: []*Expr{condition, a, b}}
}

// ShiftLeft is a * 2^s without the bits that leave the type; s is unsigned.
func ShiftLeft(a, s *Expr) *Expr { return shift(OpShiftLeft, a, s) }

// ShiftRight is floor(a / 2^s) for any s, also beyond the width; s is unsigned.
func ShiftRight(a, s *Expr) *Expr { return shift(OpShiftRight, a, s) }

// Slice is the unsigned integer of the bits high..low of a named signal.
func Slice(a *Expr, high, low int) *Expr {
	mustBeNamed("Slice", a)
	if low < 0 || high < low || high >= a.Type.Width {
		panic(fmt.Sprintf("circuit: bits %d..%d of %v", high, low, a.Type))
	}
	if a.Op == OpConstant {
		t := Unsigned(high - low + 1)
		return Constant(t, t.Value(a.Type.Bits(a.Value)>>low))
	}
	return &Expr{Op: OpSlice, Type: Unsigned(high - low + 1), Args: []*Expr{a}, High: high, Low: low}
}

// IsSet is bit i of a named signal as a condition.
func IsSet(a *Expr, i int) *Expr { return read(Slice(a, i, i), Bit) }

// Concat is the unsigned integer whose upper bits are those of a and whose lower bits are those of b.
func Concat(a, b *Expr) *Expr {
	return &Expr{Op: OpConcat, Type: Unsigned(a.Type.Width + b.Type.Width), Args: []*Expr{a, b}}
}

// Extend is the same value in a type of w bits: copies of the sign, or zeros, go above a named signal.
func Extend(a *Expr, w int) *Expr {
	switch {
	case a.Type.Kind == KindBit || w < a.Type.Width:
		panic(fmt.Sprintf("circuit: %v extended to %d bits", a.Type, w))
	case w == a.Type.Width:
		return a
	case a.Op == OpConstant:
		return Constant(integer(a.Type.Kind, w), a.Value)
	}
	mustBeNamed("Extend", a)
	return &Expr{Op: OpExtend, Type: integer(a.Type.Kind, w), Args: []*Expr{a}}
}

// AsSigned reads the bits of a as two's complement.
func AsSigned(a *Expr) *Expr { return read(a, Signed(a.Type.Width)) }

// AsUnsigned reads the bits of a as an unsigned integer.
func AsUnsigned(a *Expr) *Expr { return read(a, Unsigned(a.Type.Width)) }

func read(a *Expr, t Type) *Expr {
	if a.Type == t {
		return a
	}
	return &Expr{Op: OpRead, Type: t, Args: []*Expr{a}}
}

// Any is the disjunction of conditions; false for none.
func Any(conditions ...*Expr) *Expr {
	if len(conditions) == 0 {
		return Constant(Bit, 0)
	}
	result := conditions[0]
	for _, c := range conditions[1:] {
		result = Or(result, c)
	}
	return result
}

func same(op Op, a, b *Expr) *Expr {
	mustAgree("operands", a, b)
	return &Expr{Op: op, Type: a.Type, Args: []*Expr{a, b}}
}

func compare(op Op, a, b *Expr) *Expr {
	mustAgree("comparison", a, b)
	return &Expr{Op: op, Type: Bit, Args: []*Expr{a, b}}
}

func shift(op Op, a, s *Expr) *Expr {
	if a.Type.Kind == KindBit || s.Type.Kind != KindUnsigned {
		panic(fmt.Sprintf("circuit: shift of %v by %v", a.Type, s.Type))
	}
	return &Expr{Op: op, Type: a.Type, Args: []*Expr{a, s}}
}

func mustAgree(what string, a, b *Expr) {
	if a.Type != b.Type {
		panic(fmt.Sprintf("circuit: %s of types %v and %v", what, a.Type, b.Type))
	}
}

func mustBeBit(what string, a *Expr) {
	if a.Type != Bit {
		panic(fmt.Sprintf("circuit: condition of %s has type %v", what, a.Type))
	}
}

func mustBeNamed(what string, a *Expr) {
	if a.Op != OpSignal && a.Op != OpConstant {
		panic(fmt.Sprintf("circuit: operand of %s has no name; make it a wire", what))
	}
}
