"""What each precision costs: agreement with float32, and scores on held-out data; prints a markdown table.

Pictures of OASIS and windows of VGMIDI from the test part of the open split, as the tasks picture-va and
music-va take them. Agreement is the cosine of vectors with those of torch in float32.
"""

import argparse
import tempfile
from itertools import chain, groupby
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from variants import Variant, make_variants, picture_of, windows_of

from va_space.benchmark.context import points
from va_space.benchmark.metrics import pearson

Found = dict[str, list[np.ndarray]]

# onnxruntime keeps the memory of the largest batch it has seen, in each session.
_AT_ONCE = 8


def row(variant: Variant, vectors: Found, va: Found, exact: str, labels: np.ndarray) -> str:
    """Cells of one side: mean and smallest cosine, correlations of valence and of arousal."""
    mine, reference = (np.concatenate(vectors[name]) for name in (variant.name, exact))
    cosines = np.sum(mine * reference, axis=1)
    predicted = np.concatenate(va[variant.name])
    r = [pearson(predicted[:, side], labels[:, side]) for side in (0, 1)]
    return f"{cosines.mean():.4f} | {cosines.min():.4f} | {r[0]:.3f} | {r[1]:.3f}"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="folder; default: the model that ships")
    parser.add_argument("--pictures", type=int, help="at most so many; default: the whole test part")
    parser.add_argument("--pieces", type=int, help="at most so many; default: the whole test part")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        context, variants = make_variants(options.model, Path(folder))
        pictures = context.pictures["test"][: options.pictures]
        same_file = groupby(context.music["test"], key=lambda record: record.path)
        pieces = [list(windows) for _, windows in same_file][: options.pieces]
        windows = list(chain.from_iterable(pieces))
        few = [piece[at : at + _AT_ONCE] for piece in pieces for at in range(0, len(piece), _AT_ONCE)]
        sides = (
            ("pictures", pictures, (picture_of(record, context) for record in pictures)),
            ("music", windows, (windows_of(piece, context) for piece in few)),
        )
        cells: dict[str, list[str]] = {variant.name: [] for variant in variants}
        for side, records, inputs in sides:
            vectors: Found = {name: [] for name in cells}
            va: Found = {name: [] for name in cells}
            for values in inputs:
                for variant in variants:
                    found = getattr(variant, side)(values)
                    vectors[variant.name].append(found[0])
                    va[variant.name].append(found[1])
            for variant in variants:
                cells[variant.name].append(row(variant, vectors, va, variants[0].name, points(records)))
    print(
        f"{len(pictures)} pictures, {len(windows)} windows; torch {torch.__version__}, "
        f"onnxruntime {onnxruntime.__version__}; cosine mean and minimum, Pearson's r.\n"
    )
    columns = "cosine | min | r valence | r arousal"
    print(f"| | MB | pictures: {columns} | music: {columns} |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for variant in variants:
        print(f"| {variant.name} | {variant.megabytes:.1f} | {' | '.join(cells[variant.name])} |")


if __name__ == "__main__":
    main()
