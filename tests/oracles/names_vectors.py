"""What the rounding functions of IEEE 754, C, NumPy, PyTorch and Python make of numbers: their names for Halftone's
roundings are found by comparison."""

import ctypes
import decimal
import math

import numpy as np
import torch

import common

FORMAT = "fixed:w24f0,%s,sat"

# fenv.h of x86-64, and what IEEE 754 calls the directions.
DIRECTIONS = {
    "roundTiesToEven": 0,
    "roundTowardNegative": 0x400,
    "roundTowardPositive": 0x800,
    "roundTowardZero": 0xC00,
}

NUMPY = {"rint": np.rint, "round": np.round, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "fix": np.fix}
NUMPY |= {"astype(int32)": lambda x: x.astype(np.int32)}

TORCH = {"round": torch.round, "floor": torch.floor, "ceil": torch.ceil, "trunc": torch.trunc, "fix": torch.fix}
TORCH |= {"to(int32)": lambda x: x.to(torch.int32)}
TORCH |= {"fake_quantize": lambda x: torch.fake_quantize_per_tensor_affine(x, 1.0, 0, -(1 << 23), (1 << 23) - 1)}

PYTHON = {"round": round, "int": int, "math.floor": math.floor, "math.ceil": math.ceil, "math.trunc": math.trunc}

DECIMAL = ["ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_FLOOR", "ROUND_CEILING", "ROUND_DOWN"]
DECIMAL += ["ROUND_UP", "ROUND_05UP"]


def library():
    libm = ctypes.CDLL("libm.so.6")
    for name in ("rint", "nearbyint", "roundeven", "round", "floor", "ceil", "trunc"):
        function = getattr(libm, name)
        function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
    return libm


def ieee(libm, x):
    """The attributes of IEEE 754, by the C functions that follow them."""
    for name, direction in DIRECTIONS.items():
        assert libm.fesetround(direction) == 0
        values = [libm.nearbyint(n) for n in x]
        assert libm.fesetround(0) == 0
        yield name, values
    yield "roundTiesToAway", [libm.round(n) for n in x]


def vectors():
    v = common.Vectors("names", f"NumPy {np.__version__}, torch {torch.__version__.split('+')[0]}")
    patterns = common.finite(
        common.inputs_around(np.append(np.arange(40), [1 << 20, (1 << 20) + 1]), seed=1, count=300)
    )
    patterns = patterns[np.abs(common.floats(patterns)) < 1 << 22]
    x = common.floats(patterns)

    def add(world, name, values):
        # Halftone's integer codes have no -0.
        v.name("rounding", world, name, FORMAT, patterns, np.asarray(values, np.float64) + 0.0)

    libm = library()
    for name, values in ieee(libm, x.tolist()):
        add("IEEE 754", name, values)
    for name in ("rint", "nearbyint", "roundeven", "round", "floor", "ceil", "trunc"):
        add("C", name, [getattr(libm, name)(n) for n in x.tolist()])
    for name, function in NUMPY.items():
        add("NumPy", name, function(x))
    for name, function in TORCH.items():
        add("PyTorch", name, function(torch.from_numpy(x)).numpy())
    for name, function in PYTHON.items():
        add("Python", name, [function(n) for n in x.tolist()])
    for name in DECIMAL:
        add("Python", f"decimal.{name}", [float(decimal.Decimal(n).to_integral_value(name)) for n in x.tolist()])
    return v
