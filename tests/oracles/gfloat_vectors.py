"""Vectors of gfloat (Graphcore): small floats under every rounding that it has, MX blocks, and other blocks that its
parts make up."""

import copy
import importlib.metadata
from fractions import Fraction

import numpy as np
from gfloat import (
    BlockFormatInfo,
    FormatInfo,
    RoundMode,
    decode_block,
    decode_float,
    encode_float,
    round_float,
    round_ndarray,
)
from gfloat import compute_scale_amax, quantize_block
from gfloat import formats as known

import common

# Halftone's formats and gfloat's. The finite formats of P3109 are those called fnuz elsewhere.
FORMATS = {
    "float:e5m2ieee": known.format_info_ocp_e5m2,
    "float:e4m3fn": known.format_info_ocp_e4m3,
    "float:e4m3fnuz": known.format_info_p3109(8, 4, domain=known.Domain.Finite),
    "float:e5m2fnuz": known.format_info_p3109(8, 3, domain=known.Domain.Finite),
    "float:e3m2fn": known.format_info_ocp_e3m2,
    "float:e2m3fn": known.format_info_ocp_e2m3,
    "float:e2m1fn": known.format_info_ocp_e2m1,
    "float:e8m7ieee": known.format_info_bfloat16,
    "float:e5m10ieee": known.format_info_binary16,
}


def unusual(exponent, mantissa, variant):
    """Halftone's float of these widths, for those that gfloat has no name for."""
    width = 1 + exponent + mantissa
    return FormatInfo(
        f"e{exponent}m{mantissa}{variant}",
        k=width,
        precision=mantissa + 1,
        bias=2 ** (exponent - 1) - (0 if variant == "fnuz" else 1),
        has_nz=variant != "fnuz",
        domain=known.Domain.Extended if variant == "ieee" else known.Domain.Finite,
        num_high_nans={"ieee": 2**mantissa - 1, "fn": 1 if width >= 8 else 0, "fnuz": 0, "noinf": 0}[variant],
        has_subnormals=True,
        is_signed=True,
        is_twos_complement=False,
    )


UNUSUAL = [(3, 4, "ieee"), (2, 5, "fn"), (1, 2, "fn"), (5, 0, "fn"), (4, 3, "noinf"), (3, 0, "fnuz"), (6, 9, "fnuz")]
UNUSUAL += [(7, 20, "ieee"), (8, 16, "ieee")]
FORMATS |= {f"float:e{e}m{m}{variant}": unusual(e, m, variant) for e, m, variant in UNUSUAL}

ROUNDINGS = {
    "rne": RoundMode.TiesToEven,
    "rna": RoundMode.TiesToAway,
    "trunc": RoundMode.TowardZero,
    "floor": RoundMode.TowardNegative,
    "ceil": RoundMode.TowardPositive,
}

BLOCKS = {
    "e5m2": known.format_info_mxfp8_e5m2,
    "e4m3": known.format_info_mxfp8_e4m3,
    "e3m2": known.format_info_mxfp6_e3m2,
    "e2m3": known.format_info_mxfp6_e2m3,
    "e2m1": known.format_info_mxfp4_e2m1,
    "int8": known.format_info_mxint8,
}

SEED = 7


def codes_of(info):
    """Every code, or a sample of those of wide formats with both ends of each sign."""
    if info.k <= 8:
        return np.arange(1 << info.k).astype(np.uint8)
    top = 1 << (info.k - 1)
    ends = [
        e + sign for sign in (0, top) for e in (*range(64), *range(top - 1200, top - 64, 16), *range(top - 64, top))
    ]
    sample = np.random.default_rng(info.precision).integers(0, 2 * top, 1000)
    return np.unique(np.concatenate([ends, sample])).astype(np.uint16 if info.k <= 16 else np.uint32)


def decode(info, codes):
    return np.array([decode_float(info, int(c)).fval for c in codes])


def encode(info, values):
    """The codes of values of the format."""
    patterns, inverse = np.unique(common.bits(values), return_inverse=True)
    codes = np.array([encode_float(info, float(v)) for v in common.floats(patterns)])
    return codes[inverse].astype(np.uint8 if info.k <= 8 else np.uint16 if info.k <= 16 else np.uint32)


def inputs(info):
    values = decode(info, common.some_codes(info.k - 1))
    patterns = common.inputs_around(values[np.isfinite(values)], seed=info.k * 100 + info.precision)
    if info.num_nans == 0:  # gfloat refuses NaN where there is no code for it
        patterns = patterns[~np.isnan(common.floats(patterns))]
    return patterns


def stochastic(info, x, k, random, sat):
    """Stochastic rounding as Halftone defines it, towards +infinity with the probability of the distance to the lower
    neighbour. gfloat rounds magnitudes: a negative x goes away from zero iff its fraction of a step, in units of 2^-k,
    is above the random number r. So many more bits are given to it that this can be said: 2^k - r less one of theirs.
    What has a fraction below those bits is left out."""
    r = random >> (16 - k)
    more = 40
    away = (((1 << k) - r) << (more - k)) - 1
    down = round_ndarray(info, x, RoundMode.StochasticFastest, sat, away, more)
    up = round_ndarray(info, x, RoundMode.StochasticFastest, sat, r, k)
    tiny = np.signbit(x) & (x != 0) & (np.abs(x) < info.smallest * 2.0**-15)
    return np.where(tiny, np.nan, np.where(np.signbit(x), down, up)), tiny


def scalars(v):
    for name, info in FORMATS.items():
        codes = codes_of(info)
        v.decode(f"{name},rne,sat", "decode_float", codes, decode(info, codes))
        patterns = inputs(info)
        with np.errstate(invalid="ignore"):  # signalling NaNs
            x = common.floats(patterns).astype(np.float64)
        for sat in (True, False):
            if not sat and info.num_nans == 0:
                continue  # gfloat refuses what is beyond the range
            overflow = "sat" if sat else "inf"
            for word, mode in ROUNDINGS.items():
                made_by = f"round_ndarray {mode.name}, sat={sat}"
                y = round_ndarray(info, x, mode, sat)
                codes = encode(info, y) if word == "rne" else None  # of the same values in any case
                v.quantize(f"{name},{word},{overflow}", made_by, patterns, y, codes)
            for k, word in ((16, "sr"), (8, "sr8"), (1, "sr1")) if sat else ((16, "sr"),):
                random = common.halftone_bits(SEED, "oracle", len(x))
                y, left_out = stochastic(info, x, k, random, sat)
                shown = np.where(left_out, 0, patterns)
                made_by = f"round_ndarray StochasticFastest, sat={sat}"
                v.quantize(f"{name},{word},{overflow}", made_by, shown, np.where(left_out, 0, y), seed=SEED)


def block_inputs(info: BlockFormatInfo, columns, exponents):
    """Rows that are blocks and shorter tails: ties of each element format at all scales, outliers, zeros,
    subnormals, and maxima next to powers of two, where a logarithm is easily wrong."""
    generator = np.random.default_rng(info.etype.k * 100 + info.etype.precision)
    codes = np.arange(1 << info.etype.k)
    values = decode(info.etype, codes)
    values = np.unique(np.abs(values[np.isfinite(values)]))
    grid = np.concatenate([values, (values[1:] + values[:-1]) / 2])
    rows = []
    for exponent in exponents:
        pick = generator.choice(grid, columns) * generator.choice([-1, 1], columns) * 2.0**exponent
        nudge = bits_nudged(pick, generator.integers(-1, 2, columns))
        rows.append(nudge)
        top = np.float32(2.0 ** min(exponent, 127))
        for largest in (np.nextafter(top, np.float32(0)), top, np.nextafter(top, np.float32(np.inf))):
            row = (generator.standard_normal(columns) * float(largest) / 8).astype(np.float32)
            row = np.clip(row, -largest, largest)
            row[generator.integers(columns)] = largest * generator.choice([-1, 1])
            rows.append(row)
    rows.append(np.zeros(columns, np.float32))
    rows.append(np.full(columns, -0.0, np.float32))
    return np.array(rows, np.float32)


EXPONENTS = (-149, -142, -130, -127, -126, -110, -1, 0, 8, 112, 120, 126, 127)


def bits_nudged(values, by):
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
            y[part] = quantize_block(info, x[part], scale, ROUNDINGS[rounding])
            scales.append(scale(info.etype.emax, x[part]))
    return y, np.array(scales).reshape(len(x), -1)


def add_rows(v, format, made_by, info, x, scale, rounding):
    """Vectors of the rows whose values float32 has: gfloat computes in float64."""
    y, scales = quantize_rows(info, x, scale, rounding)
    kept = (np.abs(y) < 2.0**128).all(axis=1)
    made_by = f"quantize_block, {made_by}, {ROUNDINGS[rounding].name}"
    v.quantize(format, made_by, common.bits(x[kept]), y[kept], scales=scales[kept], shape=list(x[kept].shape))


def blocks(v):
    for name, info in BLOCKS.items():
        for columns, roundings in ((64, list(ROUNDINGS)), (40, ["rne"])):
            x = block_inputs(info, columns, EXPONENTS)
            for rule, word in [("floor", w) for w in roundings] + [("ceil", "rne"), ("rne", "rne")]:
                format = f"mx:{name},scale={rule},{word},sat"
                add_rows(v, format, f"scale by {rule}", info, x, SCALES[rule](info.etype), word)


def packed(v):
    """Packed storage of MX: a short block for each E8M0 code, with element codes of all kinds. Scales are left out with which
    the element's largest number is beyond float32."""
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


def block_floating_point(v):
    """MX with integers of any width is block floating point, except that its least scale is 2^-127."""
    for width in (3, 8, 12):
        element = copy.copy(known.format_info_ocp_int8)
        element.name, element.k, element.precision = f"int{width}", width, width
        info = BlockFormatInfo(f"bfp{width}", element, 32, known.format_info_ocp_e8m0)
        x = block_inputs(info, 40, EXPONENTS)
        x = x[np.abs(x[:, :32]).max(axis=1) >= 2.0**-100]
        x[:, 32:][np.abs(x[:, 32:]).max(axis=1) < 2.0**-100] = 0
        for word in ROUNDINGS:
            format = f"bfp:w{width}e8,block=32,{word},sat"
            add_rows(v, format, f"{width}-bit integers", info, x, compute_scale_amax, word)


def nvfp4(v):
    """NVFP4: blocks of 16 with an E4M3 scale, the largest magnitude by 6."""
    info = BlockFormatInfo("nvfp4", known.format_info_ocp_e2m1, 16, known.format_info_ocp_e4m3)

    def scale(emax, values):
        return max(round_float(info.stype, np.max(np.abs(values)) / 6, sat=True), info.stype.smallest)

    for columns in (64, 40):
        x = block_inputs(info, columns, range(-14, 13))
        for word in ROUNDINGS:
            add_rows(v, f"nv:e2m1,{word},sat", "scale E4M3 of max/6", info, x, scale, word)


def names(v):
    """gfloat's names for roundings and overflows."""
    for name, info in (("float:e4m3fn", FORMATS["float:e4m3fn"]), ("float:e5m2ieee", FORMATS["float:e5m2ieee"])):
        patterns = inputs(info)
        with np.errstate(invalid="ignore"):
            x = common.floats(patterns).astype(np.float64)
        for mode in RoundMode:
            if mode.name.startswith("Stochastic"):
                continue
            for sat in (True, False):
                y = round_ndarray(info, x, mode, sat)
                v.name("rounding", "gfloat", mode.name, f"{name},%s,{'sat' if sat else 'inf'}", patterns, y)
                if mode == RoundMode.TiesToEven:
                    v.name("overflow", "gfloat", f"sat={sat}", f"{name},rne,%s", patterns, y)


def vectors():
    v = common.Vectors("gfloat", importlib.metadata.version("gfloat"))
    scalars(v)
    blocks(v)
    packed(v)
    block_floating_point(v)
    nvfp4(v)
    names(v)
    return v
