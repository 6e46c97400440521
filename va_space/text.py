"""Text for people: one place that makes strangers' words safe to show.

File names, metadata and whatever else a file brings along may hold line breaks, orders to a terminal, half
characters, or megabytes.
"""

import math
import reprlib
from typing import Any


def valid_unicode(value: object) -> str:
    r"""A value as valid Unicode, otherwise unchanged; for data, such as JSON.

    Args:
        value: Anything with a text, such as a path whose name is not UTF-8.

    Returns:
        Its text; surrogates, which no encoder takes, are written as escapes.

    Example:
        >>> valid_unicode("caf\udce9")
        'caf\\udce9'
    """
    return str(value).encode("utf-8", "backslashreplace").decode()


def printable(value: object) -> str:
    r"""A value as one line that gives no orders to a terminal.

    Args:
        value: Anything with a text.

    Returns:
        Its text; line breaks and other characters that are not printable are written as escapes.

    Example:
        >>> printable("red \x1b[31m")
        'red \\x1b[31m'
    """
    text = str(value)
    return text if text.isprintable() else "".join(map(_escaped, text))


def shown(value: object, limit: int = 80) -> str:
    """An untrusted value for a message: one printable line of bounded length, made in bounded time.

    Args:
        value: Text, a path or an error, which stand for themselves, or any other value, which is written as
            in Python, containers and huge numbers abridged, and of other objects nothing.
        limit: Characters at most.

    Example:
        >>> shown("a" * 100, 10)
        'aaaaaaaaa…'
        >>> shown(10**400)
        'about 1e400'
        >>> shown([[1, 2, 3, 4, 5], {"a": None}])
        "[[1, 2, 3, 4, ...], {'a': None}]"
    """
    text = value if isinstance(value, str) else _text(value)
    text = printable(text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()


class _Short(reprlib.Repr):
    """Like ``repr``, in bounded time."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 4

    def repr_int(self, x: int, level: int) -> str:
        digits = math.log10(2) * abs(x).bit_length()
        # Written out, a number takes time that grows with the square of its length.
        return repr(x) if digits < 40 else f"about {'-' * (x < 0)}1e{round(digits)}"

    def repr_bytes(self, x: bytes, level: int) -> str:
        return repr(x[:20]) + "..." * (len(x) > 20)

    def repr_instance(self, x: Any, level: int) -> str:
        # A stranger's object may have a repr of any length; these have none.
        plain = x is None or isinstance(x, bool | float | complex)
        return repr(x) if plain else "an object"


_SHORT = _Short()


def _text(value: object) -> str:
    from pathlib import PurePath

    return str(value) if isinstance(value, PurePath | BaseException) else _SHORT.repr(value)


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss.

    Example:
        >>> clock(75), clock(3600)
        ('1:15', '1:00:00')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
