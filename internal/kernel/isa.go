package kernel

import (
	"sync/atomic"

	"github.com/pkg/errors"
)

// An instruction set that kernels are written for.
type isa int32

const (
	isaGo isa = iota // no assembly
	isaAVX2
	isaAVX512
)

var isaNames = [...]string{isaGo: "go", isaAVX2: "avx2", isaAVX512: "avx512"}

var current atomic.Int32

func init() { current.Store(int32(bestISA())) }

func active() isa { return isa(current.Load()) }

// ISA names the instruction set in use: avx512, avx2 or go.
func ISA() string { return isaNames[active()] }

// SetISA chooses the instruction set: avx512, avx2 or go. Results do not depend on it. The error says what this
// processor or build lacks. It does not affect calls that are under way.
func SetISA(name string) error {
	for i, known := range isaNames {
		if name != known {
			continue
		}
		if isa(i) > bestISA() {
			return errors.Errorf("kernel: instruction set %s is not available here; the best one is %s", name, isaNames[bestISA()])
		}
		current.Store(int32(i))
		return nil
	}
	return errors.Errorf("kernel: unknown instruction set %q; known are avx512, avx2, go", name)
}
