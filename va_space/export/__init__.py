"""Vectors of any number of files to a file that other programs read: parquet, npz, safetensors.

All hold the same columns: ``path``, ``modality`` ("picture", "music" or "text"), ``vector`` (float32, unit
length), ``valence`` and ``arousal`` (float32, 0 to 1), with windows ``start`` (float32, seconds; null or NaN
for a picture), and with texts ``text``; and, as metadata, ``va_space_version`` and ``model``, the fingerprint
of the weights, without which vectors cannot be compared, and with windows ``window_seconds``. Parquet keeps
the metadata in its schema, npz as an array ``metadata`` of one JSON string; safetensors, which holds only
numbers, has columns of text as JSON lists in its metadata. Inputs that could not be read are a table of their
own, with path and reason.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from va_space.export.job import Exported, export
    from va_space.export.texts import read_texts

__all__ = ["Exported", "export", "read_texts"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the names of the formats, which help shows, need none of it.
    if name not in __all__:
        raise AttributeError(f"module 'va_space.export' has no attribute {name!r}")
    from va_space.export import job, texts

    return getattr(texts if name == "read_texts" else job, name)
