"""What a picture can be restyled by: targets as :mod:`va_space.targets` reads them, but for some."""

from collections.abc import Sequence

from va_space.space import Failure, VASpace
from va_space.targets import MusicTarget, PictureTarget, Source, Target, read_targets

SILENCE = 1e-4
"""Peak below which there is no music, only dither: 80 dB below full scale."""
SILENT = "silent from beginning to end: it says nothing to restyle by"


def read_restyle_targets(
    space: VASpace, sources: Sequence[Source], *, at: float | None = None
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
    return [_usable(index, target) for index, target in enumerate(read)]


def _usable(index: int, target: Target | Failure) -> Target | Failure:
    if isinstance(target, Failure):
        return target
    source = next(iter(target.sources), target.name)
    if isinstance(target, PictureTarget):
        return Failure(index, source, "a picture where music is expected")
    if isinstance(target, MusicTarget) and target.peak is not None and target.peak <= SILENCE:
        return Failure(index, source, SILENT)
    return target
