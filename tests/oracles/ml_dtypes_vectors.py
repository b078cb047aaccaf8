"""Vectors of ml_dtypes: conversions from float32, to nearest with ties to even, with whatever overflow the type has."""

import ml_dtypes
import numpy as np

import common

# Types whose conversion overflows to infinity or NaN, and those that saturate, having neither.
TYPES = {
    "float:e4m3fn,rne,inf": ml_dtypes.float8_e4m3fn,
    "float:e5m2ieee,rne,inf": ml_dtypes.float8_e5m2,
    "float:e4m3fnuz,rne,inf": ml_dtypes.float8_e4m3fnuz,
    "float:e5m2fnuz,rne,inf": ml_dtypes.float8_e5m2fnuz,
    "float:e4m3ieee,rne,inf": ml_dtypes.float8_e4m3,
    "float:e3m4ieee,rne,inf": ml_dtypes.float8_e3m4,
    "float:e8m7ieee,rne,inf": ml_dtypes.bfloat16,
    "float:e2m3fn,rne,sat": ml_dtypes.float6_e2m3fn,
    "float:e3m2fn,rne,sat": ml_dtypes.float6_e3m2fn,
    "float:e2m1fn,rne,sat": ml_dtypes.float4_e2m1fn,
}


def vectors():
    v = common.Vectors("ml_dtypes", ml_dtypes.__version__)
    for format, kind in TYPES.items():
        limits = ml_dtypes.finfo(kind)
        integer = np.dtype(f"u{np.dtype(kind).itemsize}")
        codes = np.arange(1 << limits.bits).astype(integer)
        values = codes.view(kind).astype(np.float32)
        some = np.s_[:: 13 if limits.bits == 16 else 1]
        v.decode(format, f"{limits.dtype}.astype(float32)", codes[some], values[some])
        patterns = common.inputs_around(values[np.isfinite(values)], seed=limits.bits * 100 + limits.nmant)
        if format.endswith("sat"):  # NaN has no code; the disagreements say what becomes of it
            patterns = patterns[~np.isnan(common.floats(patterns))]
        with np.errstate(all="ignore"):
            y = common.floats(patterns).astype(kind)
        v.quantize(format, f"astype({limits.dtype})", patterns, y.astype(np.float32), y.view(integer))
    return v
