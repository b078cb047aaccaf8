package kerneltest

import (
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Fenced returns memory of the given size between pages that cannot be touched: it ends, or else starts, at one of them.
func Fenced(t *testing.T, size int, atEnd bool) []byte {
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

// As is the memory as n elements.
func As[E any](memory []byte, n int) []E {
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(memory))), n)
}

// Inside runs the body and fails the test if it touches memory that it must not.
func Inside(t *testing.T, body func(), message string, args ...any) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	require.NotPanicsf(t, body, message, args...)
}
