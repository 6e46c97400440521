"""Where things that can be made again are kept."""

import os
from pathlib import Path

CACHE_VARIABLE = "VA_SPACE_CACHE"


def cache_folder() -> Path:
    """The folder named by VA_SPACE_CACHE, else ``va-space`` in the user's cache folder; not made here."""
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "va-space"


def rendered_folder(cache: Path) -> Path:
    """The part of a cache that holds rendered MIDI."""
    return Path(cache) / "rendered"
