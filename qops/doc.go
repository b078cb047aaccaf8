// Package qops holds the Gorgonia ops that Halftone's graphs are made of: the quantize node and the named ops
// (conv, dense, batchnorm, relu, ...), each with its own gradient and its own kernel in a declared order of additions.
//
// Every op is an ordinary gorgonia.SDOp: it can be used in a plain Gorgonia graph and run by Gorgonia's TapeMachine.
// Halftone's machine runs the same kernels through Run, with buffers and threads of its own, and passes along with
// each tensor the grid that it lies on, from which a product decides which arithmetic gives its exact sum.
package qops
