// Package kernelbench times the quantization of tensors beside a copy and beside other libraries, in one run.
//
// Absolute times change from machine to machine and from minute to minute. So everything is measured in turns: one
// repetition goes through all formats, and for each times a copy, the quantization, and its peer, one right after the
// other. What disturbs the machine for a while disturbs all three, and the medians of their ratios count.
package kernelbench
