// Package unit holds the circuits of which a target's datapath is built, one file each, smallest first:
//
//	accumulate.go            one addition to an accumulator that wraps or saturates
//	processing_element.go    one multiplier of a weight-stationary array with its two weights
//	column.go                a column of processing elements whose partial sums run in a ring
//	weight_stationary.go     columns side by side, operands skewed, results aligned
//	dot.go                   lanes, an adder tree and an accumulator
//	rule_*.go                the requantization rules
//	requantizer.go           scale, round, add the zero point, clamp, in a given number of stages
//	handshake.go             valid and ready for a pipeline that closes its gaps
//	registers.go             the run-time registers
//	delay.go                 a value some cycles later
//	*_datapath.go            all of it together, the top modules
//
// Widths, array and rule come from a target and nowhere else.
package unit
