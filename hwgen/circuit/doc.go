// Package circuit describes synchronous digital circuits: modules with ports, named wires and registers, expressions over
// integers of known width, and instances of other modules. One description is emitted in several hardware languages
// (packages verilog and chisel) and interpreted in Go (Simulator).
//
// The rules that keep the emitters simple and their results equal:
//
//   - Every value has a Type: a bit, or an unsigned or two's complement integer of 1 to 64 bits.
//   - Operands of an operation have equal types; the result has that type and wraps. Only Mul (the sum of the widths),
//     comparisons (a bit), Slice and Concat differ. Widening is always written out: Extend.
//   - Bits are taken and signs extended only of named signals and constants, since Verilog can index nothing else.
//   - Registers change at the rising edge of the one clock, under an optional enable. Reset is synchronous and acts
//     whatever the enable.
//
// A violation is a mistake of the unit's author, not of the user, so the builders panic.
package circuit
