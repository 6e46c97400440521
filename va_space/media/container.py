"""Sound in containers that libsndfile does not read (m4a, aac, mp4, webm, ...), through PyAV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from va_space.errors import MediaError, MissingExtraError
from va_space.media.samples import to_mono
from va_space.media.sndfile import AudioInfo

# Only formats that hold their sound themselves: FFmpeg's playlists and scripts open other files and
# addresses, whichever a stranger wrote into them.
FORMATS = "aac,ac3,aiff,amr,ape,asf,avi,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,tta,wav,wv"
# libsndfile reads these, and refuses them when they are cut off; FFmpeg would read what is left.
SNDFILE_FORMATS = "au,caf,w64"
_MISSING_SECONDS = 0.5
UNKNOWN = "not sound that can be read"


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
        raise MediaError(path, UNKNOWN) from error
    try:
        # An absolute path cannot be mistaken for one of FFmpeg's protocols.
        container = av.open(str(path.absolute()), options={"format_whitelist": FORMATS})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(path, UNKNOWN) from error
    with container:
        if not container.streams.audio:
            raise MediaError(path, "no sound in it")
        stream = container.streams.audio[0]
        if stream.codec_context is None or not stream.rate:
            raise MediaError(path, "sound in a coding that cannot be read")
        seconds = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            seconds = container.duration / av.time_base
        yield AudioInfo(seconds, stream.rate, stream.channels), _blocks(container, stream, seconds, path)


def _blocks(container: Any, stream: Any, seconds: float | None, path: Path) -> Iterator[np.ndarray]:
    import av

    # Interleaved: PyAV reads beyond the list of planes of a planar frame with eight or more channels.
    interleaved = av.AudioResampler(format="flt", rate=stream.rate)
    frames = 0
    try:
        for frame in container.decode(stream):
            for converted in interleaved.resample(frame):
                frames += converted.samples
                yield to_mono(converted.to_ndarray().reshape(-1, converted.layout.nb_channels), path)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(path, "damaged or truncated sound") from error
    # Elsewhere FFmpeg reports truncation itself, or the duration is a guess or that of the video.
    if container.format.name == "matroska,webm" and len(container.streams) == 1 and seconds:
        there = frames / stream.rate
        if seconds - there > _MISSING_SECONDS:
            raise MediaError(path, f"truncated: {there:.1f} s of {seconds:.1f} s are there")


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
