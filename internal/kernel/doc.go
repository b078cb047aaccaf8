// Package kernel holds the arithmetic of tensors that has to be fast: products of matrices, convolutions forward and backward,
// on floats, codes and 16-channel blocks, and what is done to each element or summed over channels. The packages below it
// hold the rest: isa, parallel, philox, round, elementary, mac; docs/architecture.md has a table.
//
// # Order of additions
//
// Every sum is declared: the order of its terms and each rounding are part of the function's contract (see [Sum]).
// Implementations vectorise and thread across outputs, never inside a sum, so AVX-512, AVX2 and plain Go give the same
// bits at every number of threads. Only the payload of a NaN is left open.
//
// # Instruction sets
//
// The best instruction set of the processor is chosen at start; package isa chooses another one. Each assembly kernel has a
// twin in Go of the same bits, which is also what other processors and the build tag noasm use.
//
// # Errors
//
// Lengths that do not fit the shapes are faults of the caller inside this module and panic.
package kernel
