"""Covers for recordings of different genres on one sheet, and how long each took.

Recordings come from the 4Q set (``--data`` or VA_SPACE_DATA), one for each genre; without it, from the clips
of the demo.
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from va_space import VASpace
from va_space.demo.music import clips
from va_space.generation.artwork.engines import Request
from va_space.generation.artwork.engines.painter import paint
from va_space.generation.artwork.files import Text, finished
from va_space.generation.tags import describe

GENRES = (
    "Jazz", "Electronic", "Country", "Rap", "Pop/Rock", "R&B", "Latin", "Folk", "Blues", "Reggae"
)  # fmt: skip
ACROSS, GAP = 5, 6


def recordings(data: Path | None, seed: int) -> Iterator[tuple[str, Path, str, str]]:
    """Genre, file, title and artist."""
    if data is None:
        for clip in clips()[: len(GENRES)]:
            yield "classical", clip.path, clip.title, ""
        return
    with (data / "fourq" / "fourq.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rng = np.random.default_rng(seed)
    for genre in GENRES:
        fitting = [row for row in rows if row["genres"].split("; ")[0] == genre]
        row = fitting[int(rng.integers(len(fitting)))]
        yield genre, next((data / "fourq" / "audio").glob(f"{row['song']}.*")), row["title"], row["artist"]


def fitting_jpeg(sheet: Image.Image, limit: int) -> bytes:
    """The best JPEG of so many bytes at most."""
    for quality in range(88, 30, -4):
        file = BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= limit:
            break
    return file.getvalue()


def main() -> None:
    """Paint, print a table, write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = os.environ.get("VA_SPACE_DATA")
    parser.add_argument("--data", type=Path, default=Path(root) if root else None)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--side", type=int, default=3000, help="Of each cover in pixels.")
    parser.add_argument("--shown", type=int, default=264, help="Of each cover on the sheet.")
    parser.add_argument("--tracks", type=int, default=len(GENRES))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    space, shown = VASpace.from_pretrained(), options.shown
    found = list(recordings(options.data, options.seed))[: options.tracks]
    down = -(-len(found) // ACROSS)
    size = ACROSS * (shown + GAP) - GAP, down * (shown + GAP) - GAP
    sheet = Image.new("RGB", size, "white")
    write = sys.stdout.write
    write("| genre | recording | heard: valence, arousal | cover | felt by the model | hearing, s |")
    write(" painting, s |\n|---|---|--:|---|--:|--:|--:|\n")
    for place, (genre, path, title, artist) in enumerate(found):
        start = time.process_time()
        heard = describe(space, path)
        listened = time.process_time()
        (artwork,) = paint(space, heard, Request(seed=options.seed))
        cover = finished(artwork, (options.side, options.side), Text(title, artist))
        painted = time.process_time()
        x, y = place % ACROSS * (shown + GAP), place // ACROSS * (shown + GAP)
        sheet.paste(cover.resize((shown, shown), Image.Resampling.LANCZOS), (x, y))
        felt = artwork.facts["picture percentile"]
        cells = (
            genre,
            f"{artist} – {title}",
            f"{heard.feeling[0]:.2f}, {heard.feeling[1]:.2f}",
            artwork.title,
            f"{felt[0]:.2f}, {felt[1]:.2f}",
            f"{listened - start:.1f}",
            f"{painted - listened:.1f}",
        )
        write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()
    options.output.write_bytes(fitting_jpeg(sheet, 245_000))


if __name__ == "__main__":
    main()
