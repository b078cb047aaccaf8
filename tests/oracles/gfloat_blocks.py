"""Vectors of gfloat's blocks: MX with three rules for the scale, its packed storage, and what its parts make up: block
floating point and NVFP4."""

import copy
from fractions import Fraction

import numpy as np
from gfloat import BlockFormatInfo, compute_scale_amax, decode_block, decode_float, quantize_block, round_float
from gfloat import formats as known

import common

BLOCKS = {
    "e5m2": known.format_info_mxfp8_e5m2,
    "e4m3": known.format_info_mxfp8_e4m3,
    "e3m2": known.format_info_mxfp6_e3m2,
    "e2m3": known.format_info_mxfp6_e2m3,
    "e2m1": known.format_info_mxfp4_e2m1,
    "int8": known.format_info_mxint8,
}

EXPONENTS = (-149, -142, -130, -127, -126, -1, 0, 112, 126, 127)


def block_inputs(info, exponents, significands):
    """Rows of a block and a shorter one: ties of the elements at all scales; largest magnitudes with the significands,
    which are those where the scale changes, and next to them; zeros."""
    columns = info.k + info.k // 4
    generator = np.random.default_rng(info.etype.k * 100 + info.etype.precision)
    values = np.array([decode_float(info.etype, code).fval for code in range(1 << info.etype.k)])
    values = np.unique(np.abs(values[np.isfinite(values)]))
    grid = np.concatenate([values, (values[1:] + values[:-1]) / 2])
    rows = []
    for exponent in exponents:
        pick = generator.choice(grid, columns) * generator.choice([-1, 1], columns) * 2.0**exponent
        rows.append(nudged(pick, generator.integers(-1, 2, columns)))
        for significand in significands:
            largest = nudged(np.full(3, significand * 2.0**exponent), np.array([-1, 0, 1]))
            for m in largest[largest > 0]:
                row = np.clip((generator.standard_normal(columns) * (float(m) / 8)).astype(np.float32), -m, m)
                row[generator.integers(columns)] = m * generator.choice([-1, 1])
                rows.append(row)
    rows += [np.zeros(columns), np.full(columns, -0.0)]
    return np.array(rows, np.float32)


def nudged(values, by):
    """The values in float32, finite, moved by so many ulps."""
    limit = float(np.finfo(np.float32).max)
    b = common.bits(np.clip(values, -limit, limit)).astype(np.int64) + by
    y = common.floats((b & 0xFFFFFFFF).astype(np.uint32))
    return np.where(np.isfinite(y), y, np.float32(0))


def clipped(exponent):
    return 2.0 ** min(max(exponent, -127), 127)


def scale_by_ceil(element):
    """The least power of two with which nothing saturates; 127/64 is the largest int8 of either sign."""
    largest = Fraction(min(element.max, -element.min))

    def scale(emax, values):
        m = Fraction(float(np.max(np.abs(values))))
        exponent = -127
        while exponent < 127 and m > largest * Fraction(2) ** exponent:
            exponent += 1
        return clipped(exponent)

    return scale


def scale_by_rounding(element):
    """That of the specification, for the largest magnitude rounded to the element's significand."""

    def scale(emax, values):
        m = float(np.max(np.abs(values)))
        if m == 0:
            return clipped(-127)
        significand, exponent = np.frexp(m)
        unit = 2.0 ** (element.precision - (1 if element.is_twos_complement else 0))
        rounded = np.rint(significand * unit) / unit  # exact but for rint
        return clipped(int(exponent) - 1 + (1 if rounded == 1 else 0) - emax)

    return scale


# gfloat itself has the scale of the specification; it takes others as functions.
SCALES = {"floor": lambda element: compute_scale_amax, "ceil": scale_by_ceil, "rne": scale_by_rounding}


def quantize_rows(info, x, scale, rounding):
    """Values and scales of the blocks of each row."""
    x = x.astype(np.float64)
    y, scales = np.zeros(x.shape), []
    for row in range(x.shape[0]):
        for start in range(0, x.shape[1], info.k):
            part = np.s_[row, start : start + info.k]
            y[part] = quantize_block(info, x[part], scale, rounding)
            scales.append(scale(info.etype.emax, x[part]))
    return y, np.array(scales).reshape(len(x), -1)


def add_rows(v, format, made_by, info, x, scale, rounding):
    """Vectors of the rows whose values float32 has: gfloat computes in float64."""
    y, scales = quantize_rows(info, x, scale, rounding)
    kept = (np.abs(y) < 2.0**128).all(axis=1)
    made_by = f"quantize_block, {made_by}, {rounding.name}"
    v.quantize(format, made_by, common.bits(x[kept]), y[kept], scales=scales[kept], shape=list(x[kept].shape))


def microscaling(v, roundings):
    for name, info in BLOCKS.items():
        # Where the largest number is a power of two, as large as the element's, or a tie of the element's.
        top = info.etype.max / 2.0**info.etype.emax
        tie = 2 - 2.0 ** -(info.etype.precision - (1 if info.etype.is_twos_complement else 0))
        x = block_inputs(info, EXPONENTS, [1, top, tie])
        for rule, word in [*(("floor", word) for word in roundings), ("ceil", "rne"), ("rne", "rne")]:
            format = f"mx:{name},scale={rule},{word},sat"
            add_rows(v, format, f"scale by {rule}", info, x, SCALES[rule](info.etype), roundings[word])


def packed(v):
    """Packed storage of MX: a short block for each E8M0 code, with element codes of all kinds. Scales are left out with
    which the element's largest number is beyond float32."""
    for name, info in BLOCKS.items():
        scales = np.append(np.arange(254 - int(info.etype.emax)), 255)
        generator = np.random.default_rng(info.etype.k * 100 + info.etype.precision)
        codes = generator.integers(0, 1 << info.etype.k, (len(scales), 8))
        values = [list(decode_block(info, [int(s), *map(int, row)])) for s, row in zip(scales, codes, strict=True)]
        stream = [codes.ravel() >> b & 1 for b in range(info.etype.k)]
        bits = np.concatenate(
            [np.stack(stream, axis=1).ravel(), np.unpackbits(scales.astype(np.uint8), bitorder="little")]
        )
        data = np.packbits(bits.astype(np.uint8), bitorder="little")
        v.packed(f"mx:{name},scale=floor,rne,sat", "decode_block", data, np.array(values))


def block_floating_point(v, roundings):
    """MX with integers of any width is block floating point, except that its least scale is 2^-127."""
    for width in (3, 8, 12):
        element = copy.copy(known.format_info_ocp_int8)
        element.name, element.k, element.precision = f"int{width}", width, width
        info = BlockFormatInfo(f"bfp{width}", element, 32, known.format_info_ocp_e8m0)
        x = block_inputs(info, EXPONENTS, [1, 1.75])
        x = x[np.abs(x[:, :32]).max(axis=1) >= 2.0**-100]
        x[:, 32:][np.abs(x[:, 32:]).max(axis=1) < 2.0**-100] = 0
        for word, mode in roundings.items():
            format = f"bfp:w{width}e8,block=32,{word},sat"
            add_rows(v, format, f"{width}-bit integers", info, x, compute_scale_amax, mode)


def nvfp4(v, roundings):
    """NVFP4: blocks of 16 with an E4M3 scale, the largest magnitude by 6."""
    info = BlockFormatInfo("nvfp4", known.format_info_ocp_e2m1, 16, known.format_info_ocp_e4m3)

    def scale(emax, values):
        return max(round_float(info.stype, np.max(np.abs(values)) / 6, sat=True), info.stype.smallest)

    # Ties of the scale are 6 times those of E4M3.
    x = block_inputs(info, range(-14, 13, 2), [1, 1.5 * 17 / 16, 1.5 * 19 / 16])
    for word, mode in roundings.items():
        add_rows(v, f"nv:e2m1,{word},sat", "scale E4M3 of max/6", info, x, scale, mode)


def add(v, roundings):
    microscaling(v, roundings)
    packed(v)
    block_floating_point(v, roundings)
    nvfp4(v, roundings)
