// Package kernelbench times the quantization of tensors beside a copy and beside other libraries, in one run.
//
// Absolute times change from machine to machine and from minute to minute. So everything is measured in turns: one
// repetition goes through all formats and, for each, through its peer too; the medians over the repetitions are
// compared. What disturbs the machine for a while disturbs all of them.
package kernelbench
