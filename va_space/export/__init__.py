"""Vectors of any number of files to a file that other programs read: parquet, npz, safetensors.

All hold the same columns: ``path``, ``modality`` ("picture" or "music"), ``vector`` (float32, unit length),
``valence`` and ``arousal`` (float32, 0 to 1), and with windows ``start`` (float32, seconds; null or NaN for a
picture); and, as metadata, ``va_space_version`` and ``model``, the fingerprint of the weights, without which
vectors cannot be compared, and with windows ``window_seconds``. Parquet keeps the metadata in its schema, npz
as an array ``metadata`` of one JSON string; safetensors, which holds only numbers, has path and modality as
JSON lists in its metadata. Inputs that could not be read are a table of their own, with path and reason.
"""

from va_space.export.job import ENDINGS, Exported, export

__all__ = ["ENDINGS", "Exported", "export"]
