"""Sound in containers that libsndfile does not read (m4a, aac, mp4, webm, ...), through PyAV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import AudioInfo

# Only formats that hold their sound themselves: FFmpeg's playlists and scripts would open other
# files and addresses that a stranger's file names.
_FORMATS = "aac,ac3,aiff,amr,ape,asf,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,tta,wav,wv"


@contextmanager
def open_sound(path: Path) -> Iterator[tuple[AudioInfo, Iterator[np.ndarray]]]:
    """Open the first sound stream of a file: its header, and its mono float32 blocks.

    Raises:
        MediaError: The file is not one of these formats, holds no sound, or is damaged.
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        if _looks_like_container(path):
            raise MissingExtraError(f"{path}: sound in this format", "av") from error
        raise MediaError(path, "no sound that can be read") from error
    try:
        container = av.open(str(path), options={"format_whitelist": _FORMATS})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(path, "no sound that can be read") from error
    with container:
        if not container.streams.audio:
            raise MediaError(path, "no sound in it")
        stream = container.streams.audio[0]
        seconds = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            seconds = container.duration / av.time_base
        yield AudioInfo(seconds, stream.rate or 0, stream.channels), _blocks(container, stream, path)


def _blocks(container: Any, stream: Any, path: Path) -> Iterator[np.ndarray]:
    import av

    planar_float = av.AudioResampler(format="fltp")
    try:
        for frame in container.decode(stream):
            for converted in planar_float.resample(frame):
                yield converted.to_ndarray().mean(axis=0)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(path, f"damaged sound ({error})") from error


def _looks_like_container(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    return (
        head[4:8] == b"ftyp"
        or head[:2] in (b"\xff\xf1", b"\xff\xf9")  # ADTS, raw aac
        or head.startswith(
            (b"\x1aE\xdf\xa3", b"FLV", b"MAC ", b"wvpk", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba")
        )
        or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
    )
