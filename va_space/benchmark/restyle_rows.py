"""The rows of the restyling benchmark, and what their columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.benchmark import metrics
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow

# A change of percentile that is asked for, below which no sign is asked for.
ASKED = 0.15
_EDGE = 0.5 / 255

METRICS = {
    "valence right": f"of the pairs of picture and target with a wanted change of at least {ASKED} in the "
    "percentile of valence, the share whose change has the right sign, as the judge sees it; chance is 0.5",
    "interval v": "95% bootstrap interval of it, drawing pictures",
    "n v": "how many such pairs",
    "arousal right": "the same of arousal",
    "interval a": "of that",
    "n a": "how many such pairs",
    "both right": "share of pairs with both signs right, where both changes are asked for; 0.25 is chance",
    "n both": "how many such pairs",
    "valence moves": "mean change of the judge's percentile in the wanted direction",
    "arousal moves": "the same of arousal",
    "ssim": "structural similarity to the original",
    "size": "root mean square change of colour values in [0, 1]",
    "clipped": "share of pixels with a channel at 0 or 255, mean increase over the original",
    "most clipped": "the largest increase of a single picture",
    "seconds": "of processor time to find one edit, without decoding",
}


@dataclass(frozen=True)
class Edited:
    """What one way makes of one picture for t targets, as the judge sees it.

    Attributes:
        moved: (t, 2) change of the judge's percentiles.
        ssim: (t,) structural similarity to the original.
        size: (t,) root mean square change.
        clipped: (t,) increase of the share of clipped pixels.
    """

    moved: Floats
    ssim: Floats
    size: Floats
    clipped: Floats


def clipped(pictures: Tensor) -> Tensor:
    """(n, 3, h, w) to (n,): share of pixels with a channel that 8 bits make 0 or 255."""
    at_edge = (pictures <= _EDGE) | (pictures >= 1 - _EDGE)
    return at_edge.any(dim=1).float().mean(dim=(1, 2))


def rms(edited: Tensor, picture: Tensor) -> Tensor:
    """(n, 3, h, w) and (3, h, w) to (n,): root mean square difference."""
    return (edited - picture).square().mean(dim=(1, 2, 3)).sqrt()


def measured(edited: Tensor, picture: Tensor, before: Floats, after: Floats) -> Edited:
    """What there is to say of edits of a picture.

    Args:
        edited: (t, 3, h, w).
        picture: (3, h, w).
        before: (1, 2) the judge's percentiles of the picture.
        after: (t, 2) those of the edits.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    alike = structural_similarity_index_measure(
        edited, picture.expand_as(edited), data_range=1.0, reduction="none"
    )
    columns = (
        torch.as_tensor(alike).reshape(len(edited)),
        rms(edited, picture),
        clipped(edited) - clipped(picture[None]),
    )
    return Edited(after - before, *(column.double().numpy() for column in columns))


def table_row(
    way: str,
    part: str,
    edits: Sequence[Edited],
    wanted: Floats,
    columns: NDArray[np.int64],
    seconds: float | None,
    seed: int,
) -> TableRow:
    """One way to edit.

    Args:
        way: Its name.
        part: Which targets.
        edits: One for each of p pictures.
        wanted: (p, t, 2) changes of percentiles that are asked for.
        columns: Numbers of the targets that count.
        seconds: To find one edit; None where that is not known.
        seed: Of the bootstrap.
    """
    asked = wanted[:, columns]
    moved = np.stack([edit.moved for edit in edits])[:, columns]
    right = np.asarray(moved * asked > 0)
    counts = np.asarray(np.abs(asked) >= ASKED)
    of_picture = np.broadcast_to(np.arange(len(asked))[:, None], counts.shape[:2])
    row: TableRow = {"model": way, "targets": part}
    for axis, (name, short) in enumerate((("valence", "v"), ("arousal", "a"))):
        some = counts[..., axis]
        values, groups = right[..., axis][some].astype(float), of_picture[some]
        row[f"{name} right"] = _mean(values)
        row[f"interval {short}"] = (
            metrics.bootstrap_interval(np.mean, [values], groups, seed=seed) if len(values) else None
        )
        row[f"n {short}"] = len(values)
    both = counts.all(axis=-1)
    row["both right"], row["n both"] = _mean(np.asarray(right[both].all(axis=-1))), int(both.sum())
    signed = moved * np.sign(asked)
    for axis, name in enumerate(("valence", "arousal")):
        row[f"{name} moves"] = _mean(signed[..., axis][counts[..., axis]])
    for name in ("ssim", "size", "clipped"):
        row[name] = _mean(np.stack([getattr(edit, name) for edit in edits])[:, columns])
    row["most clipped"] = float(max(edit.clipped[columns].max() for edit in edits))
    row["seconds"] = seconds
    return row


def _mean(values: NDArray[np.generic]) -> float | None:
    return float(values.mean()) if values.size else None
