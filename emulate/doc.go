// Package emulate runs networks on integers, as the hardware of a target does.
//
// A [Program] is a list of layers on codes, plain structs that a lowering fills: a float32 image is quantized once, and
// from there on everything is an integer. An [Interpreter] is a program that was checked and prepared: it runs batches,
// keeps the codes of every layer for comparison, counts overflows of the accumulator, bounds sums by the actual weights,
// and hands a layer's work to a verification of hardware ([Interpreter.Jobs]).
//
// # Numbers
//
// The codes of a layer stand for values by its [Output]: value = (code - Zero) * Scale. Weights are codes without a zero
// point, with one scale per output channel or one for the layer. A bias is an integer in units of
// input scale * weight scale. A convolution or dense layer computes, for each output,
//
//	acc  = bias - Zero_in * sum(weights) + sum over k of code_k * weight_k       in the target's accumulator
//	code = clamp(rule(acc, s_in*s_w/s_out) + Zero, Lo, Hi)                       with the target's rule
//
// with k in the order (channel, kernel row, kernel column); see [target.Target] for the order of additions. Padding enters
// as the code of zero, the input's zero point. A fused ReLU is a Lo that is raised to the zero point. All other layers
// follow LiteRT's int8 reference kernels, with the target's rule where LiteRT has MultiplyByQuantizedMultiplier.
//
// # Layouts
//
// Images are row-major in (channels, height, width), batches have the image as first axis, as in the graph that a program
// is lowered from. Codes are held in an int16, wide enough for signed and unsigned operands of up to 8 bits.
//
// # A kind of layer is a file
//
// Each kind is a type that implements [Op], in a file of its own, and a line in the list of kinds.
package emulate
