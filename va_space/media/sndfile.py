"""Sound through libsndfile: wav, flac, ogg, mp3, aiff, ..., and whether a file was cut off.

libsndfile plays what is left of a truncated file without a word, except flac; what the file says
about its own length is compared here with what is there.
"""

import os
import re
import shutil
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

import numpy as np
import soundfile

from va_space.errors import MediaError
from va_space.media.samples import to_mono

# libsndfile formats that are not recordings: headerless ones, and matrices.
NOT_SOUND = frozenset({"RAW", "MAT4", "MAT5", "HTK"})
# Encoders miscount by a frame or two; nobody hears it.
_MISSING_SECONDS = 0.1
# How libsndfile logs a chunk of samples that is shorter in the file than in its header.
_SHORT_CHUNK = re.compile(r"(?:data|SSND|Data Size|riff|Riff size)\s*: (\d+) \(should be (\d+)\)")
# Headers written before the length was known hold the largest number, or nearly.
_UNKNOWN_LENGTH = 0x7FFF0000
_UNKNOWN_FRAMES = 2**63 - 1
_LARGEST_OGG_PAGE = 65_307


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a recording says.

    Attributes:
        duration: Seconds; None where the header does not tell.
        sample_rate: Samples per second.
        channels: Number of channels.
    """

    duration: float | None
    sample_rate: int
    channels: int


class _ForwardSoundFile(soundfile.SoundFile):
    """SoundFile seeks after every read, for which the mp3 decoder starts anew: an audible seam."""

    def seekable(self) -> bool:
        return False


def open_sound(file: IO[bytes], path: Path) -> soundfile.SoundFile | None:
    """Open a recording by its content; None if libsndfile does not know it.

    Raises:
        MediaError: The file is shorter than it says.
    """
    # A descriptor of its own: a duplicate would share its position with the checks below.
    sound = _open_descriptor(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
    if sound is None:
        return None
    if sound.format in NOT_SOUND:
        sound.close()
        return None
    if sound.format == "MP3" and not _has_frame_count(file):
        # libsndfile would take the length from the first frame's bit rate and stop there; from a
        # pipe it reads to the end.
        sound.close()
        sound = _open_descriptor(_pipe(path))
        if sound is None:
            return None
    short = next((m for m in _SHORT_CHUNK.finditer(sound.extra_info) if int(m[1]) > int(m[2])), None)
    if (short and int(short[1]) < _UNKNOWN_LENGTH) or (sound.format == "OGG" and _ends_inside_page(file)):
        sound.close()
        raise MediaError(path, "truncated: the file is shorter than it says")
    return sound


def info_of(sound: soundfile.SoundFile) -> AudioInfo:
    """The header of an open recording."""
    duration = sound.frames / sound.samplerate if sound.frames < _UNKNOWN_FRAMES else None
    return AudioInfo(duration, sound.samplerate, sound.channels)


def read_blocks(sound: soundfile.SoundFile, block_samples: int, path: Path) -> Iterator[np.ndarray]:
    """Decode to mono float32 blocks, of ``block_samples`` samples over all channels at most.

    Raises:
        MediaError: The sound is damaged, truncated, or has NaN or infinite samples.
    """
    block_frames = max(1, block_samples // sound.channels)
    frames = 0
    try:
        while len(block := sound.read(block_frames, dtype="float32", always_2d=True)):
            frames += len(block)
            yield to_mono(block, path)
    except soundfile.LibsndfileError as error:
        at = frames / sound.samplerate
        raise MediaError(path, f"damaged or truncated sound, after {at:.1f} s") from error
    expected = info_of(sound).duration
    if expected and expected - frames / sound.samplerate > _MISSING_SECONDS:
        raise MediaError(path, f"truncated: {frames / sound.samplerate:.1f} s of {expected:.1f} s are there")


def _open_descriptor(descriptor: int) -> soundfile.SoundFile | None:
    # By descriptor: by name, libsndfile trusts the extension where the content says nothing.
    try:
        return _ForwardSoundFile(descriptor, closefd=True)
    except (soundfile.LibsndfileError, TypeError):  # TypeError: raw samples need a sample rate
        return None


def _has_frame_count(file: IO[bytes]) -> bool:
    """Whether an mp3 file begins with a frame that tells the number of frames (Xing, Info or VBRI)."""
    file.seek(0)
    head = file.read(10)
    start = 0
    if head.startswith(b"ID3"):
        start = 10 + sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False)
        )
    file.seek(start)
    frame = file.read(2048)
    tag = re.search(rb"(?:Xing|Info)...[\x01\x03\x05\x07\x09\x0b\x0d\x0f]", frame, re.DOTALL)
    return tag is not None or b"VBRI" in frame


def _ends_inside_page(file: IO[bytes]) -> bool:
    """Whether the last page of an ogg file reaches beyond its end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LARGEST_OGG_PAGE - 27))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return True
    return len(page) < 27 + page[26] + sum(struct.unpack_from(f"{page[26]}B", page, 27))


def _pipe(path: Path) -> int:
    read_end, write_end = os.pipe()

    def feed() -> None:
        # A reader that has enough closes its end; a file that cannot be read ends the sound.
        with suppress(OSError), os.fdopen(write_end, "wb") as pipe, path.open("rb") as file:
            shutil.copyfileobj(file, pipe)

    Thread(target=feed, daemon=True).start()
    return read_end
