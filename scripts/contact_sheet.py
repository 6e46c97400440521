"""Where a model puts pictures: the extremes of each quadrant beside a scatter of all of them, as one image.

python scripts/contact_sheet.py -o paintings.jpg                   # paintings of VA_SPACE_DATA
python scripts/contact_sheet.py --pictures ~/photographs -o sheet.png

Standard output lists what is shown, deepest in its quadrant first.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from va_space import VASpace
from va_space.emotion.plane import NEUTRAL, quadrant
from va_space.media.kinds import find_media
from va_space.media.pictures import load_picture
from va_space.space import Encoded

# In the order in which they lie on the plane, row by row.
QUADRANTS = {
    2: "unpleasant, excited",
    1: "pleasant, excited",
    3: "unpleasant, calm",
    4: "pleasant, calm",
}
THUMBNAIL = 240


def main() -> None:
    """Read the arguments, predict, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="folder; default: the model that ships")
    parser.add_argument("--pictures", type=Path, help="folder; default: paintings of VA_SPACE_DATA")
    parser.add_argument("--each", type=int, default=6, help="pictures a quadrant")
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .jpg, .png, ...")
    options = parser.parse_args()
    if not options.pictures and not os.environ.get("VA_SPACE_DATA"):
        raise SystemExit("give --pictures, or set VA_SPACE_DATA to the folder of data sets")
    folder = options.pictures or Path(os.environ["VA_SPACE_DATA"]) / "paintings" / "images"
    space = VASpace.from_pretrained(options.model)
    encoded = [item for item in space.encode_iter(find_media([folder])) if isinstance(item, Encoded)]
    seen = [item for item in encoded if item.modality == "picture"]
    if not seen:
        raise SystemExit(f"{folder}: holds no picture that can be read")
    paths = [Path(item.source) for item in seen]
    va = space.predict_va_from_vectors(np.stack([item.vector for item in seen]), "picture")
    draw(paths, va, options.each, options.output)
    lines = ["quadrant\tpath\tvalence\tarousal\n"]
    for number in QUADRANTS:
        for row in extremes(va, number, options.each):
            lines.append(f"{number}\t{paths[row]}\t{va[row, 0]:.3f}\t{va[row, 1]:.3f}\n")
    sys.stdout.writelines(lines)


def extremes(va: NDArray[np.floating], number: int, count: int) -> list[int]:
    """Rows of the points that lie deepest in a quadrant, the deepest first; fewer if it holds fewer.

    Args:
        va: (n, 2) valence and arousal.
        number: Of the quadrant.
        count: At most so many.
    """
    depth = np.abs(va - NEUTRAL).min(axis=1)
    inside = np.flatnonzero(quadrant(va) == number)
    return inside[np.argsort(-depth[inside], kind="stable")][:count].tolist()


def draw(paths: Sequence[Path], va: NDArray[np.floating], each: int, output: Path) -> None:
    """Write the image.

    Args:
        paths: Pictures.
        va: (n, 2) their valence and arousal.
        each: Pictures a quadrant.
        output: Where to; its ending says the format.
    """
    figure = Figure(figsize=(17, 8.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    shown = {number: extremes(va, number, each) for number in QUADRANTS}
    for part, number in zip(left.subfigures(2, 2).flat, QUADRANTS, strict=True):
        total = int((quadrant(va) == number).sum())
        part.suptitle(f"{QUADRANTS[number]}: {total} of {len(va)}", fontsize=12)
        _thumbnails(part, [(paths[row], va[row]) for row in shown[number]], each)
    _scatter(right, va, [row for rows in shown.values() for row in rows])
    quality = {"pil_kwargs": {"quality": 82, "optimize": True}} if output.suffix in (".jpg", ".jpeg") else {}
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=90, **quality)


def _thumbnails(part: SubFigure, pictures: Sequence[tuple[Path, NDArray[np.floating]]], each: int) -> None:
    columns = 3
    axes = part.subplots(-(-each // columns), columns, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, (path, (valence, arousal)) in zip(axes.flat, pictures, strict=False):
        image = load_picture(path)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        place.imshow(image)
        place.set_title(f"{valence:.2f}, {arousal:.2f}", fontsize=9)


def _scatter(part: SubFigure, va: NDArray[np.floating], marked: list[int]) -> None:
    place = part.subplots()
    place.axhline(NEUTRAL, color="0.8", zorder=0)
    place.axvline(NEUTRAL, color="0.8", zorder=0)
    place.scatter(va[:, 0], va[:, 1], s=14, color="0.45", linewidths=0)
    place.scatter(
        va[marked, 0], va[marked, 1], s=30, color="tab:red", linewidths=0, label="shown on the left"
    )
    place.set(
        xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="predicted valence", ylabel="predicted arousal"
    )
    place.set_title("standard deviation {:.3f}, {:.3f}".format(*va.std(axis=0)), fontsize=12)
    place.legend(loc="upper left", frameon=False)


if __name__ == "__main__":
    main()
