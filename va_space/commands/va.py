"""``va-space va``."""

from typing import TYPE_CHECKING, Any

from va_space.commands.common import (
    AsJson,
    BatchSize,
    Device,
    Inputs,
    Model,
    Precision,
    leave,
    open_space,
    printable,
    show_table,
    with_progress,
)

if TYPE_CHECKING:
    from va_space.space import Failure


def va(
    files: Inputs,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Show valence and arousal of pictures and music, 0 to 1, with 0.5 neutral.

    The quadrant is 1 for pleasant and excited, 2 for unpleasant and excited, 3 for unpleasant and calm,
    4 for pleasant and calm.
    """
    from va_space.emotion import quadrant
    from va_space.media.kinds import find_media

    paths = list(find_media(files))
    space = open_space(model, device, precision)
    rows: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for item in with_progress(space.encode_iter(paths, batch_size=batch_size), len(paths), failures):
        point = space.predict_va_from_vectors(item.vector[None], item.modality)[0]
        rows.append(
            {
                "path": printable(item.source),
                "modality": item.modality,
                "valence": round(float(point[0]), 4),
                "arousal": round(float(point[1]), 4),
                "quadrant": int(quadrant(point)),
            }
        )
    show_table(rows, as_json)
    leave(failures, len(paths))
