"""va-space: pictures and music in one valence-arousal space.

The public names are loaded on first use, so that ``import va_space`` and ``va-space --help``
do not pay for what they do not touch.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from va_space.errors import MediaError, VASpaceError
    from va_space.space import VASpace

__version__ = version("va-space")
__all__ = ["MediaError", "VASpace", "VASpaceError", "__version__"]

_HOME = {
    "MediaError": "va_space.errors",
    "VASpace": "va_space.space",
    "VASpaceError": "va_space.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'va_space' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
