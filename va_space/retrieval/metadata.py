"""Title, artist, album and genre, as a recording's own file says."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from va_space.media import container

# Between several artists or genres; their names hold commas.
SEPARATOR = "; "


@dataclass(frozen=True)
class Metadata:
    """What a file says about the piece it holds; empty where it says nothing.

    Attributes:
        title: Name of the piece; without a tag, the file's name without its ending.
        artist: Its artists, all of them, with ``"; "`` between them.
        album: Its album.
        genre: Its genres, likewise.
    """

    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""


def read_metadata(path: str | Path) -> Metadata:
    """Read the tags of a recording: ID3, Vorbis comments, iTunes atoms, RIFF and ASF; APEv2 through PyAV.

    Tags that are damaged count as none: they are no reason not to use the sound.
    """
    path = Path(path)
    found = _read_tinytag(path)
    if not any(found.values()):
        found = {name: [text] for name, text in container.read_metadata(path).items()}
    artists = found.get("artist") or found.get("albumartist") or found.get("album_artist") or []
    return Metadata(
        title=_joined(found.get("title", [])[:1]) or file_title(path),
        artist=_joined(artists),
        album=_joined(found.get("album", [])[:1]),
        genre=_joined(found.get("genre", [])),
    )


def file_title(path: Path) -> str:
    """The name of a file without its ending, as one line of valid Unicode."""
    return _clean(os.fsencode(path.stem))


def _read_tinytag(path: Path) -> dict[str, list[str]]:
    from tinytag import TinyTag

    try:
        tags = TinyTag.get(path, duration=False)
    except Exception:  # a parser of strangers' bytes; which errors it lets through is not documented
        return {}
    names = ("title", "artist", "albumartist", "album", "genre")
    first = {name: [text] if (text := getattr(tags, name)) else [] for name in names}
    return {name: [*first[name], *map(str, tags.other.get(name, ()))] for name in names}


def _joined(texts: Iterable[str]) -> str:
    """Texts in one line, each once; some formats hold several in one, with a null between them."""
    parts = [_clean(part.encode(errors="replace")) for text in texts for part in text.split("\0")]
    return SEPARATOR.join(dict.fromkeys(filter(None, parts)))


def _clean(text: bytes) -> str:
    """One line of valid Unicode: lone surrogates cannot be stored; what is no UTF-8 was Latin-1, mostly."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return " ".join(decoded.replace("\0", " ").split())
