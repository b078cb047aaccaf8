"""Vectors of APyTypes: two's complement fixed point under all its quantization and overflow modes.

Every mode is tried, also those without a name in Halftone; the comparison finds out which is which. STOCH_EQUAL and
STOCH_WEIGHTED draw from a generator of their own and are left out.
"""

import apytypes
import numpy as np
from apytypes import APyFixedArray, OverflowMode, QuantizationMode

import common

FORMATS = ["w8f4", "w8f12", "w8f-3", "w4f0", "w1f0", "w16f8", "w24f23"]
RANDOM = {"STOCH_EQUAL", "STOCH_WEIGHTED"}


def inputs(width, fraction):
    """Inputs around the codes of either sign, and around those beyond the range that wrap."""
    codes = np.arange((1 << width) + 9) if width <= 8 else np.concatenate([np.arange(70), (1 << width) - np.arange(70)])
    codes = np.concatenate([codes, (1 << width >> 1) + np.arange(-min(40, 1 << width >> 1), 40)])
    return common.finite(common.inputs_around(codes * 2.0**-fraction, seed=width * 100 + fraction, count=150))


def vectors():
    v = common.Vectors("apytypes", apytypes.__version__)
    for format in FORMATS:
        width, fraction = (int(n) for n in format[1:].split("f"))
        patterns = inputs(width, fraction)
        # Every float32 number is a multiple of 2^-149 below 2^128, so this is exact.
        exact = APyFixedArray.from_float(common.floats(patterns).astype(np.float64), int_bits=130, frac_bits=149)

        def cast(quantization, overflow):
            # The bits, not the values: wrapping more than 64 bits to fewer leaves values out of range in 0.5.1.
            codes = np.array(exact.cast(width - fraction, fraction, quantization, overflow).to_bits(), np.int64)
            return (codes - (codes >> (width - 1) << width)) * 2.0**-fraction

        for name, mode in QuantizationMode.__members__.items():
            if name in RANDOM:
                continue
            for word, overflow in (("sat", OverflowMode.SAT), ("wrap", OverflowMode.WRAP)):
                v.name("rounding", "apytypes", name, f"fixed:{format},%s,{word}", patterns, cast(mode, overflow))
        for name, mode in OverflowMode.__members__.items():
            for word, quantization in (("floor", QuantizationMode.TO_NEG), ("rne", QuantizationMode.TIES_EVEN)):
                v.name("overflow", "apytypes", name, f"fixed:{format},{word},%s", patterns, cast(quantization, mode))
    return v
