"""``va-space va``."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from va_space.commands.common import (
    AsJson,
    BatchSize,
    Device,
    Every,
    Inputs,
    Model,
    Precision,
    leave,
    open_space,
    remark_passed_over,
    show_table,
    with_progress,
)
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.space import Failure


def va(
    files: Inputs,
    as_json: AsJson = False,
    every: Every = False,
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Show valence and arousal of pictures and music, 0 to 1, with 0.5 neutral.

    valence_std and arousal_std say how uncertain that is: people's mean ratings lie within 1.645 of them in
    about nine of ten cases; they are empty for a model that was never calibrated.

    The quadrant is 1 for pleasant and excited, 2 for unpleasant and excited, 3 for unpleasant and calm,
    4 for pleasant and calm.
    """
    from va_space.emotion.plane import quadrant
    from va_space.media.kinds import find_media

    passed_over: list[Path] = []
    paths = list(find_media(files, every=every, passed_over=passed_over))
    space = open_space(model, device, precision)
    rows: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for item in with_progress(space.encode_iter(paths, batch_size=batch_size), len(paths), failures):
        points, deviations = space.predict_va_from_vectors(item.vector[None], item.modality, return_std=True)
        point, deviation = points[0].tolist(), deviations[0].tolist()
        stds = [round(value, 4) if math.isfinite(value) else None for value in deviation]
        rows.append(
            {
                "path": valid_unicode(item.source),
                "modality": item.modality,
                "valence": round(point[0], 4),
                "arousal": round(point[1], 4),
                "valence_std": stds[0],
                "arousal_std": stds[1],
                "quadrant": int(quadrant(points[0])),
            }
        )
    show_table(rows, as_json)
    remark_passed_over(passed_over, every)
    leave(failures, len(paths))
