// Package number holds number formats: grids with their rounding and overflow, the scales that blocks give them,
// and the random bits of stochastic rounding.
//
// A [Format] is the rule, a small comparable value that [Parse] reads and [Format.String] writes:
//
//	fixed:w8f4,rne,sat
//	int:w8,scale=max,block=channel,rne,sat
//	bfp:w8e8,block=sample,sr,sat
//
// [Scales] are the values that blocks, calibration or an optimizer gave it. The values of a format are
//
//	value = (code - zero) * step
//
// with an integer code, and [Format.Round] is the definition of every rounding: a pure function of the element, its
// block's step and zero point, and the random bits, in exact arithmetic. [Quantize] and [Encode] do the same for whole
// tensors, with the same bits at any number of threads.
//
// # NaN and infinities
//
// No kind here has a code for them. A NaN becomes zero. An infinity becomes the largest value of its sign, also under
// wrap; under the overflow mode zero it becomes zero. Neither takes part in the choice of a block's scale. Both are
// counted in [Stats], and an infinity counts as clipped too. A result of zero is always +0.
//
// # Adding a kind
//
// A kind of format is one file that implements the interface kind, and a line in the list kinds.
package number
