"""Vectors of gfloat (Graphcore): small floats under every rounding that it has, and the blocks of gfloat_blocks."""

import importlib.metadata

import numpy as np
from gfloat import FormatInfo, RoundMode, decode_float, encode_float, round_ndarray
from gfloat import formats as known

import common
import gfloat_blocks

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
    names(v)
    gfloat_blocks.add(v, ROUNDINGS)
    return v
