"""Vectors of APyTypes: two's complement fixed point under all its quantization and overflow modes, and IEEE floats
under all quantization modes.

Every mode is tried, also those without a name in Halftone; the comparison finds out which is which. STOCH_EQUAL and
STOCH_WEIGHTED draw from a generator of their own and are left out.
"""

import apytypes
import numpy as np
from apytypes import APyFixedArray, APyFloatArray, OverflowMode, QuantizationMode

import common

FIXED = ["w8f4", "w8f12", "w8f-3", "w4f0", "w1f0", "w16f8", "w24f23"]
FLOATS = [(4, 3), (5, 2), (2, 3), (3, 1), (8, 7)]
RANDOM = {"STOCH_EQUAL", "STOCH_WEIGHTED"}


def fixed_inputs(width, fraction):
    """Inputs around the codes of either sign, and around those beyond the range that wrap."""
    codes = np.arange((1 << width) + 9) if width <= 8 else np.concatenate([np.arange(70), (1 << width) - np.arange(70)])
    codes = np.concatenate([codes, (1 << width >> 1) + np.arange(-min(40, 1 << width >> 1), 40)])
    return common.finite(common.inputs_around(codes * 2.0**-fraction, seed=width * 100 + fraction, count=150))


def cast(exact, width, fraction, quantization, overflow):
    """The values by their bits, since wrapping more than 64 bits to fewer leaves values out of range in 0.5.1."""
    codes = np.array(exact.cast(width - fraction, fraction, quantization, overflow).to_bits(), np.int64)
    return (codes - (codes >> (width - 1) << width)) * 2.0**-fraction


def fixed(v):
    for format in FIXED:
        width, fraction = (int(n) for n in format[1:].split("f"))
        patterns = fixed_inputs(width, fraction)
        # Every float32 number is a multiple of 2^-149 below 2^128, so this is exact.
        exact = APyFixedArray.from_float(common.floats(patterns).astype(np.float64), int_bits=130, frac_bits=149)
        for name, mode in QuantizationMode.__members__.items():
            if name in RANDOM:
                continue
            for word, overflow in (("sat", OverflowMode.SAT), ("wrap", OverflowMode.WRAP)):
                values = cast(exact, width, fraction, mode, overflow)
                v.name("rounding", "apytypes", name, f"fixed:{format},%s,{word}", patterns, values)
        for name, mode in OverflowMode.__members__.items():
            for word, quantization in (("floor", QuantizationMode.TO_NEG), ("rne", QuantizationMode.TIES_EVEN)):
                values = cast(exact, width, fraction, quantization, mode)
                v.name("overflow", "apytypes", name, f"fixed:{format},{word},%s", patterns, values)


def float_values(exponent, mantissa):
    code = common.some_codes(exponent + mantissa)
    code = code[code < ((1 << exponent) - 1) << mantissa]
    return APyFloatArray(0 * code, code >> mantissa, code % (1 << mantissa), exponent, mantissa).to_numpy()


def floats(v):
    for exponent, mantissa in FLOATS:
        patterns = common.inputs_around(float_values(exponent, mantissa), seed=exponent * 100 + mantissa, count=100)
        # What lies next below the normal numbers, 0.5.1 rounds up to zero.
        normal = 2.0 ** (2 - 2 ** (exponent - 1))
        magnitude = np.abs(common.floats(patterns))
        patterns = patterns[~((magnitude > normal * (1 - 2.0**-mantissa)) & (magnitude < normal))]
        with np.errstate(invalid="ignore"):  # signalling NaNs
            exact = APyFloatArray.from_float(common.floats(patterns).astype(np.float64), exp_bits=11, man_bits=52)
        for name, mode in QuantizationMode.__members__.items():
            if name not in RANDOM:
                values = exact.cast(exponent, mantissa, quantization=mode).to_numpy().astype(np.float64)
                v.name("rounding", "apytypes", name, f"float:e{exponent}m{mantissa}ieee,%s,inf", patterns, values)


def vectors():
    v = common.Vectors("apytypes", apytypes.__version__)
    fixed(v)
    floats(v)
    return v
