"""Prints the table of docs/oracles.md: inputs for which programs disagree, the answers, and who gives them, among them
formats of Halftone (bin/halftone). Fails if the table there is another; --update writes it."""

import argparse
import io
import pathlib
import subprocess
import sys

import ml_dtypes
import numpy as np
import torch
from apytypes import APyFixedArray, APyFloatArray, OverflowMode, QuantizationMode
from gfloat import RoundMode, compute_scale_amax, quantize_block, round_float, round_ndarray
from gfloat.formats import format_info_ocp_e8m0
from qtorch.quant import block_quantize, fixed_point_quantize, float_quantize

import common
import gfloat_blocks
import gfloat_vectors

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "oracles.md"
BEGIN, END = "<!-- begin disagreements -->\n", "<!-- end disagreements -->\n"


def gfloat(format, sat, rounding="TiesToEven"):
    info = gfloat_vectors.FORMATS["float:" + format]
    mode = "" if rounding == "TiesToEven" else f" {rounding}"
    return f"gfloat {format}{mode} sat={sat}", lambda x: round_ndarray(
        info, x.astype(np.float64), RoundMode[rounding], sat
    )


def e8m0():
    return "gfloat e8m0 sat=True", lambda x: [round_float(format_info_ocp_e8m0, float(v), sat=True) for v in x]


def gfloat_block(element, scale=None):
    info = gfloat_blocks.BLOCKS[element]
    rule = gfloat_blocks.SCALES[scale](info.etype) if scale else compute_scale_amax
    name = f"gfloat quantize_block {element}" + (f" with a scale by {scale}" if scale else "")
    return name, lambda x: quantize_block(info, x.astype(np.float64), rule)


def ml(kind):
    return f"ml_dtypes {kind}", lambda x: x.astype(getattr(ml_dtypes, kind)).astype(np.float32)


def numpy(kind):
    return f"NumPy {kind}", lambda x: x.astype(kind).astype(np.float32)


def to(kind):
    return f"PyTorch {kind}", lambda x: torch.from_numpy(x).to(getattr(torch, kind)).float().numpy()


def qpytorch_float(exponent, mantissa):
    def run(x):
        return float_quantize(torch.from_numpy(x), exponent, mantissa, "nearest").numpy()

    return "QPyTorch float_quantize", run


def qpytorch_fixed(width, fraction):
    def run(x):
        return fixed_point_quantize(torch.from_numpy(x), width, fraction, rounding="nearest").numpy()

    return "QPyTorch fixed_point_quantize", run


def qpytorch_block(width):
    return "QPyTorch block_quantize", lambda x: block_quantize(torch.from_numpy(x), width, -1, "nearest").numpy()


def fake_quantize(scale):
    def run(x):
        return torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), scale, 0, -128, 127).numpy()

    return "PyTorch fake_quantize", run


def apytypes(width, fraction, quantization, overflow="SAT", bits=(20, 20)):
    modes = QuantizationMode[quantization], OverflowMode[overflow]

    def run(x):
        exact = APyFixedArray.from_float(x.astype(np.float64), *bits)
        return exact.cast(width - fraction, fraction, *modes).to_numpy()

    wide = f" from {sum(bits)} bits" if sum(bits) > 64 else ""
    return f"APyTypes {quantization} {overflow}{wide}", run


def apytypes_float(exponent, mantissa):
    def run(x):
        exact = APyFloatArray.from_float(x.astype(np.float64), 11, 52)
        return exact.cast(exponent, mantissa, quantization=QuantizationMode.TIES_EVEN).to_numpy()

    return "APyTypes APyFloat TIES_EVEN", run


def f32(pattern):
    return np.array([pattern], np.uint32).view(np.float32)[0]


SCALE = 0.10000000149011612  # float32(0.1)
NEAR_TIE = [1.55, 1.9499999, 2.35]

# What it is about, the input, the programs, and formats of Halftone.
ROWS = [
    (
        "E4M3 beyond its range",
        [470, 1000, np.inf],
        [
            *(gfloat("e4m3fn", True), gfloat("e4m3fn", False), ml("float8_e4m3fn"), to("float8_e4m3fn")),
            *(ml("float8_e4m3"), gfloat("e4m3fnuz", True), ml("float8_e4m3fnuz"), qpytorch_float(4, 3)),
        ],
        [
            *("float:e4m3fn,rne,sat", "float:e4m3fn,rne,inf", "float:e4m3ieee,rne,inf", "float:e4m3fnuz,rne,sat"),
            *("float:e4m3fnuz,rne,inf", "float:e4m3noinf,rne,sat", "float:e4m3noinf,rne,sat+qpytorch"),
        ],
    ),
    (
        "E5M2 beyond its range",
        [1e5, 1e6, np.inf],
        [
            *(gfloat("e5m2ieee", True), gfloat("e5m2ieee", False), ml("float8_e5m2"), to("float8_e5m2")),
            *(ml("float8_e5m2fnuz"), to("float8_e5m2fnuz"), qpytorch_float(5, 2)),
        ],
        [
            *("float:e5m2ieee,rne,sat", "float:e5m2ieee,rne,inf", "float:e5m2fnuz,rne,inf"),
            "float:e5m2noinf,rne,sat+qpytorch",
        ],
    ),
    (
        "float16 beyond its range",
        [70000, 1e6],
        [gfloat("e5m10ieee", True), numpy("float16"), to("float16"), qpytorch_float(5, 10)],
        ["float:e5m10ieee,rne,sat", "float:e5m10ieee,rne,inf", "float:e5m10noinf,rne,sat+qpytorch"],
    ),
    (
        "bfloat16 at the end of float32",
        [3.4e38],
        [gfloat("e8m7ieee", True), gfloat("e8m7ieee", False), ml("bfloat16"), to("bfloat16"), qpytorch_float(8, 7)],
        ["float:e8m7ieee,rne,sat", "float:e8m7ieee,rne,inf", "float:e8m7noinf,rne,sat+qpytorch"],
    ),
    (
        "overflow when rounding towards zero",
        [1e6],
        [gfloat("e5m2ieee", False, "TowardZero"), gfloat("e5m2ieee", False, "TiesToAway")],
        ["float:e5m2ieee,trunc,inf", "float:e5m2ieee,rna,inf"],
    ),
    (
        "ties of floats",
        [1.125, -1.125],
        [gfloat("e5m2ieee", True), ml("float8_e5m2"), to("float8_e5m2"), qpytorch_float(5, 2)],
        ["float:e5m2ieee,rne,sat", "float:e5m2ieee,rna,sat", "float:e5m2noinf,rne,sat+qpytorch"],
    ),
    (
        "just below half of the smallest E5M2",
        [f32(0x36FFFFFF)],
        [gfloat("e5m2ieee", True), ml("float8_e5m2"), qpytorch_float(5, 2)],
        ["float:e5m2ieee,rne,sat", "float:e5m2ieee,rna,sat", "float:e5m2noinf,rne,sat+qpytorch"],
    ),
    (
        "next below the normal numbers of E4M3",
        [0.0146484375],
        [ml("float8_e4m3"), gfloat("e4m3fn", True), apytypes_float(4, 3)],
        ["float:e4m3ieee,rne,inf"],
    ),
    (
        "-0, and what rounds to it",
        [-0.0, -1e-9],
        [
            *(gfloat("e4m3fn", True), ml("float8_e4m3fn"), gfloat("e4m3fnuz", True), ml("float8_e4m3fnuz")),
            *(qpytorch_float(4, 3), qpytorch_fixed(8, 4), apytypes(8, 4, "TIES_EVEN", bits=(20, 40))),
        ],
        [
            *("float:e4m3fn,rne,sat", "float:e4m3fnuz,rne,sat", "float:e4m3noinf,rne,sat+qpytorch"),
            *("fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat+qpytorch"),
        ],
    ),
    (
        "NaN in a float without NaN",
        [np.nan, f32(0xFFC00000)],
        [gfloat("e2m1fn", True), ml("float4_e2m1fn"), ml("float6_e3m2fn"), qpytorch_float(2, 1)],
        ["float:e2m1fn,rne,sat", "float:e2m1noinf,rne,sat+qpytorch"],
    ),
    (
        "NaN whose mantissa is all ones",
        [f32(0x7FFFFFFF)],
        [gfloat("e5m2ieee", True), ml("float8_e5m2"), qpytorch_float(5, 2)],
        ["float:e5m2ieee,rne,sat", "float:e5m2noinf,rne,sat+qpytorch"],
    ),
    (
        "NaN in fixed point",
        [np.nan],
        [qpytorch_fixed(8, 4), fake_quantize(0.0625)],
        ["fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat+qpytorch", "int:w8,scale=0.0625,rne,sat"],
    ),
    (
        "ties of fixed point",
        [0.5, 1.5, -0.5, -1.5],
        [
            *(apytypes(8, 0, "TIES_EVEN"), apytypes(8, 0, "RND"), apytypes(8, 0, "TIES_AWAY")),
            *(qpytorch_fixed(8, 0), fake_quantize(1.0)),
        ],
        ["fixed:w8f0,rne,sat", "fixed:w8f0,rnu,sat", "fixed:w8f0,rna,sat", "fixed:w8f0,rne,sat+qpytorch"],
    ),
    (
        "just above half a step",
        [f32(0x3F000001)],
        [apytypes(8, 0, "TIES_EVEN", bits=(20, 40)), fake_quantize(1.0), qpytorch_fixed(8, 0)],
        ["fixed:w8f0,rne,sat", "fixed:w8f0,rne,sat+qpytorch"],
    ),
    (
        "x/scale near a tie",
        NEAR_TIE,
        [fake_quantize(SCALE)],
        [f"int:w8,scale={SCALE},rne,sat", f"int:w8,scale={SCALE},rna,sat"],
    ),
    (
        "ties of blocks",
        [1.0, 0.125, -0.125],
        [qpytorch_block(4)],
        ["bfp:w4e8,rne,sat", "bfp:w4e8,rnu,sat", "bfp:w4e8,rne,sym+qpytorch"],
    ),
    (
        "the lowest code of a block",
        [1.5, -1.9990234],
        [qpytorch_block(4)],
        ["bfp:w4e8,rne,sat", "bfp:w4e8,rne,sym", "bfp:w4e8,rne,sym+qpytorch"],
    ),
    (
        "a block from 2^126",
        [1.0, 2.0**126],
        [qpytorch_block(4)],
        ["bfp:w4e8,rne,sym", "bfp:w4e8,rne,sym+qpytorch"],
    ),
    (
        "a subnormal block",
        [f32(0x00400000), f32(0x00008000)],
        [qpytorch_block(8)],
        ["bfp:w8e8,rne,sym", "bfp:w8e8,rne,sym+qpytorch"],
    ),
    (
        "NaN in a block",
        [1.0, np.nan],
        [qpytorch_block(8), gfloat_block("e4m3"), gfloat_block("e2m1")],
        [
            *("bfp:w8e8,rne,sat", "bfp:w8e8,rne,sym+qpytorch"),
            *("mx:e4m3,scale=floor,rne,sat", "mx:e2m1,scale=floor,rne,sat"),
        ],
    ),
    (
        "infinity in a block",
        [1.0, np.inf],
        [qpytorch_block(8), gfloat_block("e4m3"), gfloat_block("e2m1")],
        [
            *("bfp:w8e8,rne,sat", "bfp:w8e8,rne,sym+qpytorch"),
            *("mx:e4m3,scale=floor,rne,sat", "mx:e2m1,scale=floor,rne,sat"),
        ],
    ),
    (
        "the largest of an MX block beyond the element",
        [7.0, 1.0],
        [gfloat_block("e2m1"), gfloat_block("e2m1", "ceil"), gfloat_block("e2m1", "rne")],
        ["mx:e2m1,scale=floor,rne,sat", "mx:e2m1,scale=ceil,rne,sat", "mx:e2m1,scale=rne,rne,sat"],
    ),
    (
        "E8M0, the scale of MX",
        [3.0, 0.0, -1.0],
        [e8m0(), ml("float8_e8m0fnu"), to("float8_e8m0fnu")],
        [],
    ),
    (
        "the lowest code of MXINT8",
        [-1.999],
        [gfloat_block("int8"), gfloat_block("int8", "ceil")],
        ["mx:int8,scale=floor,rne,sat", "mx:int8,scale=floor,rne,sym", "mx:int8,scale=ceil,rne,sat"],
    ),
    (
        "wrapping",
        [8.0, -8.5],
        [apytypes(8, 4, "TO_NEG", "WRAP"), apytypes(8, 4, "TO_NEG", "WRAP", bits=(40, 40))],
        ["fixed:w8f4,floor,wrap"],
    ),
]


def halftone(format, x):
    """What the program makes of x. Tensors of rank 1 are one block."""
    buffer = io.BytesIO()
    np.save(buffer, x)
    command = [ROOT / "bin" / "halftone", "quantize", "--format", format, "-", "-"]
    done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True)
    return np.load(io.BytesIO(done.stdout))


def shown(values, patterns=False):
    """Numbers as short as float32 allows; of NaNs that are not the usual one also the pattern, if asked for."""
    words = []
    for v in np.asarray(values).astype(np.float32):
        pattern = int(v.view(np.uint32))
        word = str(v).replace("inf", "Inf").replace("nan", "NaN").removesuffix(".0")
        words.append(f"NaN:{pattern:08x}" if patterns and np.isnan(v) and pattern != common.NAN else word)
    return ", ".join(words)


def answers(x, programs, formats):
    """Who gives which answer, in the order in which they come up."""
    found = {}

    def add(answer, place, who):
        found.setdefault(answer, ([], []))[place].append(who)

    for name, run in programs:
        try:
            answer = shown(run(x))
        except ValueError:
            answer = "refused"
        add(answer, 0, name)
    for format in formats:
        add(shown(halftone(format, x)), 1, f"`{format}`")
    return found


def table():
    lines = ["| | input | answer | of | of Halftone |", "|---|---|---|---|---|"]
    for about, x, programs, formats in ROWS:
        x = np.array(x, np.float32)
        input = shown(x, patterns=True)
        for answer, (names, ours) in answers(x, programs, formats).items():
            lines.append(f"| {about} | {input} | {answer} | {'; '.join(names) or '-'} | {' '.join(ours) or '-'} |")
            about = ""
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the table")
    update = parser.parse_args().update
    new = table()
    print(new)
    before, rest = DOCUMENT.read_text().split(BEGIN)
    old, after = rest.split(END)
    if update:
        DOCUMENT.write_text(before + BEGIN + new + END + after)
    elif old != new:
        sys.exit("The table of docs/oracles.md is another; UPDATE=1 writes it.")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
