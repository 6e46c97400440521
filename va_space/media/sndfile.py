"""Sound through libsndfile: wav, flac, ogg, mp3, aiff, ...; all of it, whatever the file says of its length.

A stated length is a hint. Where libsndfile would stop early it is given the file in sections, with headers
that are right (:mod:`va_space.media.mpeg`, ``ogg``, ``flac``, ``wav``). Where a reliable count says that more
should be there, that is an error: libsndfile plays what is left of a cut file without a word.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, BinaryIO

import numpy as np
import soundfile

from va_space.errors import MediaError
from va_space.media import flac, mpeg, ogg, wav
from va_space.media.pieces import open_parts
from va_space.media.samples import to_mono

# libsndfile formats that are not recordings: headerless ones, and matrices.
NOT_SOUND = frozenset({"RAW", "MAT4", "MAT5", "HTK"})
# What may be missing: encoders miscount by a frame or two; nobody hears it.
MISSING_SECONDS = 0.1
NO_END = "the end mark is missing"
LAST_FRAME = "the last frame is not complete, and left out"
# How libsndfile logs a chunk of samples that is shorter in the file than in its header, and what else it logs
# of lengths: the number of frames, and W64's chunk with its head of 24 bytes.
_SHORT_CHUNK = re.compile(r"(?:data|SSND|BODY|Data Size)\s*: (\d+) \(should be (\d+)\)")
_FRAMES = re.compile(r"^\s*Frames\s*: (\d+)$", re.MULTILINE)
_W64_DATA = re.compile(r"^riff.*Block Align\s*: (\d+).*^data : (\d+)$", re.MULTILINE | re.DOTALL)
_COUNTED = frozenset({"AIFF", "AVR", "MPC2K", "RF64"})
# Headers written before the length was known hold the largest number, or nearly.
_UNKNOWN_LENGTH = 0x7FFF0000
_UNKNOWN_FRAMES = 2**63 - 1
# Decoders leave out what encoders put before and behind the sound, some frames of MPEG.
_PADDING_FRAMES = 4

Block = tuple[int, np.ndarray]
"""Samples per second, and (n,) float32 mono samples."""


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a recording says.

    Attributes:
        duration: Seconds; None where the header does not tell.
        sample_rate: Samples per second; of the beginning, where it changes.
        channels: Likewise.
    """

    duration: float | None
    sample_rate: int
    channels: int


@dataclass
class _Part:
    """A section of a file, to be decoded by itself."""

    sound: soundfile.SoundFile
    seconds: float | None = None  # that a reliable count says
    tolerance: float = MISSING_SECONDS


class _ForwardSoundFile(soundfile.SoundFile):
    """SoundFile seeks after every read, for which the mp3 decoder starts anew: an audible seam."""

    def seekable(self) -> bool:
        return False


def open_sound(
    path: Path, block_samples: int, notes: list[str], stack: ExitStack
) -> tuple[AudioInfo, Iterator[Block]] | None:
    """Open a recording by its content; None if libsndfile cannot read it as it is.

    Args:
        path: The file.
        block_samples: Samples, over all channels, that are decoded at a time.
        notes: Gets what is to be said about a file that is used all the same.
        stack: Closes what was opened.

    Raises:
        MediaError: The file is shorter than it says.
    """
    file = stack.enter_context(path.open("rb"))
    # A descriptor of its own: a duplicate would share its position with those who read beside it.
    sound = _open(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
    if sound is not None:
        stack.callback(sound.close)
    if sound is None or sound.format in NOT_SOUND or sound.format == "MP3":
        opened = _mpeg(file, path, notes) if mpeg.begins(file) else None
    else:
        opening = {"OGG": _ogg, "FLAC": _flac, "WAV": _wav, "WAVEX": _wav, "AU": _wav}
        opened = opening.get(sound.format, _plain)(sound, file, path, notes)
    if opened is None:
        return None
    info, parts = opened
    return info, _read(parts, block_samples, path)


Opened = tuple[AudioInfo, Iterator[_Part]]


def _plain(sound: soundfile.SoundFile, file: IO[bytes], path: Path, notes: list[str]) -> Opened:
    seconds = _duration(sound)
    if seconds is not None:
        seconds = max(seconds, _stated_frames(sound) / sound.samplerate)
    return AudioInfo(seconds, sound.samplerate, sound.channels), iter([_Part(sound, seconds)])


def _stated_frames(sound: soundfile.SoundFile) -> float:
    """How many frames the header of a file of samples states; 0 if nothing is logged of it."""
    log = sound.extra_info
    for stated, there in _SHORT_CHUNK.findall(log):
        if 0 < int(there) < int(stated) < _UNKNOWN_LENGTH:
            return float(sound.frames * int(stated) / int(there))
    if sound.format == "W64" and (found := _W64_DATA.search(log)):
        return (int(found[2]) - 24) / max(1, int(found[1]))
    counted = _FRAMES.search(log) if sound.format in _COUNTED else None
    return float(counted[1]) if counted and int(counted[1]) < _UNKNOWN_LENGTH else 0.0


def _wav(sound: soundfile.SoundFile, file: IO[bytes], path: Path, notes: list[str]) -> Opened:
    parts = wav.completed_au(file) if sound.format == "AU" else None if sound.frames else wav.completed(file)
    if parts:
        whole = _open(open_parts(file, parts))
        if whole is not None:
            return _plain(whole, file, path, notes)
    return _plain(sound, file, path, notes)


def _ogg(sound: soundfile.SoundFile, file: IO[bytes], path: Path, notes: list[str]) -> Opened:
    links = ogg.find_links(file)
    last = links[-1] if links else ogg.Link()
    if last.cut is not None or last.open:
        notes.append(NO_END)
    if last.cut is not None and last.cut - last.position > MISSING_SECONDS * sound.samplerate:
        rate = 48_000 if sound.subtype == "OPUS" else sound.samplerate
        if (last.cut - last.position) / rate > MISSING_SECONDS:
            raise only(path, last.position / rate, last.cut / rate)
    if (
        len(links) < 2
        and last.cut is None
        and file.seek(0, 2) == sum(stop - start for start, stop in last.parts)
    ):
        return _plain(sound, file, path, notes)
    info = AudioInfo(None, sound.samplerate, sound.channels)

    def parts() -> Iterator[_Part]:
        for link in links:
            if part := _open(open_parts(file, link.parts)):
                with part:
                    yield _Part(part, _duration(part))

    return info, parts()


def _flac(sound: soundfile.SoundFile, file: IO[bytes], path: Path, notes: list[str]) -> Opened | None:
    sections = flac.find_sections(file)
    if not all(section.even for section in sections):
        return None
    if not sections or (len(sections) == 1 and sections[0].clean):
        return _plain(sound, file, path, notes)
    seconds = sum(max(section.samples, section.stated) / section.rate for section in sections)

    def parts() -> Iterator[_Part]:
        for section in sections:
            if part := _open(open_parts(file, section.parts)):
                with part:
                    yield _Part(part, max(section.samples, section.stated) / section.rate)

    return AudioInfo(seconds, sections[0].rate, sound.channels), parts()


def _mpeg(file: IO[bytes], path: Path, notes: list[str]) -> Opened | None:
    sections, cut = mpeg.find_sections(file)
    sections = [section for section in sections if section.frames]
    if not sections:
        return None
    if cut:
        notes.append(LAST_FRAME)
    seconds = sum(section.seconds for section in sections)
    stated = max(seconds, (sections[0].stated or 0) * sections[0].frame_samples / sections[0].rate)
    if stated - seconds > MISSING_SECONDS:
        notes.append(f"its header states {stated:,.1f} s, and {seconds:,.1f} s are there")

    def parts() -> Iterator[_Part]:
        for section in sections:
            # From a pipe, libsndfile reads to the end; of a file it estimates the length, often wrongly.
            if part := _open(_pipe(path, section)):
                with part:
                    padding = _PADDING_FRAMES * section.frame_samples / section.rate
                    yield _Part(part, section.seconds, MISSING_SECONDS + padding)

    return AudioInfo(seconds, sections[0].rate, sections[0].channels), parts()


def _read(parts: Iterator[_Part], block_samples: int, path: Path) -> Iterator[Block]:
    """Decode one part after the other to mono float32 blocks.

    Raises:
        MediaError: The sound is damaged, cut, or has NaN or infinite samples.
    """
    before = 0.0
    for part in parts:
        sound, frames = part.sound, 0
        block_frames = max(1, block_samples // sound.channels)
        with suppress(soundfile.LibsndfileError):  # how much was read says whether that matters
            while len(block := sound.read(block_frames, dtype="float32", always_2d=True)):
                frames += len(block)
                yield sound.samplerate, to_mono(block, path)
        there = frames / sound.samplerate
        if part.seconds is not None and part.seconds - there > part.tolerance:
            raise only(path, before + there, before + part.seconds)
        before += there


def only(path: Path, there: float, stated: float) -> MediaError:
    """The error for a recording of which not all can be read."""
    return MediaError(path, f"only {there:.1f} of {stated:.1f} s can be read")


def _duration(sound: soundfile.SoundFile) -> float | None:
    return sound.frames / sound.samplerate if sound.frames < _UNKNOWN_FRAMES else None


def _open(file: int | BinaryIO) -> soundfile.SoundFile | None:
    # By descriptor: by name, libsndfile trusts the extension where the content says nothing.
    try:
        return _ForwardSoundFile(file, closefd=True)
    except (soundfile.LibsndfileError, TypeError):  # TypeError: raw samples need a sample rate
        return None


def _pipe(path: Path, section: mpeg.Section) -> int:
    read_end, write_end = os.pipe()

    def feed() -> None:
        # A reader that has enough closes its end; a file that cannot be read ends the sound.
        with suppress(OSError), os.fdopen(write_end, "wb") as pipe, path.open("rb") as file:
            shutil.copyfileobj(open_parts(file, [mpeg.NO_METADATA, *section.parts]), pipe, 1 << 16)

    Thread(target=feed, daemon=True).start()
    return read_end
