"""Which tracks or pictures may be found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from va_space.retrieval.names import to_stored


@dataclass(frozen=True)
class Filters:
    """Conditions that a track or a picture must meet, all of them.

    Attributes:
        exclude: Files and folders that are left out; or patterns such as ``*live*``, in which ``*`` stands
            for any text, against the path below the library's root. Case does not matter in patterns.
        genre: Words of which one must be in the genre, in any case; of music alone.
        where: A condition in SQL over the library's columns: path, title, valence, arousal, size, modified,
            of music duration, artist, album, genre, spread, of pictures width, height.
        min_duration: Seconds that the track must last; of music alone.
    """

    exclude: Sequence[str | Path] = ()
    genre: Sequence[str] = ()
    where: str | None = None
    min_duration: float | None = None

    @property
    def about_music(self) -> bool:
        """Whether some of them are about what only music has."""
        return bool(self.genre) or self.min_duration is not None

    def condition(self, root: Path) -> str | None:
        """The same in SQL; None if every track may be found.

        Args:
            root: Of the library.

        Example:
            >>> Filters(genre=["jazz"], min_duration=60).condition(Path("music"))
            "(contains(lower(genre), 'jazz')) AND (duration >= 60.0)"
        """
        parts = [f"NOT ({_names(each, root)})" for each in self.exclude]
        if self.genre:
            parts.append(" OR ".join(f"contains(lower(genre), {_text(each.lower())})" for each in self.genre))
        if self.min_duration is not None:
            parts.append(f"duration >= {float(self.min_duration)}")
        if self.where:
            parts.append(self.where)
        return " AND ".join(f"({part})" for part in parts) or None


def _names(excluded: str | Path, root: Path) -> str:
    """SQL that is true for the tracks that a path or pattern names."""
    if "*" in str(excluded) and not Path(excluded).exists():
        return f"regexp_like(lower(path), {_text(_expression(str(excluded).lower()))})"
    # What is found from here goes before what is below the root.
    found = Path(excluded).absolute() if Path(excluded).exists() else root / excluded
    for resolved in (found, found.resolve()):
        if resolved.is_relative_to(root):
            inside = to_stored(resolved.relative_to(root).as_posix())
            everything = "true" if inside == "." else f"starts_with(path, {_text(inside + '/')})"
            return f"path = {_text(inside)} OR {everything}"
    return "false"


def _expression(pattern: str) -> str:
    return "^" + ".*".join(re.escape(part) for part in pattern.split("*")) + "$"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
