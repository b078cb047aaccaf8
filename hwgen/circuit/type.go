package circuit

import "fmt"

// MaxWidth is the widest value, so that a Go integer and a simulator's fastest type hold it.
const MaxWidth = 64

// Kind tells how bits are read.
type Kind uint8

// The kinds of values.
const (
	KindBit      Kind = iota // a condition: one bit
	KindUnsigned             // 0 .. 2^w-1
	KindSigned               // two's complement, -2^(w-1) .. 2^(w-1)-1
)

// Type is the kind and width of a value.
type Type struct {
	Kind  Kind
	Width int
}

// Bit is the type of conditions.
var Bit = Type{KindBit, 1}

// Unsigned is the type of unsigned integers of w bits.
func Unsigned(w int) Type { return integer(KindUnsigned, w) }

// Signed is the type of two's complement integers of w bits.
func Signed(w int) Type { return integer(KindSigned, w) }

func integer(kind Kind, w int) Type {
	if w < 1 || w > MaxWidth {
		panic(fmt.Sprintf("circuit: width %d is outside 1..%d", w, MaxWidth))
	}
	return Type{kind, w}
}

// IndexBits is the number of bits that tell n things apart; 0 for one thing.
func IndexBits(n int) int {
	bits := 0
	for 1<<bits < n {
		bits++
	}
	return bits
}

// Range is the smallest and largest value of the type. The bounds of Unsigned(64) are cut to those of int64.
func (t Type) Range() (lo, hi int64) {
	switch {
	case t.Kind == KindSigned:
		return -1 << (t.Width - 1), 1<<(t.Width-1) - 1
	case t.Width == 64:
		return 0, 1<<63 - 1
	default:
		return 0, 1<<t.Width - 1
	}
}

// Contains tells whether v is a value of the type.
func (t Type) Contains(v int64) bool {
	lo, hi := t.Range()
	return lo <= v && v <= hi
}

// Bits is the bit pattern of v in the type's width; higher bits are dropped.
func (t Type) Bits(v int64) uint64 { return uint64(v) & t.mask() }

// Value reads a bit pattern of the type.
func (t Type) Value(bits uint64) int64 {
	if t.Kind == KindSigned {
		unused := MaxWidth - t.Width
		return int64(bits<<unused) >> unused
	}
	return int64(bits & t.mask())
}

func (t Type) mask() uint64 { return ^uint64(0) >> (MaxWidth - t.Width) }

func (t Type) String() string {
	switch t.Kind {
	case KindBit:
		return "bit"
	case KindUnsigned:
		return fmt.Sprintf("u%d", t.Width)
	default:
		return fmt.Sprintf("s%d", t.Width)
	}
}
