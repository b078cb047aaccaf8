"""Vectors of ap_fixed and ap_ufixed: the open headers that hls4ml carries, in a C++ program (ap_fixed/modes.cpp)."""

import importlib.metadata
import json
import pathlib
import subprocess
import tempfile

import numpy as np

import common

HEADERS = "hls4ml/templates/vivado/ap_types"

# What a mode is combined with when the other is looked for.
ROUNDINGS = {"AP_TRN": "floor", "AP_RND_CONV": "rne"}
OVERFLOWS = {"AP_SAT": "sat", "AP_WRAP": "wrap", "AP_SAT_SYM": "sym", "AP_SAT_ZERO": "zero"}


def run(numbers):
    """The lines of the program: format, quantization mode, overflow mode, values."""
    here = pathlib.Path(__file__).parent
    site = importlib.metadata.distribution("hls4ml").locate_file(HEADERS)
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "ap_fixed"
        compile = [
            "g++",
            "-O1",
            "-std=c++14",
            "-w",
            "-I",
            str(site),
            str(here / "ap_fixed" / "modes.cpp"),
            "-o",
            str(program),
        ]
        subprocess.run(compile, check=True)
        done = subprocess.run([program], input=numbers.astype(np.float64).tobytes(), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def inputs():
    """Inputs around the codes of every format of the program, and beyond their ranges."""
    grids = [
        np.arange(40) * 2.0**-4,
        np.arange(124, 133) * 2.0**-4,
        np.arange(250, 261) * 2.0**-4,
        np.arange(120, 132) * 2.0**-12,
    ]
    grids += [np.arange(120, 132) * 2.0**3, np.arange(250, 260) * 2.0**3, np.arange(9) * 2.0**-8]
    grids += [np.arange((1 << 15) - 5, (1 << 15) + 6) * 2.0**-8, np.arange((1 << 16) - 5, (1 << 16) + 6) * 2.0**-8]
    return common.finite(
        np.unique(np.concatenate([common.inputs_around(g, seed=i, count=25) for i, g in enumerate(grids)]))
    )


def vectors():
    v = common.Vectors("ap_fixed", f"of hls4ml {importlib.metadata.version('hls4ml')}")
    patterns = inputs()
    for format, rounding, overflow, values in run(common.floats(patterns)):
        values = np.array(values)
        if overflow in OVERFLOWS:
            v.name("rounding", "ap_fixed", rounding, f"fixed:{format},%s,{OVERFLOWS[overflow]}", patterns, values)
        if rounding in ROUNDINGS:
            v.name("overflow", "ap_fixed", overflow, f"fixed:{format},{ROUNDINGS[rounding]},%s", patterns, values)
    return v
