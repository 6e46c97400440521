"""Maps of four photographs by both methods, towards valence and arousal, and of two tracks, in one image.

python scripts/explain_sheet.py -o docs/explain.jpg

The photographs are scikit-image's (astronaut: NASA, public domain; cat: Stéfan van der Walt, CC0; rocket:
SpaceX, public domain) and scikit-learn's dahlia (vultilion, CC BY 2.0); the tracks are the demo's.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from va_space import VASpace
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.explanation import Explanation, MapOptions, explain
from va_space.explanation.moments import Curve
from va_space.explanation.overlay import LOWERS, RAISES, overlay

NAMES = ("astronaut", "cat", "rocket", "flower")
TRACKS = ("joplin-maple-leaf-rag", "beethoven-quartet-59-1-mesto")
METHODS = ("occlusion", "integrated-gradients")
SIDE, GAP, LABEL, CHART = 210, 4, 15, 90


def main() -> None:
    """Read the arguments, explain, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .jpg, .png")
    parser.add_argument("--grid", type=int, default=9, help="windows along each side. Default: %(default)s.")
    parser.add_argument("--steps", type=int, default=24, help="of the gradients. Default: %(default)s.")
    parser.add_argument("--pictures", type=int, default=len(NAMES), help="so many. Default: all.")
    options = parser.parse_args()
    space = VASpace.from_pretrained()
    fine, rows = MapOptions(options.grid, options.steps), []
    for name in NAMES[: options.pictures]:
        path = next(each.path for each in PHOTOGRAPHS if each.name == name)
        rows.append(picture_row([explain(space, path, method=method, options=fine) for method in METHODS]))
    rows += [track_row(explain(space, clip.path)) for clip in clips() if clip.path.stem in TRACKS]
    sheet(rows).save(options.output, quality=86, optimize=True)


def picture_row(whys: list[Explanation]) -> Image.Image:
    """The picture and its maps."""
    subject, picture = whys[0].subject, whys[0].picture
    assert picture is not None
    height = round(SIDE * picture.height / picture.width)
    cells = [(f"{subject.name}: {', '.join(subject.words)}", picture)]
    for why in whys:
        for each in why.explained:
            assert each.where is not None
            label = f"{each.aim.name} {each.score:.2f}, {why.method.replace('-', ' ')}"
            cells.append((label, overlay(picture, each.where)))
    row = Image.new("RGB", (len(cells) * (SIDE + GAP) - GAP, height + LABEL), "white")
    draw = ImageDraw.Draw(row)
    for column, (label, shown) in enumerate(cells):
        left = column * (SIDE + GAP)
        draw.text((left + 2, 1), label[:36], fill="black")
        row.paste(shown.resize((SIDE, height), Image.Resampling.LANCZOS), (left, LABEL))
    return row


def track_row(why: Explanation) -> Image.Image:
    """Both curves of a track."""
    width = 5 * (SIDE + GAP) - GAP
    half = (width - GAP) // 2
    row = Image.new("RGB", (width, CHART + LABEL), "white")
    draw = ImageDraw.Draw(row)
    for column, each in enumerate(why.explained):
        left = column * (half + GAP)
        draw.text((left + 2, 1), f"{why.subject.name}: {each.aim.name} {each.score:.2f}", fill="black")
        assert each.when is not None
        row.paste(chart(each.when, half), (left, LABEL))
    return row


def chart(curve: Curve, width: int) -> Image.Image:
    """A curve (black) and the effects of its windows (bars)."""
    image = Image.new("RGB", (width, CHART), (246, 243, 237))
    draw = ImageDraw.Draw(image)
    effects = np.nan_to_num(curve.effects)
    across = width / (float(curve.starts[-1]) + curve.length)
    middles = (curve.starts + curve.length / 2) * across
    up = (CHART / 2 - 4) / max(float(np.abs(effects).max()), 1e-9)
    for x, effect in zip(middles, effects, strict=True):
        ends = sorted((CHART / 2, CHART / 2 - up * float(effect)))
        half = 0.2 * curve.length * across
        draw.rectangle((x - half, ends[0], x + half, ends[1]), fill=RAISES if effect > 0 else LOWERS)
    low, high = float(curve.scores.min()), float(curve.scores.max())
    heights = 4 + (CHART - 8) * (1 - (curve.scores - low) / max(high - low, 1e-9))
    draw.line([(float(x), float(y)) for x, y in zip(middles, heights, strict=True)], fill="black", width=2)
    return image


def sheet(rows: list[Image.Image]) -> Image.Image:
    """Rows below each other."""
    height = sum(row.height + GAP for row in rows) - GAP
    image = Image.new("RGB", (max(row.width for row in rows), height), "white")
    top = 0
    for row in rows:
        image.paste(row, (0, top))
        top += row.height + GAP
    return image


if __name__ == "__main__":
    main()
