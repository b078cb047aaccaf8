// Package kernel holds the arithmetic that has to be fast: products of matrices, convolutions forward and backward,
// rounding to a grid with counter-based random bits, and a few elementary functions.
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
