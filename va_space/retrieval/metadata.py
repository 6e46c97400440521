"""Title, artist, album and genre, as a recording's own file says."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Metadata:
    """What a file says about the piece it holds; empty where it says nothing.

    Attributes:
        title: Name of the piece; without a tag, the file's name without its ending.
        artist: Its artist.
        album: Its album.
        genre: Its genre.
    """

    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""


def read_metadata(path: str | Path) -> Metadata:
    """Read the tags of a recording: ID3, Vorbis comments, iTunes atoms, RIFF and ASF.

    Tags that are damaged count as none: they are no reason not to use the sound.
    """
    from tinytag import TinyTag

    path = Path(path)
    try:
        found = TinyTag.get(path, duration=False)
    except Exception:  # a parser of strangers' bytes; which errors it lets through is not documented
        return Metadata(path.stem)
    artist = _clean(found.artist) or _clean(found.albumartist)
    return Metadata(_clean(found.title) or path.stem, artist, _clean(found.album), _clean(found.genre))


def _clean(text: str | None) -> str:
    """One line of valid Unicode: lone surrogates cannot be stored."""
    return " ".join((text or "").encode(errors="replace").decode().replace("\0", " ").split())
