"""Whether what is read of a changed file agrees with FFmpeg and Pillow."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
from mutations import SECONDS, Mutant, picture
from PIL import Image

from va_space.errors import MediaError
from va_space.media.audio import load_audio
from va_space.media.kinds import modality_of
from va_space.media.pictures import load_picture

_RATE = 8_000
# What encoders put before and behind the sound is counted by FFmpeg, and not by us, or the other way round.
_TOLERANCE = 0.1
_ONLY = re.compile(r"only ([\d.]+) of ([\d.]+) s can be read")


def sound_disagreement(path: Path, mutant: Mutant, reference: float) -> str | None:
    """What is wrong with how a changed recording is read; None if nothing is.

    Args:
        path: The file.
        mutant: What was done to it.
        reference: Seconds that FFmpeg decodes of it, going on behind errors; 0 if it cannot.
    """
    try:
        ours = len(load_audio(path, _RATE)) / _RATE if modality_of(path) == "music" else -1.0
    except MediaError as error:
        found = _ONLY.search(error.reason)
        if found:  # by the rule for reliable counts; what can be read, FFmpeg reads too
            there, stated = map(float, found.groups())
            return (
                None
                if there < stated and there <= reference + 0.15
                else f"{error.reason}; FFmpeg {reference:.2f}"
            )
        return None if reference < 0.2 or not mutant.whole else f"{error.reason}; FFmpeg {reference:.2f} s"
    # All that was in the file is right, also where FFmpeg gives up at what is wrong.
    full = SECONDS * (2 if mutant.name.startswith("joined") else 1)
    agrees = abs(ours - reference) <= _TOLERANCE or (ours > reference and abs(ours - full) <= _TOLERANCE)
    return None if agrees else f"{ours:.2f} s; FFmpeg {reference:.2f} s"


def picture_disagreement(path: Path, mutant: Mutant) -> str | None:
    """What is wrong with how a changed picture is read; None if nothing is."""
    try:
        ours = load_picture(path) if modality_of(path) == "picture" else None
    except MediaError as error:
        if mutant.whole:
            return error.reason
        theirs = _pillow(mutant.data)
        return None if theirs is None else f"{error.reason}; Pillow reads it"
    if ours is None:
        return "sound"
    expected = _pillow(mutant.data) or picture()  # where Pillow refuses it, all pixels must be there
    if ours.size != expected.size:
        return f"size {ours.size}"
    apart = np.abs(np.asarray(ours, np.int16) - np.asarray(expected, np.int16))
    return None if apart.mean() < 6 else f"other pixels: {apart.mean():.1f} apart"


def _pillow(data: bytes) -> Image.Image | None:
    try:
        with Image.open(BytesIO(data)) as image:
            return image.convert("RGB")
    except Exception:
        return None
