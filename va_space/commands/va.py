"""``va-space va``."""

import math
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    BatchSize,
    Device,
    Every,
    KindOption,
    Model,
    Precision,
    Texts,
    leave,
    open_space,
    remark_passed_over,
    show_table,
    with_progress,
)
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.emotion.reference import Distribution, Kind
    from va_space.media.kinds import Modality
    from va_space.space import Encoded, Failure, FloatArray, VASpace


def _own(space: "VASpace", folder: str) -> "tuple[Distribution, str, Modality]":
    """What a library's tracks or pictures are compared with, its name, and which of the two they are."""
    from va_space.retrieval.library import Library
    from va_space.retrieval.relative import compared_with, standing_in

    library = Library.open(folder)
    library.check_model(space.fingerprint)
    return standing_in(space, library), compared_with(library), library.modality


def _standing(
    space: "VASpace",
    item: "Encoded",
    point: "FloatArray",
    kind: "Kind | None",
    own: "tuple[Distribution, str, Modality] | None",
) -> dict[str, Any]:
    """Where an input stands, as columns."""
    from va_space.emotion.reference import PLURALS
    from va_space.emotion.words import standing_in_words

    found = space.kind_of(item) if item.modality == "text" else kind or space.kind_of(item)
    distribution, others = space.distribution(found), PLURALS[found]
    if own and item.modality == own[2]:
        distribution, others, _ = own
    percentiles = distribution.percentile(point)
    return {
        "kind": found,
        "valence_percentile": round(float(percentiles[0]), 4),
        "arousal_percentile": round(float(percentiles[1]), 4),
        "standing": standing_in_words(percentiles.tolist(), others),
    }


@VERBS.register("va")
def va(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Pictures, music, or folders of them, mixed as you like.",
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    library: Annotated[
        str | None,
        typer.Option(
            "--library",
            "-l",
            help="Compare music, or pictures, with this library, not with all.",
            show_default=False,
        ),
    ] = None,
    kind: KindOption = None,
    as_json: AsJson = False,
    every: Every = False,
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Show valence and arousal of pictures, music and texts, 0 to 1, with 0.5 neutral.

    valence_std and arousal_std say how uncertain that is: people's mean ratings lie within 1.645 of them in
    about nine of ten cases. They are the same for all pictures, and for all music: measured on data that the
    model had not seen, not made from the file. They are empty for a model that was never calibrated.

    valence_percentile and arousal_percentile say where the input stands among its kind (photographs,
    paintings, recordings, renderings of notes, or texts): the share that lies below. The standing is the
    same in words; with --library it is among your music, or your pictures.

    The quadrant is 1 for pleasant and excited, 2 for unpleasant and excited, 3 for unpleasant and calm,
    4 for pleasant and calm.
    """
    from va_space.emotion.plane import quadrant
    from va_space.media.kinds import find_media

    if not files and not texts:
        raise typer.BadParameter("name a file, or a --text", param_hint="FILE")
    passed_over: list[Path] = []
    paths = list(find_media(files or [], every=every, passed_over=passed_over))
    space = open_space(model, device, precision)
    own = None if library is None else _own(space, library)
    rows: list[dict[str, Any]] = []
    failures: list[Failure] = []
    items = chain(
        space.encode_iter(paths, batch_size=batch_size),
        space.encode_text_iter(texts or [], batch_size=batch_size),
    )
    total = len(paths) + len(texts or [])
    for item in with_progress(items, total, failures):
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
        if space.reference is not None:
            rows[-1] |= _standing(space, item, points[0], kind, own)
    show_table(rows, as_json)
    remark_passed_over(passed_over, every)
    leave(failures, total)
