// Package target reads target files: what integer hardware multiplies, how wide it accumulates, how it requantizes.
//
// The emulator, the simulated integer graph and the hardware generator take widths, accumulator and rule from the same
// [Target], so that they compute the same bits. A target is a small YAML file:
//
//	halftone: target/1
//	operands: {activation: int8, weight: int8}
//	array: {kind: weight-stationary, rows: 8, columns: 8}      # or {kind: dot, lanes: 16}
//	accumulator: "acc:w32,wrap"
//	requantization: tflite.single
//	scales: per-channel
//	clamp: true
//	pipeline: {multiply: 1, add: 1, requantize: 3}
//
// [Load] takes the name of a shipped target or a file.
package target

import (
	"fmt"

	"github.com/halftone-go/halftone/qops/number"
)

// Kinds of arrays.
const (
	WeightStationary = "weight-stationary"
	Dot              = "dot"
)

// How many multipliers a layer has.
const (
	PerChannel = "per-channel" // one for each output channel
	PerTensor  = "per-tensor"  // one for the layer
)

// Target describes integer hardware.
//
// # Order of additions
//
// The accumulator of an output starts at the output's bias and takes one product code*weight for each k, k ascending,
// where k counts (channel, kernel row, kernel column) of a convolution and the inputs of a dense layer. Activations enter
// as codes: their zero point is not subtracted on the way but is part of the bias (bias - zero * sum of the weights).
//
// A weight-stationary array adds one product after the other. A dot unit first adds its lanes' products without loss, the
// last group filled up with zeros, and then adds that sum. The overflow of the accumulator acts at each of these
// additions. Under wrap the order does not matter; under sat it does.
type Target struct {
	Name     string
	Operands Operands
	Array    Array
	// Accumulator is an acc format: its width and whether it wraps or saturates.
	Accumulator number.Format
	// Requantization names a rule of package requant.
	Requantization string
	// Scales is PerChannel or PerTensor.
	Scales string
	// Clamp says that the rule's result, zero point added, is clamped to the layer's bounds. Without it the low bits of
	// the activation's width are taken.
	Clamp    bool
	Pipeline Pipeline
}

// Operands are the two inputs of the multipliers.
type Operands struct{ Activation, Weight Operand }

// Operand is an integer of 2 to 8 bits.
type Operand struct {
	Width  int
	Signed bool
}

// Array is how the multipliers are arranged: Rows x Columns of a weight-stationary array, which takes Rows activations
// and Columns output channels at a time, or the Lanes of a dot unit.
type Array struct {
	Kind          string
	Rows, Columns int
	Lanes         int
}

// Pipeline counts the registers behind the multiplier, behind the adder and in the requantization.
type Pipeline struct{ Multiply, Add, Requantize int }

// Range returns the smallest and the largest integer of the operand.
func (o Operand) Range() (lo, hi int64) {
	if o.Signed {
		return -1 << (o.Width - 1), 1<<(o.Width-1) - 1
	}
	return 0, 1<<o.Width - 1
}

// String writes the operand as in a target file: int8, uint4.
func (o Operand) String() string {
	if o.Signed {
		return fmt.Sprintf("int%d", o.Width)
	}
	return fmt.Sprintf("uint%d", o.Width)
}

// ProductBits is the two's complement width that holds every product of two operands.
func (o Operands) ProductBits() int {
	alo, ahi := o.Activation.Range()
	wlo, whi := o.Weight.Range()
	lo := min(alo*whi, ahi*wlo)
	hi := max(alo*wlo, ahi*whi)
	bits := 1
	for lo < -1<<(bits-1) || hi > 1<<(bits-1)-1 {
		bits++
	}
	return bits
}

// ProductsPerAddition is how many products are added without loss before they meet the accumulator: 1, or the lanes of a
// dot unit.
func (a Array) ProductsPerAddition() int {
	if a.Kind == Dot {
		return a.Lanes
	}
	return 1
}

// YAML writes the target as a file that Parse reads back.
func (t *Target) YAML() []byte {
	array := fmt.Sprintf("{kind: %s, rows: %d, columns: %d}", t.Array.Kind, t.Array.Rows, t.Array.Columns)
	if t.Array.Kind == Dot {
		array = fmt.Sprintf("{kind: %s, lanes: %d}", t.Array.Kind, t.Array.Lanes)
	}
	return fmt.Appendf(nil, `halftone: %s
operands: {activation: %v, weight: %v}
array: %s
accumulator: "%v"
requantization: %s
scales: %s
clamp: %v
pipeline: {multiply: %d, add: %d, requantize: %d}
`, version, t.Operands.Activation, t.Operands.Weight, array, t.Accumulator, t.Requantization, t.Scales, t.Clamp,
		t.Pipeline.Multiply, t.Pipeline.Add, t.Pipeline.Requantize)
}
