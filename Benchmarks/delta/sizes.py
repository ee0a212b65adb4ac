#!/usr/bin/env python3
"""Measures how small patch files are, beside other ways to store the difference of two files.

    python3 Benchmarks/delta/sizes.py PROGRAM --slow              # synthetic changes
    python3 Benchmarks/delta/sizes.py PROGRAM --pair BASE TARGET  # real files; repeat for more

PROGRAM is the release build of panacea-patch. Every patch of it is applied and reverted, and what comes
out is compared. A synthetic file has one matrix of 2048 x 2048 normal numbers with standard deviation 0.02;
numbers come from a fixed seed. Needs numpy (requirements.txt) and `zstd`; uses `xdelta3` and `bsdiff` if
they are installed. Tables go to standard output.
"""

import argparse
import filecmp
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import numpy

ROWS = 2048
COUNT = ROWS * ROWS
DEVIATION = 0.02
# What takes longer is stopped and left out, in seconds.
LIMIT = 300
# bsdiff needs 17 bytes of memory for each of the base, and hours for a model.
BSDIFF_LIMIT = 64 << 20
# How much longer one of two headers may be.
HEADER_LIMIT = 1 << 16
# The best of what docs/PATCH_FORMAT.md compares with, as shares of the target: the goal.
GOALS = {
    "dense from BF16, sd 1e-5": 0.070, "dense from BF16, sd 1e-4": 0.269, "dense from BF16, sd 3e-4": 0.345,
    "dense from BF16, sd 1e-3": 0.459, "dense from BF16, sd 3e-3": 0.578, "lowest bit, 0.1 %": 0.0011,
    "lowest bit, 1 %": 0.0055, "lowest bit, 5 %": 0.0182, "lowest bit, 20 %": 0.052,
}


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        measure = Measurement(options.program, folder, options.slow)
        if options.pair:
            results = [
                measure.case(f"{base.parent.name}/{base.name} → {target.name}", base, target)
                for base, target in options.pair
            ]
        else:
            results = []
            for name, base, target in synthetic():
                if options.only not in name:
                    continue
                paths = [folder / ("base" + base[0]), folder / ("target" + target[0])]
                paths[0].write_bytes(base[1])
                paths[1].write_bytes(target[1])
                results.append(measure.case(name, *paths))
    print_tables(results)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built panacea-patch")
    parser.add_argument(
        "--pair", nargs=2, action="append", type=pathlib.Path, metavar=("BASE", "TARGET"),
        help="two files to compare")
    parser.add_argument("--only", default="", help="synthetic changes with this in their names")
    parser.add_argument("--folder", help="where temporary files go")
    parser.add_argument(
        "--slow", action="store_true", help="xdelta3, bsdiff and zstd -19, too, which take minutes")
    options = parser.parse_args()
    return options


# The synthetic changes


def synthetic():
    """Names with the ending and the bytes of both files."""
    random = numpy.random.default_rng(1)

    def normal(deviation, *shape):
        numbers = random.standard_normal(shape or COUNT, dtype=numpy.float32)
        return numbers * numpy.float32(deviation)

    exact = normal(DEVIATION)
    base = bfloat16(exact)
    stored = widened(base)

    def pair(name, target, **options):
        return name, (".safetensors", safetensors(base)), (
            ".safetensors", safetensors(target, **options))

    for deviation in ["1e-5", "1e-4", "3e-4", "1e-3", "3e-3"]:
        # Both sides are rounded from the same numbers, as a trainer with full-precision copies does.
        yield pair(f"dense, sd {deviation}", bfloat16(exact + normal(float(deviation))))
    for percent in ["0.1", "1", "5", "20"]:
        target = base.copy()
        places = random.random(COUNT, dtype=numpy.float32) < float(percent) / 100
        steps = numpy.where(random.random(COUNT, dtype=numpy.float32) < 0.5, 1, 0xFFFF)
        target[places] += steps.astype(numpy.uint16)[places]
        yield pair(f"one step, {percent} %", target)
    target = base.copy().reshape(ROWS, ROWS)
    rows = random.choice(ROWS, ROWS // 100, replace=False)
    target[rows] = bfloat16(widened(target[rows]) + normal(1e-3, len(rows), ROWS))
    yield pair("rows, 1 % of them by sd 1e-3", target.reshape(-1))
    low = (normal(1, ROWS, 2) @ normal(1, 2, ROWS)).reshape(-1)
    low *= numpy.float32(0.01 * DEVIATION / low.std())
    yield pair("rank 2, 1 % of the norm", bfloat16(stored + low))
    yield pair("metadata only", base, metadata={"format": "pt", "note": "changed"})
    yield pair("BF16 as F32", stored)
    scales, codes = q8(stored)
    moved = codes.copy()
    places = random.random(codes.shape, dtype=numpy.float32) < 0.01
    moved[places] = numpy.where(moved[places] > 0, moved[places] - 1, moved[places] + 1)
    before = (".gguf", gguf(scales, codes))
    yield "Q8_0, 1 % of codes by one", before, (".gguf", gguf(scales, moved))
    yield "Q8_0, made again after sd 3e-4", before, (".gguf", gguf(*q8(stored + normal(3e-4))))
    for percent in ["0.1", "1", "5", "20"]:
        places = random.random(COUNT, dtype=numpy.float32) < float(percent) / 100
        yield pair(f"lowest bit, {percent} %", base ^ places.astype(numpy.uint16))
    for deviation in ["1e-5", "1e-4", "3e-4", "1e-3", "3e-3"]:
        # A change of the stored numbers.
        yield pair(f"dense from BF16, sd {deviation}", bfloat16(stored + normal(float(deviation))))


def bfloat16(values):
    """Rounded to the nearest, ties to even."""
    bits = numpy.ascontiguousarray(values, dtype=numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def widened(bits):
    return (bits.astype(numpy.uint32) << 16).view(numpy.float32)


def q8(values):
    """Blocks of 32: a scale and codes."""
    blocks = values.reshape(-1, 32)
    scales = numpy.abs(blocks).max(axis=1) / numpy.float32(127)
    codes = numpy.rint(blocks / scales[:, None]).astype(numpy.int8)
    return scales.astype(numpy.float16), codes


def safetensors(values, metadata=None):
    kind = "F32" if values.dtype == numpy.float32 else "BF16"
    header = {"__metadata__": metadata or {"format": "pt"}}
    header["model.layers.0.mlp.down_proj.weight"] = {
        "dtype": kind, "shape": [ROWS, ROWS], "data_offsets": [0, values.nbytes]}
    header = json.dumps(header).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + values.tobytes()


def gguf(scales, codes):
    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    blocks = numpy.empty((len(scales), 34), dtype=numpy.uint8)
    blocks[:, :2] = scales.view(numpy.uint8).reshape(-1, 2)
    blocks[:, 2:] = codes.view(numpy.uint8)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    head += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    head += text("blk.0.ffn_down.weight") + struct.pack("<IQQIQ", 2, ROWS, ROWS, 8, 0)
    return head + bytes(-len(head) % 32) + blocks.tobytes()


# Ways to store a difference


class Measurement:
    def __init__(self, program, folder, slow):
        self.program, self.folder, self.slow = program, folder, slow

    def case(self, name, base, target):
        """The name, the bytes of the target, and for each method a size and the seconds of both ways."""
        print(name, file=sys.stderr, flush=True)
        size = target.stat().st_size
        methods = {}
        methods["ours"] = self.ours(base, target)
        methods["zstd of the target"] = self.zstd([target.read_bytes()])
        methods.update(self.differences(base, target))
        methods["--patch-from -3"] = self.tool(
            ["zstd", "-3", "-q", "-f", "-T1", "--long=31", f"--patch-from={base}", target, "-o"],
            ["zstd", "-d", "-q", "-f", "--long=31", f"--patch-from={base}"], ["-o"], target)
        if not self.slow:
            return name, size, methods
        methods["--patch-from -19"] = self.tool(
            ["zstd", "-19", "-q", "-f", "-T1", "--long=31", f"--patch-from={base}", target, "-o"],
            ["zstd", "-d", "-q", "-f", "--long=31", f"--patch-from={base}"], ["-o"], target)
        window = ["-B", str(max(64 << 20, base.stat().st_size + 1))]
        methods["xdelta3 -9"] = self.tool(
            ["xdelta3", "-e", "-9", "-f", *window, "-s", base, target],
            ["xdelta3", "-d", "-f", *window, "-s", base], [], target)
        if base.stat().st_size <= BSDIFF_LIMIT:
            methods["bsdiff"] = self.tool(["bsdiff", base, target], None, [], target, base)
        return name, size, methods

    def ours(self, base, target):
        patch = self.folder / "patch.ppd"
        seconds = [self.run([self.program, "delta", "make", base, target, "-o", patch])]
        for command, source, result in [("apply", base, target), ("revert", target, base)]:
            output = self.folder / ("output" + result.suffix)
            seconds.append(self.run([self.program, "delta", command, source, patch, output]))
            if not filecmp.cmp(output, result, shallow=False):
                sys.exit(f"{command} gives another file than {result}")
            output.unlink()
        size = patch.stat().st_size
        patch.unlink()
        return size, seconds[0], seconds[1]

    def differences(self, base, target):
        """What others have done with the words of two files whose tensors have the same places."""
        before, after = (numpy.fromfile(path, dtype=numpy.uint8) for path in (base, target))
        if abs(before.size - after.size) > HEADER_LIMIT:
            return {}
        # Headers may differ in length: tensors end where the files end.
        common = min(before.size, after.size) // 2 * 2
        head = after[:after.size - common].tobytes()
        before, after = before[before.size - common:], after[after.size - common:]
        xor = before ^ after
        methods = {"xor": self.zstd([head, xor.tobytes()])}
        if base.suffix == ".gguf":
            return methods
        words = xor.view("<u2")
        planes = [(words >> 8).astype("u1").tobytes(), (words & 0xFF).astype("u1").tobytes()]
        methods["xor planes"] = self.zstd([head, *planes])
        exponent = ((words >> 7) & 0xFF).astype("u1").tobytes()
        rest = ((words >> 8) & 0x80 | words & 0x7F).astype("u1").tobytes()
        methods["BitX"] = self.zstd([head, exponent, rest])
        ordered = [
            numpy.where(side & 0x8000, ~side, side | 0x8000).astype("<u2")
            for side in (before.view("<u2"), after.view("<u2"))
        ]
        step = (ordered[1] - ordered[0]).astype("<i2")
        zigzag = ((step << 1) ^ (step >> 15)).view("<u2")
        methods["ordered difference"] = self.zstd(
            [head, (zigzag >> 8).astype("u1").tobytes(), (zigzag & 0xFF).astype("u1").tobytes()])
        places = numpy.flatnonzero(words)
        gaps = numpy.diff(places, prepend=-1) - 1
        longer = gaps >= 255
        methods["gaps and xor"] = self.zstd(
            [
                head, numpy.where(longer, 255, gaps).astype("u1").tobytes(),
                gaps[longer].astype("<u4").tobytes(), words[places].tobytes(),
            ])
        return methods

    def zstd(self, streams):
        size = 0
        start = time.monotonic()
        for stream in filter(None, streams):
            result = subprocess.run(
                ["zstd", "-3", "-q", "-T1", "-c"], input=stream, capture_output=True, check=True)
            size += len(result.stdout)
        return size, time.monotonic() - start, None

    def tool(self, make, undo, output_option, target, base=None):
        """Runs another program both ways; None if it is not installed or takes too long."""
        if shutil.which(make[0]) is None:
            return None
        patch, output = self.folder / "patch", self.folder / "output"
        try:
            seconds = self.run([*make, patch])
            if undo is None:
                back = self.run(["bspatch", base, output, patch])
            else:
                back = self.run([*undo, patch, *output_option, output])
            if not filecmp.cmp(output, target, shallow=False):
                sys.exit(f"{make[0]} gives another file than {target}")
            return patch.stat().st_size, seconds, back
        except subprocess.TimeoutExpired:
            return None
        finally:
            for path in (patch, output):
                path.unlink(missing_ok=True)

    def run(self, command):
        start = time.monotonic()
        subprocess.run(
            command, check=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return time.monotonic() - start


# The report


def print_tables(results):
    names = list(dict.fromkeys(method for _, _, found in results for method in found))
    print(row(["change", "MB", *names]))
    print("|---" * (len(names) + 2) + "|")
    for name, size, found in results:
        shares = {
            method: entry[0] / size for method, entry in found.items() if entry is not None}
        best = min(shares.values())
        cells = []
        for method in names:
            share = shares.get(method)
            text = "–" if share is None else significant(share)
            cells.append(f"**{text}**" if share == best else text)
        print(row([name, f"{size / 1e6:.1f}", *cells]))
    judged = [(name, found["ours"][0] / size) for name, size, found in results if name in GOALS]
    if judged:
        print("\n" + row(["change", "goal", "ours", "ours / goal"]) + "\n|---|---|---|---|")
        for name, share in judged:
            goal = GOALS[name]
            print(row([name, significant(goal), significant(share), f"{share / goal:.2f}"]))
    print("\nSeconds to make it, and to get the target from it:\n")
    print(row(["change", *names]))
    print("|---" * (len(names) + 1) + "|")
    for name, _, found in results:
        cells = []
        for method in names:
            entry = found.get(method)
            times = [] if entry is None else [time for time in entry[1:] if time is not None]
            cells.append(", ".join(f"{time:.2f}" for time in times) or "–")
        print(row([name, *cells]))


def row(cells):
    return "| " + " | ".join(cells) + " |"


def significant(value):
    return f"{value:.3g}" if value >= 1e-3 else f"{value:.1e}"


if __name__ == "__main__":
    main()
