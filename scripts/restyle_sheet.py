"""One painting and one photograph, restyled by four words and by four tracks, in one image.

python scripts/restyle_sheet.py -o docs/restyle.jpg

The photograph is scikit-learn's Summer Palace (Daniel Büchele, CC BY 2.0), the tracks are the demo's that
stand farthest out in each direction, and the painting is painted here, stroke by stroke.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from va_space import VASpace
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.media.editable import EditablePicture, load_editable
from va_space.targets import Target, read_targets
from va_space.transfer.restyle import restyle

WORDS = ("joyful", "angry", "sad", "serene")
DIRECTIONS = ((1, 1), (-1, 1), (-1, -1), (1, -1))
WIDTH, GAP, LABEL = 236, 4, 15
CANVAS = (600, 400)


def main() -> None:
    """Read the arguments, restyle, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .jpg, .png")
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--tracks", type=int, help="choose from so many of the demo's tracks. Default: all.")
    options = parser.parse_args()
    space = VASpace.from_pretrained()
    photograph = next(each for each in PHOTOGRAPHS if each.name == "china")
    pictures = [EditablePicture(paint()), load_editable(photograph.path)]
    words = [target for target in read_targets(space, list(WORDS)) if isinstance(target, Target)]
    read = read_targets(space, [clip.path for clip in clips()[: options.tracks]])
    tracks = farthest_out(space, [target for target in read if isinstance(target, Target)])
    rows = []
    for picture in pictures:
        for targets in (words, tracks):
            results = list(restyle(space, picture, targets, strength=options.strength))
            names = ["original", *(result.target.stem for result in results)]
            shown = [picture.image, *(result.picture.image for result in results)]
            rows.append((names, shown))
    sheet(rows).save(options.output, quality=86, optimize=True)


def farthest_out(space: VASpace, tracks: Sequence[Target]) -> list[Target]:
    """Those of some tracks that stand farthest out among music, one in each direction."""
    standing = np.stack([track.standing(space) for track in tracks]) - 0.5
    chosen: list[Target] = []
    for direction in DIRECTIONS:
        # The smaller of the two distances counts: far out on one axis alone is another direction.
        order = np.argsort(-(standing * direction).min(axis=1), kind="stable")
        chosen.append(next(tracks[row] for row in order if tracks[row] not in chosen))
    return chosen


def paint(seed: int = 1) -> Image.Image:
    """An evening lake between hills, in strokes of three sizes."""
    random = np.random.default_rng(seed)
    width, height = CANVAS
    image = Image.new("RGB", CANVAS, (120, 130, 140))
    draw = ImageDraw.Draw(image)
    for length, thickness, count in ((60, 22, 900), (30, 10, 3500), (14, 4, 9000)):
        for _ in range(count):
            x, y = random.uniform(0, width), random.uniform(0, height)
            colour, slope = scene(x / width, y / height)
            colour = colour + random.normal(0, 9, 3) + random.normal(0, 7)
            angle = slope + random.normal(0, 0.25)
            half = length * random.uniform(0.3, 0.6)
            across, down = half * math.cos(angle), half * math.sin(angle)
            ends = [(x - across, y - down), (x + across, y + down)]
            filled = tuple(int(value) for value in colour.clip(0, 255))
            draw.line(ends, fill=filled, width=max(1, round(thickness * random.uniform(0.5, 1))))
    return image


def scene(x: float, y: float) -> tuple[np.ndarray, float]:
    """Colour and direction of a stroke at a place of the canvas, x and y from 0 to 1."""
    hills = 0.42 + 0.05 * math.sin(7 * x + 1) + 0.03 * math.sin(17 * x)
    near = 0.47 + 0.06 * math.sin(4 * x + 3.4) + 0.012 * math.sin(31 * x)
    bank = 0.86 + 0.05 * math.sin(5 * x + 0.5) - 0.10 * max(0.0, 0.35 - x)
    trunk = abs(x - 0.13 - 0.02 * math.sin(9 * y)) < 0.012 and 0.25 < y < 0.9
    crown = math.hypot((x - 0.14) / 0.13, (y - 0.22) / 0.2) < 1 + 0.18 * math.sin(23 * x) * math.cos(19 * y)
    if trunk:
        return np.array([74, 54, 44.0]), math.pi / 2
    if crown:
        return np.array([78 + 60 * x, 92 - 30 * y, 48.0]), 40 * x * y
    if y > bank:
        return np.array([96 + 40 * math.sin(40 * x) ** 2, 104 - 30 * (y - bank), 56.0]), -1.2
    if y > 0.52:  # the lake, which mirrors the sky
        sky, _ = scene_of_sky(x, 1.02 - y)
        glitter = 28 * max(0.0, math.sin(160 * y)) * math.exp(-(((x - 0.68) / 0.09) ** 2))
        return sky * 0.72 + np.array([4, 14, 30.0]) + glitter, 0.0
    if y > near:
        return np.array([70, 84, 74.0]) + 30 * (y - near), 0.3 * math.cos(4 * x)
    if y > hills:
        return np.array([112, 116, 138.0]), 0.3 * math.cos(7 * x)
    return scene_of_sky(x, y)


def scene_of_sky(x: float, y: float) -> tuple[np.ndarray, float]:
    """The sky with its sun."""
    high, low = np.array([104, 138, 178.0]), np.array([232, 190, 138.0])
    glow = math.exp(-(((x - 0.68) / 0.28) ** 2 + ((y - 0.36) / 0.2) ** 2))
    colour = high + (low - high) * min(1.0, y / 0.45) + glow * np.array([20, 18, -20.0])
    cloud = max(0.0, math.sin(9 * x + 14 * y) * math.sin(26 * y + 3 * x))
    if math.hypot(x - 0.68, (y - 0.36) * CANVAS[1] / CANVAS[0]) < 0.028:
        return np.array([250, 226, 170.0]), 0.0
    return colour + 26 * cloud, 0.15 * math.sin(6 * x)


def sheet(rows: list[tuple[list[str], list[Image.Image]]]) -> Image.Image:
    """Rows of named pictures."""
    heights = [round(WIDTH * shown[0].height / shown[0].width) for _, shown in rows]
    columns = len(rows[0][1])
    size = (columns * (WIDTH + GAP) - GAP, sum(heights) + len(rows) * (LABEL + GAP) - GAP)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    top = 0
    for (names, shown), height in zip(rows, heights, strict=True):
        for column, (name, each) in enumerate(zip(names, shown, strict=True)):
            left = column * (WIDTH + GAP)
            draw.text((left + 2, top + 1), name[:38], fill="black")
            image.paste(each.resize((WIDTH, height), Image.Resampling.LANCZOS), (left, top + LABEL))
        top += height + LABEL + GAP
    return image


if __name__ == "__main__":
    main()
