package round

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Kernels that set the processor to another mode of rounding leave it as it was, whatever interrupts them.
func TestRoundingModeStaysInTheKernels(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		var (
			group sync.WaitGroup
			stop  atomic.Bool
			one   atomic.Uint64 // variables, so that the compiler does not compute the sums
			wrong atomic.Int64
		)
		one.Store(1)
		check := func() {
			x := float64(one.Load())
			if x-0x1p-60 != x || x+0x1p-60 != x || -x+0x1p-60 != -x {
				wrong.Add(1)
			}
		}
		for range 3 {
			group.Go(func() {
				run := make([]float32, 1<<12)
				for !stop.Load() {
					Values(run, run, Grid{0x1p-6, 0, -128, 127}, Stochastic, Random{Bits: 16})
					check()
				}
			})
			group.Go(func() {
				for !stop.Load() {
					check()
				}
			})
		}
		for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
			runtime.GC() // interrupts all threads
		}
		stop.Store(true)
		group.Wait()
		assert.Zero(t, wrong.Load())
	})
}
