"""What a picture can be restyled by: targets as :mod:`va_space.targets` reads them, but for some."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from va_space.media.audio import iter_blocks
from va_space.space import Failure, VASpace
from va_space.targets import PictureTarget, Target, read_targets

SILENCE = 1e-4
"""Peak below which there is no music, only dither: 80 dB below full scale."""
SILENT = "silent from beginning to end: it says nothing to restyle by"


def read_restyle_targets(
    space: VASpace, sources: Sequence[object], *, at: float | None = None
) -> list[Target | Failure]:
    """Targets to restyle by: music that can be heard, and feelings.

    Args:
        space: The model.
        sources: As for :func:`va_space.targets.read_targets`.
        at: Take music at this second, the window around it, instead of the whole track.

    Returns:
        For each source its target, or why there is none.
    """
    read = read_targets(space, sources, at=at)
    return [_usable(space, index, target) for index, target in enumerate(read)]


def _usable(space: VASpace, index: int, target: Target | Failure) -> Target | Failure:
    if isinstance(target, PictureTarget):
        return Failure(index, target.source, "a picture where music is expected")
    if isinstance(target, Target) and target.modality == "music" and isinstance(target.source, str | Path):
        blocks = iter_blocks(target.source, space.config.audio.sample_rate)
        if all(np.abs(block).max(initial=0.0) <= SILENCE for block in blocks):
            return Failure(index, target.source, SILENT)
    return target
