"""Files that go out: each by an id that this process gave, and nothing by a path.

An id says nothing and cannot be guessed; the same file has the same one for as long as the process lives. How
many are remembered is bounded: the oldest are forgotten, and with them what they gave access to.
"""

import hashlib
import hmac
import mimetypes
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from va_space.media.pictures import load_picture
from va_space.page.embedded import jpeg_bytes, passage_mp3
from va_space.report.sounds import Sound
from va_space.studio.errors import Refused

# What browsers play as it is; the passage of anything else goes out as mp3.
PLAYED = frozenset({".mp3", ".ogg", ".oga", ".opus", ".flac", ".wav", ".m4a", ".aac", ".mp4", ".webm"})
SIDES = (96, 320, 640, 1280)
"""Pixels of the longer side that pictures are sent scaled down to."""
LONGEST_PASSAGE = 120.0
_REMEMBERED = 20_000


@dataclass(frozen=True)
class Published:
    """A file that goes out.

    Attributes:
        id: In its address.
        path: Where it is.
        name: What a download is called; None for what is shown or played.
    """

    id: str
    path: Path
    name: str | None = None

    @property
    def url(self) -> str:
        """The address of the file itself."""
        return f"/media/{self.id}"

    @property
    def kind(self) -> str:
        """Its media type; of what no browser should open, none that it would."""
        found = mimetypes.guess_type(self.name or self.path.name)[0] or ""
        safe = found.startswith(("image/", "audio/", "video/")) and found != "image/svg+xml"
        return found if safe else "application/octet-stream"


class Media:
    """The files that this process has published.

    Args:
        roots: Folders that files lie in; what leads out of them is not published.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [os.path.normpath(root.absolute()) for root in roots]
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[str, Published] = OrderedDict()
        self._lock = threading.Lock()

    def add_root(self, root: Path) -> None:
        """One more folder that files lie in."""
        self._roots = [*self._roots, os.path.normpath(root.absolute())]

    def publish(self, path: Path, name: str | None = None) -> Published:
        """Give a file an address.

        Raises:
            Refused: It is in none of the folders.
        """
        place = os.path.normpath(path.absolute())
        if not any(Path(place).is_relative_to(root) for root in self._roots):
            raise Refused(403, f"{path.name}: not in a folder of this server")
        secret = os.fsencode(place) + b"\0" + (name or "").encode("utf-8", "surrogateescape")
        found = Published(hmac.new(self._key, secret, hashlib.sha256).hexdigest()[:32], Path(place), name)
        with self._lock:
            self._known[found.id] = found
            self._known.move_to_end(found.id)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def __getitem__(self, id: str) -> Published:
        """The file of an id.

        Raises:
            Refused: There is none, or it is there no more.
        """
        with self._lock:
            found = self._known.get(id)
        if found is None or not found.path.is_file():
            raise Refused(404, "there is no such file any more")
        return found

    def sound(self, path: Path, start: float, length: float) -> Sound | None:
        """A passage of a track for the page's player; None if the file is gone."""
        if not path.is_file():
            return None
        published = self.publish(path)
        name = f"sound-{published.id[:16]}-{round(1000 * start)}"
        if path.suffix.lower() in PLAYED:
            return Sound(name, f"{published.url}#t={start:g},{start + length:g}", start, length)
        return Sound(name, f"{published.url}/passage.mp3?start={start:g}&length={length:g}", 0.0, length)

    def picture(self, path: Path, side: int = SIDES[2]) -> str | None:
        """The address of a picture, scaled; None if the file is gone."""
        return f"{self.publish(path).url}/{side}.jpg" if path.is_file() else None


def passage(path: Path, start: float, length: float) -> bytes:
    """A passage of a recording as mp3.

    Raises:
        MediaError: It cannot be read.
        Refused: This installation cannot write mp3.
    """
    try:
        return passage_mp3(path, start, min(length, LONGEST_PASSAGE))
    except soundfile.LibsndfileError as error:
        raise Refused(415, f"{path.name}: cannot be played here") from error


def scaled(path: Path, side: int) -> bytes:
    """A picture as JPEG, no side longer than `side` pixels.

    Raises:
        MediaError: It cannot be read.
    """
    return jpeg_bytes(load_picture(path, min_side=side), side)
