"""Telling pictures from music by what is in them, and finding both in folders."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, TypeGuard

import numpy as np
import soundfile
from PIL import Image
from torch import Tensor

from va_space.errors import MediaError, MissingExtraError
from va_space.media import audio_formats
from va_space.media.audio import probe_audio
from va_space.media.container import UNKNOWN
from va_space.media.files import EMPTY, NOT_REGULAR, open_file
from va_space.media.heif import ENDINGS as HEIF_ENDINGS
from va_space.media.picture_files import identify_picture, said
from va_space.media.pictures import PictureSource
from va_space.media.sndfile import NOT_SOUND
from va_space.media.windows import SoundSource

Modality = Literal["picture", "music", "text"]
"""What a vector can be made from; media in files are pictures and music."""
# A path; a PIL image; an array or tensor of a picture; or (samples, sample rate).
MediaInput = PictureSource | SoundSource
NEITHER = "neither a picture nor sound that can be read"

# Read by FFmpeg, or by libsndfile under another name.
_MORE_SOUND = (
    "3g2 3gp aac ac3 aif aifc amr ape asf avi dff dsf dts eac3 flv m2ts m4a m4b m4v mka mkv mov mp1 mp2 mp4 "
    "mpc mpeg mpg mts oga ogv opus spx tak ts tta webm wma wmv wv"
)
_MORE_PICTURES = frozenset({".mpo"}) | HEIF_ENDINGS


def modality_of(source: MediaInput) -> Modality:
    """Whether an input is a picture or music, by its content; a file's extension does not matter.

    Args:
        source: A path; a PIL image; an array or tensor of a picture, (H, W, C) or (C, H, W); or
            (samples, sample rate).

    Raises:
        MediaError: It is neither, or cannot be read.
        MissingExtraError: It is sound that needs an extra which is not installed.

    Example:
        >>> from va_space.demo.music import clips
        >>> modality_of(clips()[0].path)
        'music'
        >>> modality_of(np.zeros((40, 60, 3), np.uint8))
        'picture'
    """
    if is_picture(source):
        return "picture"
    if isinstance(source, str | Path):
        try:
            probe_audio(source)
        except MediaError as error:
            if error.reason != UNKNOWN:
                raise
            raise MediaError(source, NEITHER) from error
    return "music"


def is_picture(source: MediaInput) -> TypeGuard[PictureSource]:
    """Whether an input is a picture; if not, it is music or nothing of use, which decoding it will show.

    Args:
        source: As for :func:`modality_of`.

    Raises:
        MediaError: It cannot be opened, is a damaged picture, or is in memory and neither.
    """
    if isinstance(source, Image.Image):
        return True
    if isinstance(source, tuple):
        if len(source) == 2 and isinstance(source[0], np.ndarray | Tensor):
            return False
        raise MediaError("tuple", "music is given as (samples, sample rate)")
    if isinstance(source, np.ndarray | Tensor):
        return _is_picture_array(source)
    if not isinstance(source, str | Path):
        raise MediaError(repr(type(source)), "neither a picture nor sound")
    path = Path(source)
    with open_file(path) as file:
        try:
            return identify_picture(file, path) is not None
        except MissingExtraError:
            raise
        except Exception as error:  # a plugin knew the file as its own and then failed
            raise MediaError(path, said(error)) from error


def is_single_input(inputs: MediaInput | Iterable[MediaInput]) -> TypeGuard[MediaInput]:
    """Whether this is one input rather than several: (samples, sample rate) is one, and so is a path."""
    if isinstance(inputs, tuple):
        return len(inputs) == 2 and isinstance(inputs[0], np.ndarray | Tensor) and np.isscalar(inputs[1])
    return isinstance(inputs, str | Path | Image.Image | np.ndarray | Tensor)


def name_of(source: object) -> str:
    """What to call an input in messages."""
    return str(source) if isinstance(source, str | Path) else type(source).__name__


def find_media(
    paths: Iterable[str | Path], *, every: bool = False, passed_over: list[Path] | None = None
) -> Iterator[Path]:
    """Files that look like pictures or sound, by extension, in sorted order within each folder.

    Files that are named themselves are always yielded, so that what is wrong with them is reported
    where they are read. Hidden files and folders are skipped, links are followed once.

    Args:
        paths: Files and folders.
        every: Yield files with other endings, too, if they are media by their content.
        passed_over: Gets the files that were left out for their ending, or with `every` for their content.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from _walk(path, set(), every, [] if passed_over is None else passed_over)
        else:
            yield path


def _walk(folder: Path, seen: set[Path], every: bool, passed_over: list[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder  # reading it will say what is wrong
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, seen, every, passed_over)
        elif has_media_extension(entry) or (every and _is_media(entry)):
            yield entry
        else:
            passed_over.append(entry)


def _is_media(path: Path) -> bool:
    """Whether a file holds pictures or sound, also if it is damaged."""
    try:
        modality_of(path)
    except MediaError as error:
        return error.reason not in (NEITHER, NOT_REGULAR, EMPTY)
    except MissingExtraError:
        pass  # reading it will say so
    return True


def has_media_extension(name: str | Path) -> bool:
    """Whether a file's name ends like a picture's or a recording's."""
    return Path(name).suffix.lower() in _media_extensions()


@cache
def _media_extensions() -> frozenset[str]:
    pictures = {extension for extension, name in Image.registered_extensions().items() if name in Image.OPEN}
    sound = {f".{name.lower()}" for name in soundfile.available_formats() if name not in NOT_SOUND}
    more = audio_formats.extensions() | {f".{extension}" for extension in _MORE_SOUND.split()}
    return frozenset(pictures | _MORE_PICTURES | sound | more)


def _is_picture_array(source: np.ndarray | Tensor) -> bool:
    shape = tuple(source.shape)
    if len(shape) == 3 and (shape[0] in (1, 3, 4) or shape[2] in (1, 3, 4)):
        return True
    raise MediaError(
        f"array of shape {shape}",
        "give a picture as (H, W, 3) or (3, H, W), and music as (samples, sample rate)",
    )
