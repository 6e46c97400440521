"""What a user names as a target or a query, and the one reader of it.

A source is read in this order:

1. A :class:`Target` stays as it is.
2. A text that is a word of feeling or "valence,arousal" is that feeling, also where a file has that name:
   ``calm`` is the word, ``./calm`` and ``Path("calm")`` are the file.
3. A text with a space is a text, unless it has an ending or a separator, or a file has that name. A
   :class:`Text` is one in any case.
4. Other kinds that :data:`KINDS` knows are asked whether they accept the source.
5. Everything else is a picture or music, as :meth:`VASpace.encode <va_space.space.VASpace.encode>` takes it:
   a path, an image, an array, (samples, sample rate). The content decides which of the two.

A target says how well tracks answer it and where among many tracks to look; search, stories and restyling ask
the target and not what kind it is. A kind is one file of this package, which registers a subclass of
:class:`Target` in :data:`KINDS`.
"""

from va_space.targets._reader import (
    Source,
    encoded_target,
    is_file,
    mean_target,
    missing,
    problem_of,
    read_target,
    read_targets,
    vector_kind,
    window_at,
)
from va_space.targets._target import KINDS, Row, Target, Text, Tracks, VectorTarget
from va_space.targets.feeling import FeelingTarget
from va_space.targets.music import MusicTarget
from va_space.targets.picture import PictureTarget
from va_space.targets.text import TextTarget

__all__ = [
    "KINDS",
    "FeelingTarget",
    "MusicTarget",
    "PictureTarget",
    "Row",
    "Source",
    "Target",
    "Text",
    "TextTarget",
    "Tracks",
    "VectorTarget",
    "encoded_target",
    "is_file",
    "mean_target",
    "missing",
    "problem_of",
    "read_target",
    "read_targets",
    "vector_kind",
    "window_at",
]
