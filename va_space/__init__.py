"""va-space: pictures and music in one valence-arousal space.

What most programs need, and what it returns:

- :class:`VASpace`: the model. ``encode`` returns vectors, (n, 512) float32; ``predict_va`` valence and
  arousal, (n, 2) in [0, 1]; ``similarity`` (pictures, tracks) in [0, 1]; ``encode_iter`` an :class:`Encoded`
  or a :class:`Failure` for each input; ``encode_windows`` a :class:`WindowedTrack`.
- :func:`index`: a :class:`MusicLibrary` made from music files, or a :class:`PictureLibrary` from pictures, in
  the ``library`` of what it returns; :func:`search`: a list of :class:`Result`, the tracks of a library that
  feel like a query, or of :class:`PictureResult`.
- :func:`read_target`: what a word, a point, a picture or a track asks for, as a :class:`Target`.
- :func:`load_editable` and :func:`restyle`: a picture, and pictures that feel like targets.
- :func:`describe`: what is in a recording, as a :class:`TrackDescription`.
- :class:`VASpaceError`, the root of all errors that are raised on purpose, and :class:`MediaError`, of a file
  that cannot be used.

The names are loaded on first use, so that ``import va_space`` and ``va-space --help`` do not pay for what
they do not touch.

Example:
    >>> from va_space import VASpace
    >>> from va_space.demo.photographs import PHOTOGRAPHS
    >>> space = VASpace.from_pretrained()
    >>> space.encode([PHOTOGRAPHS[0].path]).shape
    (1, 512)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from va_space.encoders.results import Encoded, Failure, WindowedTrack
    from va_space.errors import MediaError, VASpaceError
    from va_space.generation.tags.describe import describe
    from va_space.generation.tags.description import TrackDescription
    from va_space.media.editable import load_editable
    from va_space.media.kinds import MediaInput
    from va_space.retrieval.index import index
    from va_space.retrieval.library import MusicLibrary, PictureLibrary
    from va_space.retrieval.results import PictureResult, Result
    from va_space.retrieval.search import search
    from va_space.space import VASpace
    from va_space.targets import Target, read_target
    from va_space.transfer.restyle import restyle

    __version__: str

__all__ = [
    "Encoded",
    "Failure",
    "MediaError",
    "MediaInput",
    "MusicLibrary",
    "PictureLibrary",
    "PictureResult",
    "Result",
    "Target",
    "TrackDescription",
    "VASpace",
    "VASpaceError",
    "WindowedTrack",
    "__version__",
    "describe",
    "index",
    "load_editable",
    "read_target",
    "restyle",
    "search",
]

_HOME = {
    "Encoded": "va_space.encoders.results",
    "Failure": "va_space.encoders.results",
    "MediaError": "va_space.errors",
    "MediaInput": "va_space.media.kinds",
    "MusicLibrary": "va_space.retrieval.library",
    "PictureLibrary": "va_space.retrieval.library",
    "PictureResult": "va_space.retrieval.results",
    "Result": "va_space.retrieval.results",
    "Target": "va_space.targets",
    "TrackDescription": "va_space.generation.tags.description",
    "VASpace": "va_space.space",
    "VASpaceError": "va_space.errors",
    "WindowedTrack": "va_space.encoders.results",
    "describe": "va_space.generation.tags.describe",
    "index": "va_space.retrieval.index",
    "load_editable": "va_space.media.editable",
    "read_target": "va_space.targets",
    "restyle": "va_space.transfer.restyle",
    "search": "va_space.retrieval.search",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("va-space")
    if name not in _HOME:
        raise AttributeError(f"module 'va_space' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
