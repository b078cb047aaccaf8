"""Vectors of QPyTorch's kernels for the processor, rounding to nearest: Halftone's formats with +qpytorch.

Left out is what the C++ standard leaves undefined or what is wrong beyond use: blocks of 23 bits and more and floats
with 23 bits of mantissa (both shift by a negative number of bits). Everything else is in, also what nobody wants: fixed
point just above half a step, odd integers from 2^23, blocks with a maximum that is subnormal, infinite, NaN or from
2^126, floats that round twice below their normal range, NaNs that become numbers.

Signalling NaNs are left out too: any other program's first operation makes them quiet, while QPyTorch takes their bits
for those of a number.

The stochastic kernels of blocks and floats draw from a generator that cannot be seeded. That of fixed point draws
torch.rand, of which those elements are taken whose number is a multiple of 2^-16, as Halftone's are.
"""

import importlib.metadata

import numpy as np
import torch
from qtorch.quant import block_quantize, fixed_point_quantize, float_quantize

import common

FIXED = [(8, 4), (8, 7), (8, 0), (8, 12), (8, -3), (4, 2), (2, 1), (16, 8), (16, 15), (24, 0), (24, 12)]
BLOCK_WIDTHS = [2, 3, 4, 8, 12, 16, 22]
FLOATS = [(5, 2), (4, 3), (5, 10), (3, 2), (2, 3), (2, 1), (1, 2), (6, 9), (7, 5), (4, 10), (2, 22), (8, 7), (8, 2)]


def fixed(v):
    for width, fraction in FIXED:
        codes = np.append(common.some_codes(width - 1), 1 << (width - 1))
        patterns = inputs_around(codes * 2.0**-fraction, seed=width * 100 + fraction)
        x = torch.from_numpy(common.floats(patterns))
        for symmetric in (False, True):
            y = fixed_point_quantize(x, width, fraction, True, symmetric, "nearest").numpy()
            format = f"fixed:w{width}f{fraction},rne,{'sym' if symmetric else 'sat'}+qpytorch"
            v.quantize(format, f"fixed_point_quantize nearest, symmetric={symmetric}", patterns, y)


def fixed_stochastic(v):
    for width, fraction in ((8, 4), (8, 7), (16, 8)):
        codes = np.append(common.some_codes(min(width - 1, 7)), 1 << (width - 1))
        patterns = common.finite(inputs_around(codes * 2.0**-fraction, seed=fraction))
        x = torch.from_numpy(common.floats(np.resize(patterns, 1 << 19)))
        torch.manual_seed(width)
        draws = torch.rand_like(x).numpy() * 65536
        torch.manual_seed(width)
        y = fixed_point_quantize(x, width, fraction, True, False, "stochastic").numpy()
        kept = draws == np.floor(draws)
        x, y, random = x.numpy()[kept], y[kept], draws[kept]
        order = np.argsort(common.bits(x), kind="stable")  # compresses well
        format = f"fixed:w{width}f{fraction},sr,sat+qpytorch"
        made_by = "fixed_point_quantize stochastic"
        v.quantize(format, made_by, common.bits(x)[order], y[order], random=random[order])


def inputs_around(values, seed):
    patterns = common.inputs_around(values, seed, count=400)
    magnitude = patterns & 0x7FFFFFFF
    return patterns[(magnitude <= 0x7F800000) | (magnitude >= common.NAN)]


def float_values(exponent, mantissa):
    """The magnitudes of a float all of whose codes are numbers."""
    code = common.some_codes(exponent + mantissa)
    field, fraction = code >> mantissa, code & ((1 << mantissa) - 1)
    significand = fraction + np.where(field > 0, 1 << mantissa, 0)
    return significand * 2.0 ** (np.maximum(field, 1) - (2.0 ** (exponent - 1) - 1) - mantissa)


def floats(v):
    for exponent, mantissa in FLOATS:
        patterns = inputs_around(float_values(exponent, mantissa), seed=exponent * 100 + mantissa)
        y = float_quantize(torch.from_numpy(common.floats(patterns)), exponent, mantissa, "nearest").numpy()
        v.quantize(f"float:e{exponent}m{mantissa}noinf,rne,sat+qpytorch", "float_quantize nearest", patterns, y)


def rows(width, columns):
    """Rows for blocks of so many bits: ties and their neighbours at every kind of maximum."""
    generator = np.random.default_rng(width * 100 + columns)
    out = []
    for exponent in (-149, -130, -127, -126, -125, -100, -22, -1, 0, 1, 7, 60, 120, 124, 125, 126, 127):
        halves = generator.integers(-(1 << width) + 1, 1 << width, columns)  # in halves of a step
        row = np.ldexp(halves.astype(np.float64), exponent + 1 - width)
        row[0] = np.ldexp(1.0 + generator.integers(0, 1 << (width - 2)) * 2.0 ** (2 - width), exponent)
        patterns = common.bits(row).astype(np.int64) + generator.integers(-1, 2, columns)
        row = common.floats((patterns & 0xFFFFFFFF).astype(np.uint32))
        out.append(np.where(np.isfinite(row), row, np.float32(1)))
    for special in (0, -0.0, np.nan, np.inf, -np.inf):
        row = generator.standard_normal(columns).astype(np.float32)
        out.append(np.zeros(columns, np.float32) + np.float32(special) if special == 0 else row)
        out[-1][columns // 2] = special
    for _ in range(12):  # random, with wide spread
        out.append((generator.standard_normal(columns) * 2.0 ** generator.integers(-40, 5, columns)).astype(np.float32))
    return np.array(out, np.float32)


def blocks(v):
    for width in BLOCK_WIDTHS:
        flat = rows(width, 48)
        deep = rows(width, 30)[:32].reshape(8, 4, 5, 6)
        by_channel = np.ascontiguousarray(rows(width, 24).reshape(-1, 4, 6).transpose(1, 0, 2))
        for x, dim, block, axis in [(flat, 0, "sample", 0), (deep, 0, "sample", 0), (by_channel, 1, "channel", 1)]:
            y = block_quantize(torch.from_numpy(x), width, dim, "nearest").numpy()
            format = f"bfp:w{width}e8,block={block},rne,sym+qpytorch"
            made_by = f"block_quantize nearest, dim={dim}"
            v.quantize(format, made_by, common.bits(x), y, shape=list(x.shape), channel_axis=axis)
        for row in (5, 8, 12, 17, 20, 25):
            y = block_quantize(torch.from_numpy(flat[row]), width, -1, "nearest").numpy()
            v.quantize(f"bfp:w{width}e8,rne,sym+qpytorch", "block_quantize nearest, dim=-1", common.bits(flat[row]), y)


def vectors():
    v = common.Vectors("qtorch", f"{importlib.metadata.version('qtorch')} on torch {torch.__version__.split('+')[0]}")
    fixed(v)
    fixed_stochastic(v)
    floats(v)
    blocks(v)
    return v
