"""Makes the vectors of every oracle and compares them with those of the repository; --update writes them instead."""

import argparse
import sys

import numpy as np

import ap_fixed_vectors
import apytypes_vectors
import common
import gfloat_vectors
import ml_dtypes_vectors
import names_vectors
import qtorch_training_vectors
import qtorch_vectors

ORACLES = [
    gfloat_vectors,
    ml_dtypes_vectors,
    qtorch_vectors,
    qtorch_training_vectors,
    apytypes_vectors,
    ap_fixed_vectors,
    names_vectors,
]


def differences(path, content):
    """Says where the file and the content differ; nothing if they are equal."""
    if not path.exists():
        return ["no such file"]
    with np.load(path) as stored:
        stored = {name: stored[name] for name in stored.files}
    return [
        f"array {name} differs"
        for name in sorted(stored.keys() | content.keys())
        if name not in stored or name not in content or not np.array_equal(stored[name], content[name])
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the vectors")
    update = parser.parse_args().update
    failed = False
    for oracle in ORACLES:
        v = oracle.vectors()
        count, size = len(v.about["cases"]), sum(a.size for a in v.arrays.values())
        print(f"{v.path.name}: {v.about['oracle']} {v.about['version']}, {count} cases, {size} numbers", flush=True)
        if update:
            common.FOLDER.mkdir(exist_ok=True)
            v.path.write_bytes(v.compressed())
        for difference in differences(v.path, v.content()):
            failed = True
            print(f"  {difference}")
    if failed:
        sys.exit("The vectors of the repository are not those of the oracles; UPDATE=1 writes them anew.")


if __name__ == "__main__":
    main()
