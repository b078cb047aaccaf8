package peer

import _ "embed"

// The programs are part of the binary, so that a comparison needs nothing but a Python with the packages of
// tests/oracles/requirements.txt.

// Kernels is the Python program that times QPyTorch's and PyTorch's quantizations.
//
//go:embed kernels.py
var Kernels string

// Networks is the Python program that times training steps of PyTorch and QPyTorch, and inference of ONNX Runtime.
//
//go:embed networks.py
var Networks string
