package kernel

import (
	"math"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// fenced returns memory of the given size between pages that cannot be touched: it ends, or else starts, at one of them.
func fenced(t *testing.T, size int, atEnd bool) []byte {
	page := syscall.Getpagesize()
	inside := (size + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, inside+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(all)) })
	for _, fence := range [][]byte{all[:page], all[page+inside:]} {
		require.NoError(t, syscall.Mprotect(fence, syscall.PROT_NONE))
	}
	if atEnd {
		return all[page+inside-size : page+inside]
	}
	return all[page : page+size]
}

func as[E any](memory []byte, n int) []E {
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(memory))), n)
}

// Kernels touch no memory outside of their operands.
func TestRoundingStaysInsideItsMemory(t *testing.T) {
	forEachISA(t, func(t *testing.T) {
		const longest = 300
		for _, atEnd := range []bool{false, true} {
			source, target, patterns := fenced(t, 4*longest, atEnd), fenced(t, 4*longest, atEnd), fenced(t, 4*longest, atEnd)
			part := func(memory []byte, size int) []byte {
				if atEnd {
					return memory[len(memory)-size:]
				}
				return memory[:size]
			}
			values := as[float32](source, longest)
			for i := range values {
				values[i] = float32(math.Sin(float64(i)))
			}
			for n := 1; n <= longest; n++ {
				steps := new(Steps)
				require.True(t, steps.Set([]float64{0.25}, n, Grid{0, 0, -128, 127}))
				src := as[float32](part(source, 4*n), n)
				inside(t, func() {
					MaxAbs(src)
					Extremes(src)
					most := as[float32](part(target, 4*n), n)
					clear(most)
					MaxAbsEach(most, src)
					RandomBits(as[uint16](part(target, 2*n), n), Draw{}, Order{16, 100}, n)
					for _, g := range []Grid{{0x1p-6, 0, -128, 127}, {0.01, 0, -128, 127}} {
						for rounding := NearestEven; rounding <= Stochastic; rounding++ {
							random := Random{Order: []Order{{}, {5, 9}, {16, 100}}[n%3], Start: 7 * n, Bits: 16}
							Round(as[float32](part(target, 4*n), n), src, g, rounding, random)
							RoundCodes(as[int32](part(target, 4*n), n), src, g, rounding, random)
							RoundCodes(as[int16](part(target, 2*n), n), src, g, rounding, random)
							RoundCodes(as[int8](part(target, n), n), src, g, rounding, random)
							RoundEach(as[float32](part(target, 4*n), n), src, steps, 0, rounding, random)
						}
					}
					exponents := as[uint32](part(patterns, 4*n), n)
					for _, shifted := range []bool{false, true} {
						s := Shared{Width: 8, Lowest: -128, Highest: 127, Lo: -127, Hi: 127, Shifted: shifted}
						for _, rounding := range []Rounding{NearestEven, Stochastic} {
							LargestColumns(exponents, src)
							require.True(t, s.Exponents(exponents))
							RoundColumns(as[float32](part(target, 4*n), n), src, s, exponents, rounding, Random{Bits: 16})
							RoundRows(as[float32](part(target, 4*n), n), src, n, s, exponents[n-1:], rounding, Random{Bits: 16})
						}
					}
				}, "%d elements, at the end: %v", n, atEnd)
			}
		}
	})
}

// inside runs the body and fails the test if it touches memory that it must not.
func inside(t *testing.T, body func(), message string, args ...any) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	require.NotPanicsf(t, body, message, args...)
}

// The fence holds: a read behind it is found.
func TestFence(t *testing.T) {
	memory := fenced(t, 64, true)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	beyond := unsafe.Slice(unsafe.SliceData(memory), 65)
	require.Panics(t, func() { beyond[64]++ })
}
