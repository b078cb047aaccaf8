// Package hwgen generates the datapath of an integer target as Verilog and as Chisel, both out of one circuit description,
// and checks either against the integer arithmetic of the emulator in a simulator.
//
//	hwgen/circuit   the description: modules, registers, expressions; and an interpreter
//	hwgen/unit      the circuits: processing element, arrays, requantization rules, handshake, datapaths
//	hwgen/verilog   description to Verilog-2001
//	hwgen/chisel    description to Chisel 6, and its elaboration to Verilog
//	hwgen/cosim     simulators driven through a pipe of records
//
// [Generate] gives the sources of a target. [Verify] runs [Job]s, matrix products with requantization, through them and
// compares every code with package requant's. Widths, array and rule come from the target file alone.
package hwgen
