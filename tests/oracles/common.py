"""What the oracles share: inputs that are hard to round, Halftone's random bits, and the file that holds vectors."""

import hashlib
import io
import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "vectors"

NAN = 0x7FC00000

# Patterns at which programs differ: zeros, the ends of the subnormal and normal numbers, infinities, NaNs quiet and
# signalling, and the neighbours of 1/2, where adding 1/2 in float32 rounds.
SPECIAL = np.array(
    [0, 1, 2, 0x400000, 0x7FFFFF, 0x800000, 0x800001, 0x7F000000, 0x7E800000, 0x7F7FFFFF, 0x7F7FFFFE, 0x7F800000]
    + [0x7F800001, 0x7FBFFFFF, NAN, 0x7FFFFFFF, 0x3EFFFFFF, 0x3F000000, 0x3F000001, 0x3F7FFFFF, 0x3F800000, 0x3F800001]
    + [0x4AFFFFFF, 0x4B000000, 0x4B000001, 0x4B7FFFFF, 0x4B800000, 0x4F000000, 0x5F000000, 0x5F800000],
    np.uint32,
)


def floats(bits):
    return np.ascontiguousarray(bits, np.uint32).view(np.float32)


def bits(values):
    with np.errstate(over="ignore", invalid="ignore"):  # float64 numbers beyond float32, signalling NaNs
        return np.ascontiguousarray(values, np.float32).view(np.uint32)


def with_neighbours(values):
    """The float32 patterns at the values that are positive and finite, and one ulp below and above."""
    with np.errstate(over="ignore"):
        x = np.asarray(values, np.float64).astype(np.float32)
    b = bits(x[np.isfinite(x) & (x > 0)])
    return np.concatenate([b - 1, b, b + 1])


def both_signs(patterns):
    """The patterns with either sign, each once, in order: then equal results lie side by side and compress well."""
    patterns = np.asarray(patterns, np.uint32) & 0x7FFFFFFF
    return np.unique(np.concatenate([patterns, patterns | 0x80000000]))


def random_patterns(seed, lowest, highest, count):
    """count patterns of any kind, and count whose magnitudes lie around the range, evenly by logarithm."""
    generator = np.random.default_rng(seed)
    everything = generator.integers(0, 1 << 32, count, dtype=np.uint32)
    least, most = (int(b) for b in bits([max(lowest / 16, 2.0**-149), min(highest * 16, 3.4e38)]))
    return np.concatenate([everything, generator.integers(least, most, count, dtype=np.uint32)])


def inputs_around(values, seed, count=500):
    """Inputs for a format with these values: each value, the ties and quarters between neighbours, what lies beyond
    the last, all with the float32 numbers next to them; the special patterns; random ones. Of formats with more than
    256 values, the first and last ones, and a sample of the others."""
    values = np.unique(np.abs(np.asarray(values, np.float64)))
    last, gap = values[-1], values[-1] - values[-2]
    low = np.arange(len(values) - 1)
    if len(low) > 256:
        sample = np.random.default_rng(seed).choice(low, 200, replace=False)
        low = np.unique(np.concatenate([low[:24], low[-24:], sample]))
    low, high = values[low], values[low + 1]
    between = [low + (high - low) * part for part in (0.25, 0.5, 0.75)]
    beyond = last + gap * np.array([0.25, 0.5, 0.75, 1, 2, 17, 1e3])
    edges = with_neighbours(np.concatenate([low, *between, beyond, [last, last * 2, last * 3]]))
    return both_signs(np.concatenate([SPECIAL, edges, random_patterns(seed, values[1], last, count)]))


def some_codes(bits):
    """All codes of so many bits, or runs of neighbours at both ends and in between."""
    if bits <= 16:
        return np.arange(1 << bits)
    starts = [int(part * ((1 << bits) - 64)) for part in (0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.9, 1)]
    return np.concatenate([start + np.arange(64) for start in starts])


def finite(patterns):
    return patterns[np.isfinite(floats(patterns))]


def philox(counter, key):
    """Philox4x32-10 (Salmon and others, SC 2011) of arrays of counters: four words in, four out."""
    c0, c1, c2, c3 = (np.asarray(c, np.uint64) for c in counter)
    k0, k1 = key
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> 32) ^ c3 ^ np.uint64(k1), p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(np.broadcast_arrays(c0, c1, c2, c3))


def halftone_bits(seed, name, count, execution=0, domain=0):
    """The 16 random bits of each of the first elements of a tensor, as docs/formats.md defines them."""
    digest = hashlib.sha256(seed.to_bytes(8, "little") + name.encode()).digest()
    key = (int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little"))
    e = np.arange(count)
    words = philox((e // 128 * 16 + e % 16, 0, execution, domain), key)
    word = np.take_along_axis(words, (e // 16 % 4)[None], 0)[0]
    return (word >> (16 * (e // 64 % 2)).astype(np.uint64) & np.uint64(0xFFFF)).astype(np.int64)


assert [int(halftone_bits(1, "quantize", 129, 3, 2)[e]) for e in (0, 1, 15, 16, 63, 64, 127, 128)] == [
    *(0xA17B, 0x3C81, 0x2B2A, 0x1A72, 0x956E, 0xBBF0, 0x5516, 0xD261)
], "the generator is not the one of docs/formats.md"


class Vectors:
    """The cases of one oracle. vectors/ORACLE.npz holds arrays named by numbers, and "cases": JSON in bytes, with the
    oracle, its version, and for each case the format, what made it, and the numbers of its arrays."""

    def __init__(self, oracle, version):
        self.path = FOLDER / f"{oracle}.npz"
        self.about = {"oracle": oracle, "version": version, "cases": []}
        self.arrays = {}

    def _store(self, array):
        array = np.ascontiguousarray(array)
        for name, known in self.arrays.items():
            if known.dtype == array.dtype and np.array_equal(known, array):
                return name
        name = str(len(self.arrays))
        self.arrays[name] = array
        return name

    def quantize(self, format, made_by, patterns, values, codes=None, random=None, scales=None, **more):
        """float32 patterns in, values out (as float32), and codes if the oracle has them. Random bits of its own, 16
        per element, are given in random; seed is the seed of those of Halftone for a tensor named "oracle". scales are
        those of the blocks, as float32. more may also have shape and channel_axis."""
        case = {"format": format, "made_by": made_by, "input": self._store(np.ravel(patterns).astype(np.uint32))}
        case["value"] = self._store(np.ravel(bits(values)))
        if codes is not None:
            case["codes"] = self._store(np.ravel(codes))
        if random is not None:
            case["random"] = self._store(np.ravel(random).astype(np.uint16))
        if scales is not None:
            case["scales"] = self._store(np.ravel(bits(scales)))
        self.about["cases"].append(case | more)

    def decode(self, format, made_by, codes, values):
        """Codes in, values out."""
        case = {"format": format, "made_by": made_by, "codes": self._store(codes), "value": self._store(bits(values))}
        self.about["cases"].append(case)

    def packed(self, format, made_by, data, values):
        """Halftone's packed storage in, a tensor out."""
        case = {
            "format": format,
            "made_by": made_by,
            "packed": self._store(data),
            "value": self._store(np.ravel(bits(values))),
        }
        self.about["cases"].append(case | {"shape": list(values.shape)})

    def name(self, what, world, name, format, patterns, values):
        """What a rounding or an overflow of another world makes of the patterns; format has %s in its place. Which of
        Halftone's it is, if any, is found out by the comparison."""
        case = {"format": format, "what": what, "world": world, "name": name}
        case |= {"input": self._store(patterns), "value": self._store(bits(values))}
        self.about["cases"].append(case)

    def content(self):
        cases = np.frombuffer(json.dumps(self.about, indent=1).encode(), np.uint8)
        return {"cases": cases, **self.arrays}

    def compressed(self):
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **self.content())
        return buffer.getvalue()
