// Package isa says which instruction set kernels use: the best one of the processor is chosen at start, and [Use] chooses
// another one for all of them, as --isa does. Results do not depend on it.
//
// Every package of kernels asks [Active] when it chooses one; graph and the command line name it in what they print.
package isa

import (
	"sync/atomic"

	"github.com/pkg/errors"
)

// Set is an instruction set that kernels are written for. Each one holds those below it.
type Set int32

// The instruction sets.
const (
	Go Set = iota // no assembly
	AVX2
	AVX512
)

// Names are the names of the instruction sets, by which Use knows them.
var Names = [...]string{Go: "go", AVX2: "avx2", AVX512: "avx512"}

var current atomic.Int32

func init() { current.Store(int32(Best())) }

// Active returns the instruction set in use.
func Active() Set { return Set(current.Load()) }

// Name names the instruction set in use: avx512, avx2 or go.
func Name() string { return Names[Active()] }

// Use chooses the instruction set: avx512, avx2 or go. Results do not depend on it. The error says what this
// processor or build lacks. It does not affect calls that are under way.
func Use(name string) error {
	for i, known := range Names {
		if name != known {
			continue
		}
		if Set(i) > Best() {
			return errors.Errorf("isa: instruction set %s is not available here; the best one is %s", name, Names[Best()])
		}
		current.Store(int32(i))
		return nil
	}
	return errors.Errorf("isa: unknown instruction set %q; known are avx512, avx2, go", name)
}
