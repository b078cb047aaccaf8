package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Shared says how float32 numbers are rounded in blocks that share an exponent: block floating point. With m the largest
// magnitude of a block, all of it finite,
//
//	E = clamp(floor(log2 m), Lowest, Highest)
//
// and the elements become codes of Width bits times 2^(E-Width+2). Codes are rounded from exact quotients as [Values] does
// it, and clamped to Lo and Hi. Under Shifted they are those of [Shift] with Base = 6·2^E, and random bits take the same
// places as there.
type Shared struct {
	Width           int // 2 to 24, under Shifted to 22
	Lowest, Highest int // -128 to 127
	Lo, Hi          int32
	Shifted         bool // Lo and Hi are -Hi and 2^(Width-1)-1 then
}

// Fits reports whether the fields are within the ranges that they are documented with.
func (s Shared) Fits() bool {
	widest := mantissaBits + 1
	if s.Shifted {
		widest = mantissaBits - 1
	}
	if s.Width < 2 || s.Width > widest {
		return false
	}
	farthest := int32(1) << (s.Width - 1)
	return s.Lowest >= -floatBias-1 && s.Lowest <= s.Highest && s.Highest <= floatBias &&
		s.Lo >= -farthest && s.Lo <= 0 && s.Hi >= 0 && s.Hi <= farthest && (!s.Shifted || s.Hi == farthest-1 && s.Lo == -s.Hi)
}

const badShared = "round: blocks outside of what rounding takes (see Shared.Fits)"

// sharedWindow is the number of random bits that are drawn at a time, and so the longest row.
const sharedWindow = 4096

// MaxSharedRow is the length of the longest rows that SharedRows takes.
const MaxSharedRow = sharedWindow

// SharedRows rounds rows of n elements, which are a block each, into dst, which may be src. largest receives the pattern of
// each row's largest magnitude. It stops at the first row that has an element that is not finite, or whose exponent is too
// near to an end of those of float32, and returns the number of rows before it.
func SharedRows(dst, src []float32, n int, s Shared, largest []uint32, r Mode, random Random) (rows int, counts Counts) {
	if len(dst) != len(src) || n < 1 || n > MaxSharedRow || len(largest)*n != len(src) {
		panic(badLength)
	}
	args, memory := s.begin(r, random)
	defer sharedPool.Put(memory)
	args.shape(n)
	perWindow := sharedWindow / n
	for rows < len(largest) {
		some := min(perWindow, len(largest)-rows)
		at := rows * n
		if r == Stochastic {
			philox.Bits(memory.random[:some*n], random.Draw, random.Order, random.Start+at)
		}
		args.random = unsafe.Pointer(&memory.random)
		args.dst, args.src, args.exponents, args.rows = unsafe.Pointer(unsafe.SliceData(dst[at:])), unsafe.Pointer(unsafe.SliceData(src[at:])), unsafe.Pointer(unsafe.SliceData(largest[rows:])), some
		if !sharedRowsKernel(&args, s.Shifted, !args.nearest) {
			s.rowsGo(&args)
		}
		if rows += some - args.rows; args.rows > 0 {
			break
		}
	}
	return rows, args.counts()
}

// SharedColumns rounds rows of elements into dst, which may be src: those with the same place in their rows are a block, or
// part of one, with the exponents that Exponents gave for the place. random is that of the first element.
func SharedColumns(dst, src []float32, s Shared, exponents []uint32, r Mode, random Random) Counts {
	n := len(exponents)
	if len(dst) != len(src) || n < 1 || len(src)%n != 0 {
		panic(badLength)
	}
	args, memory := s.begin(r, random)
	defer sharedPool.Put(memory)
	for at := 0; at < len(src); {
		place := at % n
		length, rows := min(n-place, sharedWindow), 1 // a part of a row, or some of them
		if place == 0 && n <= sharedWindow {
			rows = min(sharedWindow/n, (len(src)-at)/n)
		}
		args.shape(length)
		if r == Stochastic {
			philox.Bits(memory.random[:length*rows], random.Draw, random.Order, random.Start+at)
		}
		args.random = unsafe.Pointer(&memory.random)
		args.dst, args.src, args.exponents, args.rows = unsafe.Pointer(unsafe.SliceData(dst[at:])), unsafe.Pointer(unsafe.SliceData(src[at:])), unsafe.Pointer(unsafe.SliceData(exponents[place:])), rows
		if !sharedColumnsKernel(&args, s.Shifted, !args.nearest) {
			s.columnsGo(&args)
		}
		at += length * rows
	}
	return args.counts()
}

// LargestColumns sets largest to the largest of the patterns, without their signs, of each column of rows as long as it is.
func LargestColumns(largest []uint32, src []float32) {
	n := len(largest)
	if n < 1 || len(src)%n != 0 {
		panic(badLength)
	}
	clear(largest)
	if len(src) == 0 {
		return
	}
	args := sharedArgs{src: unsafe.Pointer(unsafe.SliceData(src)), exponents: unsafe.Pointer(unsafe.SliceData(largest)), rows: len(src) / n, pitch: 4 * n}
	args.shape(n)
	if largestColumnsKernel(&args) {
		return
	}
	for i, x := range src {
		largest[i%n] = max(largest[i%n], math.Float32bits(x)&^signBit)
	}
}

// Exponents turns the patterns of largest magnitudes into exponents for SharedColumns. It reports false if there is one that
// SharedRows would stop at.
func (s Shared) Exponents(largest []uint32) bool {
	first, span, lowest, highest := s.limits()
	for i, m := range largest {
		if m != 0 && m-first > span {
			return false
		}
		largest[i] = min(max(m&infinityBits, lowest), highest)
	}
	return true
}

// limits returns the least pattern of a largest magnitude that is taken, beside 0, and how much larger the greatest is; and
// the limits of exponents, in their place of a float32.
func (s Shared) limits() (first, span, lowest, highest uint32) {
	least, most := s.exponentRange()
	pattern := func(e int) uint32 { return uint32(e+floatBias) << mantissaBits }
	first, last := uint32(1), uint32(infinityBits-1)
	if s.Lowest < least {
		first = pattern(least)
	}
	if s.Highest > most {
		last = pattern(most+1) - 1
	}
	return first, last - first, pattern(min(max(s.Lowest, least), most)), pattern(min(max(s.Highest, least), most))
}

// exponentRange is where blocks can be rounded: base and all values are normal, finite numbers, and so are the step and its
// inverse.
func (s Shared) exponentRange() (least, most int) {
	if s.Shifted {
		return floatLeast, floatBias - 2
	}
	return floatLeast + s.Width - 2, beyondFloat - 2
}
