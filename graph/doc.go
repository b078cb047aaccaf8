// Package graph compiles Gorgonia models under a policy: it recognises the ops that a person means in Gorgonia's
// primitives, differentiates, rebuilds the graph so that the output of every op that computes passes through a quantize
// node, forward and backward, and runs it.
//
//	program, err := graph.Compile(loss, parameters, swalp8)
//	err = program.Run(graph.Pass{Backward: true, UpdateStatistics: true})
//
// [Layer] gives the parts of a model the names that policies match. [Program.Explain] lists every tensor with its format
// and the arithmetic that computes it. A [Program] is also run as a gorgonia.VM by [Program.VM], so that Gorgonia's own
// solvers work.
//
// # Adding an op
//
// An op is a type in qops, a recogniser here, and a line in the list of recognisers.
package graph
