"""Times how long QPyTorch and PyTorch take to quantize on this machine's processor.

The names are Halftone's format strings. With --table, every one is timed and printed. Otherwise the program is a server
for `halftone bench kernels --peers`: it prints a line of JSON that says what it can do, and then, for each name that
comes on a line of standard input, one number, the nanoseconds that one quantization took per element. So the two sides
can take turns, and what disturbs the machine disturbs both.

Needs the packages of tests/oracles/requirements.txt, which `make oracles` installs. QPyTorch compiles its C++ kernels at its first import, with ninja and a compiler.
"""

import argparse
import json
import os
import sys
import time

# QPyTorch compiles its kernels with the ninja that is installed beside this interpreter, activated or not.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

# The compilation prints on standard output, which is kept for the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import torch  # noqa: E402
from qtorch.quant import block_quantize, fixed_point_quantize, float_quantize  # noqa: E402


def peers(x, matrix, out):
    """The quantizations by format string: what is called, and a function that does it once."""
    table = {"copy": ("torch copy_", lambda: out.copy_(x))}
    for word, rounding in (("rne", "nearest"), ("sr", "stochastic")):
        table[f"fixed:w8f4,{word},sat"] = (
            "qtorch fixed_point_quantize(8, 4)",
            lambda r=rounding: fixed_point_quantize(x, 8, 4, rounding=r),
        )
        table[f"bfp:w8e8,block=sample,{word},sat"] = (
            "qtorch block_quantize(8, dim=0)",
            lambda r=rounding: block_quantize(matrix, 8, 0, rounding=r),
        )
        table[f"float:e5m2ieee,{word},sat"] = (
            "qtorch float_quantize(5, 2)",
            lambda r=rounding: float_quantize(x, 5, 2, rounding=r),
        )
    table["int:w8,scale=0.037,rne,sat"] = (
        "torch fake_quantize_per_tensor_affine",
        lambda: torch.fake_quantize_per_tensor_affine(x, 0.037, 0, -128, 127),
    )
    table["float:e4m3fn,rne,sat"] = (
        "torch to(float8_e4m3fn) and back",
        lambda: x.to(torch.float8_e4m3fn).float(),
    )
    return table


def once(function, elements):
    """Nanoseconds per element of one call, after one that warms the caches."""
    function()
    start = time.perf_counter_ns()
    function()
    return (time.perf_counter_ns() - start) / elements


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--elements", type=int, default=1 << 22, help="a multiple of 256")
    parser.add_argument("--table", action="store_true", help="time everything and print a table")
    args = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    x = torch.randn(args.elements)
    table = peers(x, x.view(256, -1), torch.empty_like(x))
    if args.table:
        for name, (call, function) in table.items():
            median = sorted(once(function, args.elements) for _ in range(7))[3]
            print(f"{name:34s} {call:40s} {median:8.2f} ns/element", file=answers, flush=True)
        return
    import importlib.metadata

    versions = {name: importlib.metadata.version(name) for name in ("torch", "qtorch")}
    calls = {name: call for name, (call, _) in table.items()}
    print(json.dumps({"versions": versions, "peers": calls}), file=answers, flush=True)
    for line in sys.stdin:
        print(once(table[line.strip()][1], args.elements), file=answers, flush=True)


if __name__ == "__main__":
    main()
