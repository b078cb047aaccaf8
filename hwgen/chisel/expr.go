package chisel

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// infix are the operators of integers, logical those of conditions.
var (
	infix = map[circuit.Op]string{
		circuit.OpAdd: "+", circuit.OpSub: "-", circuit.OpMul: "*", circuit.OpAnd: "&", circuit.OpOr: "|",
		circuit.OpEqual: "===", circuit.OpLess: "<", circuit.OpShiftRight: ">>",
	}
	logical = map[circuit.Op]string{circuit.OpAnd: "&&", circuit.OpOr: "||"}
)

// top writes an expression that stands alone: no parentheses around it.
func (e *emitter) top(x *circuit.Expr) string {
	text, _ := e.expr(x)
	return text
}

// operand writes an expression that stands inside another.
func (e *emitter) operand(x *circuit.Expr) string {
	text, atom := e.expr(x)
	if atom || x.Op == circuit.OpNot { // a prefix binds more tightly than what stands between operands
		return text
	}
	return "(" + text + ")"
}

// receiver writes an expression that has a method called.
func (e *emitter) receiver(x *circuit.Expr) string {
	text, atom := e.expr(x)
	if atom {
		return text
	}
	return "(" + text + ")"
}

// expr writes an expression, and tells whether it needs no parentheses.
func (e *emitter) expr(x *circuit.Expr) (text string, atom bool) {
	switch x.Op {
	case circuit.OpConstant:
		return constant(x.Type, x.Value), true
	case circuit.OpSignal:
		return signal(x.Signal), true
	case circuit.OpRead:
		return e.read(x), true
	case circuit.OpNot:
		operator := "~"
		if x.Type == circuit.Bit {
			operator = "!"
		}
		return operator + e.operand(x.Args[0]), false
	case circuit.OpMux:
		return fmt.Sprintf("Mux(%s, %s, %s)", e.top(x.Args[0]), e.top(x.Args[1]), e.top(x.Args[2])), true
	case circuit.OpSlice:
		return fmt.Sprintf("%s(%d, %d)", signal(x.Args[0].Signal), x.High, x.Low), true
	case circuit.OpConcat:
		return fmt.Sprintf("Cat(%s, %s)", e.top(x.Args[0]), e.top(x.Args[1])), true
	case circuit.OpExtend:
		return fmt.Sprintf("%s.pad(%d)", e.receiver(x.Args[0]), x.Type.Width), true
	case circuit.OpShiftLeft:
		// Chisel keeps the bits that leave at the left; here they are dropped.
		text = fmt.Sprintf("(%s << %s)(%d, 0)", e.operand(x.Args[0]), e.operand(x.Args[1]), x.Type.Width-1)
		if x.Type.Kind == circuit.KindSigned {
			text += ".asSInt"
		}
		return text, true
	}
	operator := infix[x.Op]
	if x.Args[0].Type == circuit.Bit && logical[x.Op] != "" {
		operator = logical[x.Op]
	}
	return fmt.Sprintf("%s %s %s", e.left(x), operator, e.operand(x.Args[1])), false
}

// left writes the left operand: one in a chain of conjunctions or disjunctions needs no parentheses.
func (e *emitter) left(x *circuit.Expr) string {
	a := x.Args[0]
	if a.Op == x.Op && (x.Op == circuit.OpAnd || x.Op == circuit.OpOr) {
		return e.top(a)
	}
	return e.operand(a)
}

// read writes a change of type of the same bits.
func (e *emitter) read(x *circuit.Expr) string {
	a := x.Args[0]
	switch {
	case x.Type == circuit.Bit && a.Op == circuit.OpSlice:
		return fmt.Sprintf("%s(%d)", signal(a.Args[0].Signal), a.Low)
	case x.Type == circuit.Bit:
		return e.receiver(a) + ".asBool"
	case x.Type.Kind == circuit.KindUnsigned:
		return e.receiver(a) + ".asUInt"
	case a.Type == circuit.Bit:
		return e.receiver(a) + ".asUInt.asSInt"
	default:
		return e.receiver(a) + ".asSInt"
	}
}

// signal writes a name; an output of an instance is a member of it.
func signal(s *circuit.Signal) string {
	if s.Role == circuit.RoleInstanceOutput {
		return s.Instance.Name + "." + s.Port.Name
	}
	return s.Name
}

func typeOf(t circuit.Type) string {
	switch t.Kind {
	case circuit.KindBit:
		return "Bool()"
	case circuit.KindUnsigned:
		return fmt.Sprintf("UInt(%d.W)", t.Width)
	default:
		return fmt.Sprintf("SInt(%d.W)", t.Width)
	}
}

func constant(t circuit.Type, v int64) string {
	switch {
	case t == circuit.Bit && v == 0:
		return "false.B"
	case t == circuit.Bit:
		return "true.B"
	case t.Kind == circuit.KindUnsigned:
		return fmt.Sprintf("%s.U(%d.W)", literal(v), t.Width)
	default:
		return fmt.Sprintf("%s.S(%d.W)", literal(v), t.Width)
	}
}

// literal writes an Int, or a Long where that is needed, in parentheses if negative.
func literal(v int64) string {
	text := fmt.Sprint(v)
	if v != int64(int32(v)) {
		text += "L"
	}
	if v < 0 {
		return "(" + text + ")"
	}
	return text
}
