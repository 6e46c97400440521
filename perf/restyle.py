"""Photographs of several sizes graded for music: seconds, memory, and whether the .cube is the picture.

Each is the whole command ``va-space restyle PHOTOGRAPH MUSIC -o out.png --cube``, in a process of its own,
from starting Python to the files on disk. Prints markdown.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from va_space.demo.photographs import PHOTOGRAPHS
from va_space.transfer.lut import read_cube

CLIPS = Path(__file__).parents[1] / "va_space" / "demo" / "clips"
MUSIC = (
    "clara-schumann-trio-andante",
    "joplin-maple-leaf-rag",
    "beethoven-great-fugue",
    "corelli-sonata-grave",
)


def photograph(path: Path, megapixels: int) -> None:
    """Write the demo's view of a lake, enlarged."""
    (lake,) = (photograph for photograph in PHOTOGRAPHS if photograph.name == "china")
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with Image.open(lake.path) as image:
        image.resize((height * 4 // 3, height), Image.Resampling.LANCZOS).save(path, quality=95)


def restyled(picture: Path, music: list[Path]) -> tuple[float, float, float]:
    """Run the command: seconds by the clock, seconds of processor time, and peak memory in MiB."""
    files = map(str, (picture, *music, "-o", picture.with_name("out.png")))
    command = [sys.executable, "-m", "va_space", "restyle", *files, "--cube"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status))
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def cube_error(original: Path, picture: Path) -> float:
    """Largest difference, in levels of 255, between a picture and its .cube, read by SciPy."""
    from scipy.ndimage import map_coordinates

    table = read_cube(picture.with_suffix(".cube"))
    given, written = (np.asarray(Image.open(path), np.float32) for path in (original, picture))
    worst = 0.0
    for before, after in zip(given, written, strict=True):
        places = before.T[::-1] / 255 * (len(table) - 1)
        for channel in range(3):
            expected = map_coordinates(table[..., channel], places, order=1, mode="nearest")
            worst = max(worst, float(np.abs(255 * expected - after[:, channel]).max()))
    return worst


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megapixels", type=int, nargs="+", default=[1, 12, 24])
    parser.add_argument("--music", type=Path, nargs="+", default=[CLIPS / f"{name}.ogg" for name in MUSIC])
    options = parser.parse_args()
    print("| megapixels | pieces of music | s | s of processor time | peak memory, MiB | .cube, of 255 |")
    print("|--:|--:|--:|--:|--:|--:|")
    for megapixels in options.megapixels:
        for music in (options.music[:1], options.music):
            with tempfile.TemporaryDirectory() as folder:
                picture = Path(folder) / "photograph.jpg"
                photograph(picture, megapixels)
                seconds, processor, memory = restyled(picture, music)
                results = picture.parent.glob("out*.png")
                error = max(cube_error(picture, result) for result in results)
            row = f"{seconds:.1f} | {processor:.1f} | {memory:.0f} | {error:.2f}"
            print(f"| {megapixels} | {len(music)} | {row} |", flush=True)


if __name__ == "__main__":
    main()
