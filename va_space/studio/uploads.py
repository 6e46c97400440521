"""Files that clients send: looked into, kept under names of ours in a private folder, and removed after."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio.to_thread
from starlette.datastructures import UploadFile

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import probe_audio
from va_space.media.kinds import is_picture, modality_of
from va_space.media.video.reading import moving_pictures, open_container
from va_space.studio.errors import Refused
from va_space.studio.settings import Settings
from va_space.text import shown

UploadKind = Literal["picture", "music", "video"]
_NAME = 120  # characters


@dataclass(frozen=True)
class Upload:
    """A file that was sent.

    Attributes:
        path: Where it is; the name tells nothing of the client's.
        name: What the client calls it, safe to show.
        kind: What it holds, by its content.
    """

    path: Path
    name: str
    kind: UploadKind


class Workspace:
    """A private folder of this process, with a folder in it for each request or job.

    Args:
        settings: How much may lie in it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="va-space-studio-", ignore_cleanup_errors=True)
        self.root = Path(self._folder.name)

    def close(self) -> None:
        """Remove everything."""
        self._folder.cleanup()

    def new_folder(self) -> Path:
        """A folder with a name that cannot be guessed.

        Raises:
            Refused: So much lies here that there is no room for more.
        """
        if sum(_sizes(self.root)) >= self._settings.stored_bytes:
            raise Refused(507, "there is no room for more uploads and results; try again later")
        folder = self.root / secrets.token_hex(16)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, folder: Path) -> None:
        """Remove a folder and what is in it."""
        shutil.rmtree(folder, ignore_errors=True)

    @asynccontextmanager
    async def holding(self, files: Sequence[UploadFile]) -> AsyncIterator[list[Upload]]:
        """Uploads within the block; after it they are gone. Raises as :meth:`take`."""
        folder = await anyio.to_thread.run_sync(self.new_folder)
        try:
            yield await self.take(files, folder)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.remove, folder)

    async def take(self, files: Sequence[UploadFile], folder: Path) -> list[Upload]:
        """Keep files in a folder; empty fields of a form are passed over.

        Raises:
            MediaError: One is neither a picture, nor music, nor a video, or is too long.
            Refused: There are too many.
        """
        given = [file for file in files if file.filename or file.size]
        if len(given) > self._settings.upload_files:
            raise Refused(413, f"more than {self._settings.upload_files} files in one request")
        return [await anyio.to_thread.run_sync(self._take, file, folder) for file in given]

    def _take(self, file: UploadFile, folder: Path) -> Upload:
        path = folder / secrets.token_hex(8)
        name = upload_name(file.filename)
        with path.open("xb") as target:
            shutil.copyfileobj(file.file, target)
        try:
            return Upload(path, name, kind_of(path, self._settings.sound_seconds))
        except MediaError as error:
            raise MediaError(name, error.reason) from error


def upload_name(given: str | None) -> str:
    r"""What a client calls a file, safe to show: without folders, printable, and not long.

    >>> upload_name("../../etc/passwd"), upload_name("C:\\a\\b.png"), upload_name(None)
    ('passwd', 'b.png', 'file')
    """
    name = (given or "").replace("\\", "/").rsplit("/", 1)[-1].strip(" .")
    return shown(name, _NAME) or "file"


def names_of(uploads: Sequence[Upload]) -> Mapping[Path, str]:
    """What clients call the files, by path."""
    return {upload.path: upload.name for upload in uploads}


def kind_of(path: Path, longest: float) -> UploadKind:
    """What a file holds, by its content.

    Args:
        path: The file.
        longest: Seconds that sound and videos may last.

    Raises:
        MediaError: It is none of the three, or too long.
    """
    try:
        if is_picture(path):
            return "picture"
        video = _video_seconds(path)
        if video is None:
            modality_of(path)  # says what is wrong with what is not even sound
        seconds = probe_audio(path).duration or 0.0 if video is None else video
    except MissingExtraError as error:
        raise MediaError(path, "a kind of file that this installation cannot read") from error
    if seconds > longest:
        raise MediaError(path, f"lasts {seconds:,.0f} s; at most {longest:,.0f} s are taken")
    return "music" if video is None else "video"


def _video_seconds(path: Path) -> float | None:
    """How long the moving pictures in a file last, 0 if it does not say; None if there are none."""
    with suppress(MediaError, MissingExtraError), open_container(path, "no video") as container:
        moving_pictures(container, path)
        return (container.duration or 0) / 1e6  # from microseconds
    return None


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        with suppress(OSError):  # just removed
            yield path.lstat().st_size
