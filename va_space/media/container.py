"""Sound in containers that libsndfile does not read (m4a, aac, mp4, webm, ...), through PyAV."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from va_space.errors import MediaError, MissingExtraError
from va_space.media.samples import to_mono
from va_space.media.sndfile import LAST_FRAME, MISSING_SECONDS, AudioInfo, Block, only

# Only formats that hold their sound themselves: FFmpeg's playlists and scripts open other files and
# addresses, whichever a stranger wrote into them.
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,avi,caf,dsf,dts,eac3,flac,flv,iff,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,"
    "tak,tta,wav,wv"
)
# libsndfile reads these, and refuses them when they are cut off; FFmpeg would read what is left.
SNDFILE_FORMATS = "au,w64"
# These state the number of their samples; elsewhere FFmpeg estimates it, or reports itself what is missing.
_COUNTED = frozenset(
    {"ape", "caf", "dsf", "flac", "iff", "matroska,webm", "mpc", "mpc8", "tak", "tta", "wav", "wv"}
)
UNKNOWN = "not sound that can be read"
UNREADABLE = "sound in a coding that cannot be read"
_SIGNATURES: tuple[bytes, ...] = (
    b"\x1aE\xdf\xa3",
    b"FLV",
    b"MAC ",
    b"wvpk",
    b"\x30\x26\xb2\x75",
    b"\x00\x00\x01\xba",
)
_SIGNATURES += (b"TTA1", b"MPCK", b"MP+", b"DSD ", b"FRM8", b"#!AMR", b"tBaK", b"\x0b\x77")
# One bit a sample, at millions of samples a second; FFmpeg gives eight of them as one.
_DSD_RATE = 88_200


def open_sound(path: Path, notes: list[str], stack: ExitStack) -> tuple[AudioInfo, Iterator[Block]]:
    """Open the first sound stream of a file: its header, and its mono float32 blocks.

    Args:
        path: The file.
        notes: Gets what is to be said about a file that is used all the same.
        stack: Closes what was opened.

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
    stack.enter_context(container)
    if not container.streams.audio:
        raise MediaError(path, "no sound in it")
    stream = container.streams.audio[0]
    if stream.codec_context is None or not stream.rate:
        raise MediaError(path, UNREADABLE if _looks_like_container(path) else UNKNOWN)
    seconds = None
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    rate = _DSD_RATE if _is_dsd(stream) else stream.rate
    return AudioInfo(seconds, rate, stream.channels), _blocks(container, stream, seconds, path, notes)


def read_metadata(path: Path) -> dict[str, str]:
    """What FFmpeg knows of a recording's metadata, by names in lower case; nothing without PyAV."""
    try:
        import av
    except ImportError:
        return {}
    try:
        with av.open(str(path.absolute()), options={"format_whitelist": FORMATS}) as container:
            streams = container.streams.audio[:1]
            found = [container.metadata, *(stream.metadata for stream in streams)]
    except (av.FFmpegError, OSError, ValueError):
        return {}
    return {name.lower(): text for each in found for name, text in each.items()}


def _blocks(
    container: Any, stream: Any, stated: float | None, path: Path, notes: list[str]
) -> Iterator[Block]:
    import av

    there = 0.0
    lost: list[float] = []
    converter = _Converter(_is_dsd(stream))
    try:
        for frame in _frames(container, stream, lost):
            for converted in converter.convert(frame):
                there += converted.samples / converted.sample_rate
                samples = converted.to_ndarray().reshape(-1, converted.layout.nb_channels)
                yield converted.sample_rate, to_mono(samples, path)
    except (av.FFmpegError, ValueError) as error:
        if stated and stated - there > MISSING_SECONDS:
            raise only(path, there, stated) from error
        if not there:
            raise MediaError(path, "damaged sound: none of it can be read") from error
        notes.append(f"what follows the first {there:,.1f} s cannot be read")
    expected = there + sum(lost)
    # Elsewhere the duration is a guess, or that of the video, or includes what an edit list leaves out.
    counted = container.format.name in _COUNTED and len(container.streams) == 1
    if stated and (counted or _ends_inside_box(path)):
        expected = max(expected, stated, there * _caf_share(path))
    if expected - there > MISSING_SECONDS:
        raise only(path, there, expected)
    if lost and not notes:
        notes.append(LAST_FRAME)


def _frames(container: Any, stream: Any, lost: list[float]) -> Iterator[Any]:
    """Decoded frames; the seconds of those that cannot be decoded are appended to `lost`."""
    import av

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            samples = stream.codec_context.frame_size or 0
            lost.append(
                float(packet.duration * packet.time_base) if packet.duration else samples / stream.rate
            )


def _is_dsd(stream: Any) -> bool:
    return bool(stream.codec_context.name.startswith("dsd_"))


class _Converter:
    """Frames of any format as interleaved floats; PyAV reads beyond the planes of eight or more channels."""

    def __init__(self, divided: bool) -> None:
        self._divided = divided
        self._kind: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def convert(self, frame: Any) -> Iterator[Any]:
        """One frame in, frames out; the rate stays, unless it is that of one-bit sound."""
        import av

        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind != self._kind:  # such as another recording in the same file
            if self._resampler is not None:
                yield from self._resampler.resample(None)
            rate = min(frame.sample_rate, _DSD_RATE) if self._divided else frame.sample_rate
            self._kind, self._resampler = kind, av.AudioResampler(format="flt", rate=rate)
        yield from self._resampler.resample(frame)


def _ends_inside_box(path: Path) -> bool:
    """Whether the last box of an mp4 file reaches beyond its end."""
    with path.open("rb") as file:
        size, at, head = file.seek(0, 2), 0, b""
        while at < size:
            file.seek(at)
            head = file.read(16)
            if at == 0 and head[4:8] != b"ftyp":
                return False
            length = int.from_bytes(head[:4])
            length = int.from_bytes(head[8:16]) if length == 1 else length or size - at
            at += max(length, 8)
    return at > size


def _caf_share(path: Path) -> float:
    """How many times the sound that is there a CAF file says it has; 1 where it does not."""
    with path.open("rb") as file:
        size, at = file.seek(0, 2), 8
        file.seek(0)
        while file.read(4) == b"caff" or at > 8:
            file.seek(at)
            head = file.read(12)
            stated = int.from_bytes(head[4:], signed=True)
            if len(head) < 12 or stated < 0:
                break
            if head[:4] == b"data":
                return max(1.0, stated / max(1, size - at - 12))
            at += 12 + stated
    return 1.0


def _looks_like_container(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    return (
        head[4:8] == b"ftyp"
        or head[:2] in (b"\xff\xf1", b"\xff\xf9")  # ADTS, raw aac
        or head.startswith(_SIGNATURES)
        or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
    )
