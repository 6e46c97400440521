"""What a picture is to feel like: music, a moment of it, or a feeling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from va_space.emotion.words import nearest_words, parse_feeling
from va_space.errors import MediaError, VASpaceError
from va_space.media.audio import iter_blocks
from va_space.space import Encoded, Failure, FloatArray, VASpace

# Peak below which there is no music, only dither: 80 dB below full scale.
SILENCE = 1e-4


@dataclass(frozen=True)
class Target:
    """What a picture is to feel like.

    Attributes:
        name: For people and file names.
        point: (2,) valence and arousal in [0, 1]; for music as predicted.
        vector: (dimension,) unit vector of the music; None for a feeling, which has none. Then L_S is the
            distance of the predicted valence and arousal to the point.
    """

    name: str
    point: FloatArray
    vector: FloatArray | None = None


def music_target(space: VASpace, name: str, vector: ArrayLike) -> Target:
    """A target for the vector, (dimension,), of a track or of a window of it."""
    vector = np.asarray(vector, np.float32)
    return Target(name, space.predict_va_from_vectors(vector[None], "music")[0], vector)


def feeling_target(name: str, point: ArrayLike) -> Target:
    """A target for (2,) valence and arousal in [0, 1]."""
    return Target(name, np.asarray(point, np.float32))


def read_targets(
    space: VASpace, wanted: Sequence[str], *, at: float | None = None
) -> Iterator[Target | Failure]:
    """Targets as people name them.

    Args:
        space: Encodes the music.
        wanted: Files of music; or, where there is no such file, words of feeling or "valence,arousal".
        at: Take the music at this second, the window around it, instead of the whole track.

    Yields:
        For each in order a target, or why there is none.
    """
    for index, text in enumerate(wanted):
        try:
            yield _target(space, text, at)
        except MediaError as error:
            yield Failure(index, text, error.reason)
        except VASpaceError as error:  # a missing extra
            yield Failure(index, text, str(error))


def vector_at(music: Encoded, seconds: float) -> FloatArray:
    """The vector, (dimension,), of the window of music whose middle is nearest to a time.

    Raises:
        ValueError: It has no windows, being a picture.
    """
    if music.windows is None or music.starts is None:
        raise ValueError("a picture has no windows")
    length = music.starts[1] - music.starts[0] if len(music.starts) > 1 else 0.0
    return music.windows[int(np.abs(music.starts + length / 2 - seconds).argmin())]


def _target(space: VASpace, text: str, at: float | None) -> Target:
    if not Path(text).exists():
        try:
            point = parse_feeling(text)
        except ValueError as error:
            raise MediaError(text, str(error)) from error
        if point is not None:
            return feeling_target(text, point)
        near = nearest_words(text)
        hint = f"; do you mean {' or '.join(near)}?" if near else ""
        raise MediaError(text, f"no such file, and no valence,arousal or word of feeling{hint}")
    music = next(space.encode_iter([text]))
    if isinstance(music, Failure):
        raise MediaError(text, music.reason)
    if music.modality == "picture":
        raise MediaError(text, "a picture where music is expected")
    blocks = iter_blocks(text, space.config.audio.sample_rate)
    if all(np.abs(block).max(initial=0.0) <= SILENCE for block in blocks):
        raise MediaError(text, "silent from beginning to end: it says nothing to restyle by")
    return music_target(space, Path(text).stem, music.vector if at is None else vector_at(music, at))
