"""A text that asks for music that feels as it does."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from va_space.encoders.vectors import FloatArray
from va_space.errors import MediaError
from va_space.media.kinds import MediaInput
from va_space.space import Failure, VASpace
from va_space.targets._target import KINDS, Row, Text, Tracks, VectorTarget
from va_space.text import shown

_ENDING = re.compile(r"\.\w{1,8}$")
_LONGEST_NAME = 60


@KINDS.register("text")
@dataclass(frozen=True, eq=False)
class TextTarget(VectorTarget):
    """A text of any length, or the mean of several."""

    modality = "text"

    @classmethod
    def accepts(cls, source: MediaInput) -> bool:
        """Whether it is a :class:`Text`, or has a space and is no name of a file.

        What has an ending or a separator is a name, and so is what there is in the working folder.
        """
        if isinstance(source, Text):
            return True
        return isinstance(source, str) and " " in source.strip() and not _is_name(source)

    @classmethod
    def read(cls, space: VASpace, source: MediaInput) -> Self:
        """The text under the model, with what is not known of it."""
        text = str(source)
        (item,) = space.encode_text_iter([text])
        if isinstance(item, Failure):
            raise MediaError(shown(text), item.reason)
        target = cls.of(space, item.vector, name=shown(text, _LONGEST_NAME), source=source, kind="text")
        return replace(target, notes=item.notes)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) cosine, 0 where it is negative."""
        return np.clip(vectors @ self.vector, 0, 1)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, in the order of which they stay."""
        return tracks.nearest(self.vector, count, where=where)


def _is_name(text: str) -> bool:
    if "/" in text or "\\" in text or _ENDING.search(text.strip()):
        return True
    try:
        return Path(text).exists()
    except (OSError, ValueError):  # too long for a name, or with a zero in it
        return False
