"""Writes vectors.npz: the codes of every tensor of a small int8 network, run by LiteRT's reference kernels.

    pip install ai-edge-litert==2.3.0 numpy
    python generate.py

The network has every kind of layer that package emulate has: QUANTIZE, CONV_2D (per channel, both paddings, strides,
dilation, fused ReLU), ADD, RELU, QUANTIZE of an int8 tensor, MAX_POOL_2D, AVERAGE_POOL_2D, RESHAPE, FULLY_CONNECTED.
The wheel's kernels are built to round twice (tflite.double). Weights, scales and images are random, from a fixed seed.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema

IMAGES = 6
# The first version of each operator that takes int8.
VERSIONS = {
    schema.BuiltinOperator.QUANTIZE: 2,
    schema.BuiltinOperator.CONV_2D: 3,
    schema.BuiltinOperator.ADD: 2,
    schema.BuiltinOperator.RELU: 2,
    schema.BuiltinOperator.MAX_POOL_2D: 2,
    schema.BuiltinOperator.AVERAGE_POOL_2D: 2,
    schema.BuiltinOperator.RESHAPE: 1,
    schema.BuiltinOperator.FULLY_CONNECTED: 4,
}
rng = np.random.default_rng(20240611)
vectors = {}


class Builder:
    """Collects tensors and operators of one subgraph."""

    def __init__(self):
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.operatorCodes = []
        self.model.buffers = [schema.BufferT()]
        self.graph = schema.SubGraphT()
        self.graph.tensors = []
        self.graph.operators = []
        self.model.subgraphs = [self.graph]

    def tensor(self, name, shape, kind, data=None, scale=None, zero=0, axis=0):
        t = schema.TensorT()
        t.name, t.shape, t.type = name, list(shape), kind
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            t.buffer = len(self.model.buffers) - 1
        if scale is not None:
            q = schema.QuantizationParametersT()
            q.scale = np.atleast_1d(np.asarray(scale, np.float32))
            q.zeroPoint = np.full(q.scale.size, zero, np.int64)
            q.quantizedDimension = axis
            t.quantization = q
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def activation(self, name, shape, scale, zero):
        vectors[name + ".scale"] = np.float32(scale)
        vectors[name + ".zero"] = np.int32(zero)
        return self.tensor(name, shape, schema.TensorType.INT8, scale=scale, zero=zero)

    def operator(self, builtin, inputs, output, options_type=0, options=None):
        codes = self.model.operatorCodes
        index = next((i for i, c in enumerate(codes) if c.builtinCode == builtin), len(codes))
        if index == len(codes):
            code = schema.OperatorCodeT()
            code.builtinCode, code.version = builtin, VERSIONS[builtin]
            code.deprecatedBuiltinCode = builtin
            codes.append(code)
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = index, inputs, [output]
        op.builtinOptionsType, op.builtinOptions = options_type, options
        self.graph.operators.append(op)
        return output

    def weights(self, name, shape, input_scale):
        """Weights as LiteRT has them, (out, height, width, in) or (out, in), a scale per output, and a bias."""
        out = shape[0]
        codes = rng.integers(-127, 128, shape, dtype=np.int8)
        scales = rng.uniform(0.002, 0.02, out).astype(np.float32)
        bias = rng.integers(-3000, 3000, out, dtype=np.int32)
        vectors[name + ".weights"], vectors[name + ".scales"], vectors[name + ".bias"] = codes, scales, bias
        w = self.tensor(name + "/w", shape, schema.TensorType.INT8, codes, scales)
        b = self.tensor(name + "/b", [out], schema.TensorType.INT32, bias, np.float32(input_scale) * scales)
        return w, b

    def conv(self, name, x, shape, kernel, output, scale, zero, stride=1, dilation=1, valid=False, relu=False):
        w, b = self.weights(name, (output[3], kernel, kernel, shape[3]), self.graph.tensors[x].quantization.scale[0])
        o = schema.Conv2DOptionsT()
        o.strideH = o.strideW = stride
        o.dilationHFactor = o.dilationWFactor = dilation
        o.padding = schema.Padding.VALID if valid else schema.Padding.SAME
        o.fusedActivationFunction = schema.ActivationFunctionType.RELU if relu else 0
        y = self.activation(name, output, scale, zero)
        return self.operator(schema.BuiltinOperator.CONV_2D, [x, w, b], y, schema.BuiltinOptions.Conv2DOptions, o)

    def pool(self, name, x, builtin, output, size, stride, padding):
        q = self.graph.tensors[x].quantization
        o = schema.Pool2DOptionsT()
        o.filterHeight = o.filterWidth = size
        o.strideH = o.strideW = stride
        o.padding = padding
        y = self.activation(name, output, q.scale[0], q.zeroPoint[0])
        return self.operator(builtin, [x], y, schema.BuiltinOptions.Pool2DOptions, o)


b = Builder()
op = schema.BuiltinOperator
image = b.tensor("image", [IMAGES, 8, 7, 3], schema.TensorType.FLOAT32)
x = b.operator(op.QUANTIZE, [image], b.activation("input", [IMAGES, 8, 7, 3], 0.0213, 7), schema.BuiltinOptions.QuantizeOptions,
               schema.QuantizeOptionsT())
stem = b.conv("stem", x, [IMAGES, 8, 7, 3], 3, [IMAGES, 8, 7, 5], 0.093, -19, relu=True)
first = b.conv("conv1", stem, [IMAGES, 8, 7, 5], 3, [IMAGES, 4, 4, 6], 0.31, 11, stride=2)
short = b.conv("shortcut", stem, [IMAGES, 8, 7, 5], 1, [IMAGES, 4, 4, 6], 0.17, -3, stride=2, valid=True)
options = schema.AddOptionsT()
options.potScaleInt16 = False
options.fusedActivationFunction = schema.ActivationFunctionType.RELU
total = b.operator(op.ADD, [first, short], b.activation("add", [IMAGES, 4, 4, 6], 0.27, -101),
                   schema.BuiltinOptions.AddOptions, options)
wide = b.conv("dilated", total, [IMAGES, 4, 4, 6], 3, [IMAGES, 4, 4, 4], 0.71, 23, dilation=2)
relu = b.operator(op.RELU, [wide], b.activation("relu", [IMAGES, 4, 4, 4], 0.53, -128))
again = b.operator(op.QUANTIZE, [relu], b.activation("requantize", [IMAGES, 4, 4, 4], 0.37, -77),
                   schema.BuiltinOptions.QuantizeOptions, schema.QuantizeOptionsT())
largest = b.pool("max", again, op.MAX_POOL_2D, [IMAGES, 4, 4, 4], 2, 1, schema.Padding.SAME)
mean = b.pool("mean", largest, op.AVERAGE_POOL_2D, [IMAGES, 2, 2, 4], 3, 2, schema.Padding.SAME)
options = schema.ReshapeOptionsT()
options.newShape = [IMAGES, 16]
q = b.graph.tensors[mean].quantization
flat = b.operator(op.RESHAPE, [mean, b.tensor("shape", [2], schema.TensorType.INT32, np.array([IMAGES, 16], np.int32))],
                  b.activation("flat", [IMAGES, 16], q.scale[0], q.zeroPoint[0]), schema.BuiltinOptions.ReshapeOptions, options)
w, bias = b.weights("classes", (9, 16), b.graph.tensors[flat].quantization.scale[0])
options = schema.FullyConnectedOptionsT()
options.fusedActivationFunction = 0
y = b.operator(op.FULLY_CONNECTED, [flat, w, bias], b.activation("classes", [IMAGES, 9], 0.9, 5),
               schema.BuiltinOptions.FullyConnectedOptions, options)
b.graph.inputs, b.graph.outputs = [image], [y]

packer = flatbuffers.Builder(1 << 16)
packer.Finish(b.model.Pack(packer), b"TFL3")
runner = litert.Interpreter(
    model_content=bytes(packer.Output()),
    experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    experimental_preserve_all_tensors=True,
)
runner.allocate_tensors()
pixels = rng.normal(0, 1.4, (IMAGES, 8, 7, 3)).astype(np.float32)
runner.set_tensor(image, pixels)
runner.invoke()
vectors["image"] = pixels
for i, tensor in enumerate(b.graph.tensors):
    if tensor.type == schema.TensorType.INT8 and not tensor.buffer:
        vectors[tensor.name + ".codes"] = runner.get_tensor(i)
        print(tensor.name, vectors[tensor.name + ".codes"].shape, len(np.unique(vectors[tensor.name + ".codes"])), "codes")
np.savez_compressed("vectors.npz", **vectors)
