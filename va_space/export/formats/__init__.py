"""Formats of exported vectors, one file each: how finished rows become one file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from va_space.registry import Registry

if TYPE_CHECKING:
    from va_space.export.finished import FinishedRows

WRITERS: "Registry[Callable[[FinishedRows, Path], None]]" = Registry(
    "output format", "va_space.export.formats"
)
"""The formats: the files of ``va_space/export/formats``, and the entry point group
``va_space.output_formats``. The name of a format is the ending of its files without the dot."""


def endings() -> tuple[str, ...]:
    """What the name of an output can end in: a format's ending, or / for a folder of parts."""
    return (*(f".{name}" for name in WRITERS), "/")
