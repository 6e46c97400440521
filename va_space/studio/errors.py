"""What the studio refuses, and how it says so."""

import re
from collections.abc import Mapping
from pathlib import Path

from va_space.errors import MediaError, VASpaceError
from va_space.text import shown

_LONGEST = 500  # characters of a message
# Folders of an absolute path; what stands in an address of the web is none.
_FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/:]+/)+")


class Refused(VASpaceError):
    """A request that is not answered.

    Attributes:
        status: Of the HTTP response.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def message_of(error: VASpaceError, names: Mapping[Path, str] | None = None) -> str:
    """What a client is told: the message without paths of this machine.

    Args:
        error: What happened.
        names: What clients call files that may be named in it.

    >>> message_of(VASpaceError("/home/me/music: no room, see https://example.org/a/b"))
    'music: no room, see https://example.org/a/b'
    """
    text = str(error)
    if isinstance(error, MediaError):
        known = {str(path): name for path, name in (names or {}).items()}
        text = f"{known.get(error.source, Path(error.source).name)}: {error.reason}"
    for path, name in (names or {}).items():
        text = text.replace(str(path), name)
    return shown(_FOLDERS.sub("", text), _LONGEST)
