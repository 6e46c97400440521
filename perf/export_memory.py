"""Memory of `va-space embed`, for a thousand and for ten thousand files; prints a markdown table.

Eight in ten files are pictures (crops of photographs, 256 pixels), the others recordings (5 s, cut out of
the clips that va-space brings, at another level). Each size is one run of the command in a process of its
own, whose peak the system reports.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import soundfile
from PIL import Image

from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.media.audio import load_audio

RATE, SECONDS, SIDE = 22_050, 5, 256


def make_files(folder: Path, count: int) -> None:
    """Pictures and recordings, all different."""
    generator = np.random.default_rng(0)
    photographs = [Image.open(photo.path).convert("RGB") for photo in PHOTOGRAPHS]
    sounds = [load_audio(clip.path, RATE) for clip in clips()]
    for number in range(count):
        if number % 5:
            picture = photographs[number % len(photographs)]
            side = generator.uniform(0.3, 1) * min(picture.size)
            left, top = (generator.uniform(0, length - side) for length in picture.size)
            crop = picture.resize((SIDE, SIDE), box=(left, top, left + side, top + side))
            crop.save(folder / f"{number:06}.jpg", quality=85)
        else:
            sound = sounds[number // 5 % len(sounds)]
            start = generator.integers(len(sound) - SECONDS * RATE)
            piece = sound[start : start + SECONDS * RATE] * generator.uniform(0.2, 1)
            soundfile.write(folder / f"{number:06}.flac", piece, RATE)


def embed(folder: Path, output: Path) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor and MiB of one run of the command."""
    command = [sys.executable, "-m", "va_space", "embed", str(folder), "-o", str(output)]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the command failed: {status}")
    unit = 1 if platform.system() == "Darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - start, cpu, usage.ru_maxrss * unit / 2**20


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 10_000])
    options = parser.parse_args()
    print("| files | rows | seconds | processor seconds | peak memory | parquet |")
    print("|--:|--:|--:|--:|--:|--:|")
    for count in options.files:
        with tempfile.TemporaryDirectory() as name:
            folder, output = Path(name, "media"), Path(name, "vectors.parquet")
            folder.mkdir()
            make_files(folder, count)
            seconds, cpu, memory = embed(folder, output)
            rows = pq.read_metadata(output).num_rows
            size = output.stat().st_size / 2**20
            times = f"{seconds:.0f} | {cpu:.0f}"
            print(f"| {count:,} | {rows:,} | {times} | **{memory:,.0f} MiB** | {size:.1f} MiB |", flush=True)


if __name__ == "__main__":
    main()
