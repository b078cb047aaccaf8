package kerneltest

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// The fence holds: a read behind it is found.
func TestFence(t *testing.T) {
	memory := Fenced(t, 64, true)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	beyond := unsafe.Slice(unsafe.SliceData(memory), 65)
	require.Panics(t, func() { beyond[64]++ })
}
