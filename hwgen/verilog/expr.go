package verilog

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

var infix = map[circuit.Op]string{
	circuit.OpAdd: "+", circuit.OpSub: "-", circuit.OpAnd: "&", circuit.OpOr: "|", circuit.OpEqual: "==",
	circuit.OpShiftLeft: "<<",
}

// top writes an expression that stands alone: no parentheses around it.
func (e *emitter) top(x *circuit.Expr) string {
	text, _ := e.expr(x)
	return text
}

// operand writes an expression that stands inside another.
func (e *emitter) operand(x *circuit.Expr) string {
	text, atom := e.expr(x)
	if atom {
		return text
	}
	if x.Op == circuit.OpShiftRight && x.Type.Kind == circuit.KindSigned {
		// Inside an unsigned expression the shift would fill with zeros; an argument stands for itself.
		return "$signed(" + text + ")"
	}
	return "(" + text + ")"
}

// expr writes an expression, and tells whether it needs no parentheses.
func (e *emitter) expr(x *circuit.Expr) (text string, atom bool) {
	switch x.Op {
	case circuit.OpConstant:
		return constant(x.Type, x.Value), true
	case circuit.OpSignal:
		return x.Signal.Name, true
	case circuit.OpRead:
		return e.expr(x.Args[0])
	case circuit.OpNot:
		return "~" + e.operand(x.Args[0]), true
	case circuit.OpMux:
		return fmt.Sprintf("%s ? %s : %s", e.operand(x.Args[0]), e.operand(x.Args[1]), e.operand(x.Args[2])), false
	case circuit.OpSlice:
		return bitsOf(x.Args[0].Signal, x.High, x.Low), true
	case circuit.OpConcat:
		return fmt.Sprintf("{%s, %s}", e.top(x.Args[0]), e.top(x.Args[1])), true
	case circuit.OpExtend:
		return extended(x.Args[0], x.Type.Width), true
	case circuit.OpMul:
		format := "%s * %s"
		if x.Type.Kind == circuit.KindSigned {
			format = "$signed(%s) * $signed(%s)" // lets synthesis see that the operands are narrow
		}
		return fmt.Sprintf(format, extended(x.Args[0], x.Type.Width), extended(x.Args[1], x.Type.Width)), false
	case circuit.OpLess:
		format := "%s < %s"
		if x.Args[0].Type.Kind == circuit.KindSigned {
			format = "$signed(%s) < $signed(%s)"
			return fmt.Sprintf(format, e.top(x.Args[0]), e.top(x.Args[1])), false
		}
		return fmt.Sprintf(format, e.operand(x.Args[0]), e.operand(x.Args[1])), false
	case circuit.OpShiftRight:
		if x.Type.Kind == circuit.KindSigned {
			return fmt.Sprintf("$signed(%s) >>> %s", e.top(x.Args[0]), e.operand(x.Args[1])), false
		}
		return fmt.Sprintf("%s >> %s", e.operand(x.Args[0]), e.operand(x.Args[1])), false
	default:
		return fmt.Sprintf("%s %s %s", e.left(x), infix[x.Op], e.operand(x.Args[1])), false
	}
}

// left writes the left operand: one in a chain of conjunctions or disjunctions needs no parentheses.
func (e *emitter) left(x *circuit.Expr) string {
	a := x.Args[0]
	if a.Op == x.Op && (x.Op == circuit.OpAnd || x.Op == circuit.OpOr) {
		return e.top(a)
	}
	return e.operand(a)
}

// extended writes a named signal or a constant in more bits.
func extended(x *circuit.Expr, width int) string {
	if x.Op == circuit.OpConstant {
		return constant(circuit.Type{Kind: x.Type.Kind, Width: width}, x.Value)
	}
	s, more := x.Signal, width-x.Type.Width
	if more == 0 {
		return s.Name
	}
	if x.Type.Kind == circuit.KindSigned {
		return fmt.Sprintf("{{%d{%s}}, %s}", more, bitsOf(s, x.Type.Width-1, x.Type.Width-1), s.Name)
	}
	return fmt.Sprintf("{%d'd0, %s}", more, s.Name)
}

// bitsOf writes bits of a signal.
func bitsOf(s *circuit.Signal, high, low int) string {
	switch {
	case low == 0 && high == s.Type.Width-1:
		return s.Name
	case high == low:
		return fmt.Sprintf("%s[%d]", s.Name, high)
	default:
		return fmt.Sprintf("%s[%d:%d]", s.Name, high, low)
	}
}

// constant writes a constant: decimal, or hexadecimal where it is negative.
func constant(t circuit.Type, v int64) string {
	switch {
	case t == circuit.Bit:
		return fmt.Sprintf("1'b%d", v)
	case v < 0:
		return fmt.Sprintf("%d'h%x", t.Width, t.Bits(v))
	default:
		return fmt.Sprintf("%d'd%d", t.Width, v)
	}
}
