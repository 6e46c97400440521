"""A cover inside a sound file, put there without touching the sound. Needs the extra ``av``."""

import base64
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from va_space.atomic import replacing
from va_space.errors import MediaError, MissingExtraError
from va_space.media.files import reason

ENDINGS = (".mp3", ".m4a", ".flac", ".ogg", ".opus")
"""Files that take a cover."""
SIDE = 1400
"""Longer side of an embedded cover in pixels: what players show, at about half a megabyte."""
_QUALITY = 88
_FRONT_COVER = 3
# Names of FFmpeg's formats where the ending does not say enough.
_FORMATS = {".m4a": "mp4", ".opus": "ogg"}
_OPTIONS = {".mp3": {"id3v2_version": "3"}, ".m4a": {"brand": "M4A "}}
_VORBIS = (".ogg", ".opus")
_PICTURE_TAG = "METADATA_BLOCK_PICTURE"


def check_embeddable(path: Path) -> None:
    """Raise a MediaError unless a cover can be put into a file.

    Raises:
        MediaError: It is missing, cannot be written, or is of a kind that takes none.
        MissingExtraError: PyAV is not installed.
    """
    import os

    try:
        import av  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("Embedding covers", "av", f"({error})") from error
    if not path.is_file():
        raise MediaError(path, "no such file")
    if path.suffix.lower() not in ENDINGS:
        raise MediaError(path, f"takes no cover: files that do end with {', '.join(ENDINGS)}")
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise MediaError(path, "is read-only: no cover can be put into it; make it writable, or copy it")


def embed_cover(path: str | Path, cover: Image.Image) -> None:
    """Put a front cover into a sound file in the place of those that it has.

    The packets of the sound are copied as they are; metadata stay. The file is replaced at the end, whole.

    Args:
        path: Ends with .mp3, .m4a, .flac, .ogg or .opus.
        cover: In mode RGB; larger ones are scaled down to :data:`SIDE`.

    Raises:
        MediaError: It cannot be read or written, or takes no cover.
        MissingExtraError: PyAV is not installed.
    """
    path = Path(path).resolve()
    check_embeddable(path)
    import av

    small = cover.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    jpeg = BytesIO()
    small.save(jpeg, "JPEG", quality=_QUALITY)
    mode = path.stat().st_mode
    try:
        with replacing(path) as beside:
            _copy(path, beside, jpeg.getvalue(), small.size)
            _check_same(path, beside)
        path.chmod(mode)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(path, f"the cover could not be put into it ({reason(error)})") from error


def _copy(source: Path, target: Path, jpeg: bytes, size: tuple[int, int]) -> None:
    import av

    ending = source.suffix.lower()
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", format=_FORMATS.get(ending), options=_OPTIONS.get(ending, {})) as new,
        av.open(BytesIO(jpeg), format="jpeg_pipe") as picture,
    ):
        sound = old.streams.audio[0]
        copied = new.add_stream_from_template(sound)
        for name, text in {**old.metadata, **sound.metadata}.items():
            if name.upper() != _PICTURE_TAG:
                (copied if ending in _VORBIS else new).metadata[name] = text
        if ending in _VORBIS:
            copied.metadata[_PICTURE_TAG] = _picture_block(jpeg, size)
        else:
            _add_picture(new, picture)
        for packet in old.demux(sound):
            if packet.dts is not None:
                packet.stream = copied
                new.mux(packet)


def _add_picture(new: Any, picture: Any) -> None:
    import av

    shown = new.add_stream_from_template(picture.streams.video[0])
    shown.disposition = av.stream.Disposition.attached_pic
    shown.metadata["title"], shown.metadata["comment"] = "Cover", "Cover (front)"
    new.start_encoding()
    for packet in picture.demux(video=0):
        if packet.size:
            packet.stream = shown
            new.mux(packet)


def _picture_block(jpeg: bytes, size: tuple[int, int]) -> str:
    """FLAC's picture block in base 64, which Vorbis comments hold."""
    kind, words = b"image/jpeg", b"Cover (front)"
    block = struct.pack(">II", _FRONT_COVER, len(kind)) + kind + struct.pack(">I", len(words)) + words
    block += struct.pack(">IIII", *size, 24, 0) + struct.pack(">I", len(jpeg)) + jpeg
    return base64.b64encode(block).decode()


def _check_same(before: Path, after: Path) -> None:
    """Raise ValueError unless both files hold the same packets of sound."""
    if _packets(before) != _packets(after):
        raise ValueError("the sound of the copy is not that of the original")


def _packets(path: Path) -> str:
    """A digest of all packets of sound."""
    import hashlib

    import av

    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            digest.update(bytes(packet))
    return digest.hexdigest()
