"""Explain a picture or a track."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image, ImageOps

from va_space.emotion.reference import Kind
from va_space.errors import MediaError
from va_space.explanation.aims import AXES, Aim, read_aims
from va_space.explanation.changes import grade_changes
from va_space.explanation.explanation import Explained, Explanation
from va_space.explanation.maps import picture_maps
from va_space.explanation.methods import MapOptions
from va_space.explanation.moments import curves, short_windows
from va_space.explanation.sides import Side, side_of
from va_space.media.audio import probe_audio
from va_space.media.kinds import MediaInput, name_of
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.windows import SoundSource
from va_space.retrieval.difference import Difference, differences
from va_space.space import Failure, VAScale, VASpace
from va_space.targets import MusicTarget, PictureTarget, Source, Target, VectorTarget, read_target

Progress = Callable[[str, int, int], None]

SHOWN_SIDE = 900
"""Pixels that neither side of the picture that is kept exceeds."""
# Largest absolute sample below which there is no music, only dither: 80 dB below full scale.
_SILENCE = 1e-4


def explain(
    space: VASpace,
    source: MediaInput,
    targets: Sequence[Source] = AXES,
    *,
    method: str = "occlusion",
    options: MapOptions | None = None,
    kind: Kind | None = None,
    scale: VAScale = "relative",
    progress: Progress | None = None,
) -> Explanation:
    """Explain a picture or a track.

    Args:
        space: The model.
        source: As :meth:`VASpace.encode <va_space.VASpace.encode>` takes it; of a video its sound.
        targets: What to explain: "valence", "arousal", or what :func:`va_space.targets.read_targets` takes.
        method: Of a picture's maps, a name in :data:`~va_space.explanation.methods.METHODS`.
        options: How fine these are.
        kind: What the input is; by default what is detected.
        scale: See :func:`va_space.explanation.aims.aim_at`.
        progress: Called with (what is done, parts done, parts in all).

    Raises:
        MediaError: The input, or a target, cannot be read.
        ConfigError: There is no such method.
        MissingExtraError: The extra ``explain`` is not installed, which maps need.
        ValueError: There are no targets.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> why = explain(VASpace.from_pretrained(), clips()[0].path, ["arousal"])
        >>> [each.aim.what for each in why.explained]
        ['arousal among renderings']
        >>> why.explained[0].when.scores.shape == why.explained[0].when.starts.shape
        True
    """
    subject = read_subject(space, source)
    aims = []
    for aim in aims_for(space, subject, targets, kind, scale):
        if isinstance(aim, Failure):
            raise MediaError(name_of(aim.source), aim.reason)
        aims.append(aim)
    return explain_subject(space, subject, aims, method=method, options=options, kind=kind, progress=progress)


def read_subject(space: VASpace, source: MediaInput) -> PictureTarget | MusicTarget:
    """Read what is to be explained.

    Raises:
        MediaError: It cannot be read, is neither a picture nor music, or is silent.
    """
    subject = read_target(space, source)
    if not isinstance(subject, PictureTarget | MusicTarget):
        raise MediaError(subject.name, f"pictures and tracks can be explained; a file is ./{subject.name}")
    if isinstance(subject, MusicTarget) and subject.peak is not None and subject.peak <= _SILENCE:
        raise MediaError(subject.name, "silent from beginning to end: there is nothing to explain")
    return subject


def aims_for(
    space: VASpace,
    subject: VectorTarget,
    targets: Sequence[Source],
    kind: Kind | None = None,
    scale: VAScale = "relative",
) -> list[Aim | Failure]:
    """What to explain of a subject, or why it could not be read; see :func:`explain`."""
    assert subject.modality is not None
    return read_aims(space, targets, subject.modality, subject.kind_in(kind), scale)


def explain_subject(
    space: VASpace,
    subject: PictureTarget | MusicTarget,
    aims: Sequence[Aim],
    *,
    method: str = "occlusion",
    options: MapOptions | None = None,
    kind: Kind | None = None,
    progress: Progress | None = None,
    sides: Callable[[VASpace, Target], Side] = side_of,
) -> Explanation:
    """Explain what :func:`read_subject` read; see :func:`explain`.

    `sides` finds what is to be said of a target; one that remembers saves hearing a track twice.
    """
    if not aims:
        raise ValueError("there must be something to explain, such as valence")
    (source,) = subject.sources
    own = sides(space, subject) if kind is None else side_of(space, subject, kind)
    explained = [_read_off(space, subject, own, aim, sides) for aim in aims]
    whole = Explanation(own, source, tuple(explained), space.fingerprint, subject.notes)
    if isinstance(subject, PictureTarget):
        return _where(space, whole, method, options or MapOptions(), progress)
    return _when(space, whole, progress)


def _read_off(
    space: VASpace,
    subject: VectorTarget,
    own: Side,
    aim: Aim,
    sides: Callable[[VASpace, Target], Side],
) -> Explained:
    with torch.no_grad():
        score = float(aim.of(torch.from_numpy(subject.vector)[None].to(space.device)))
    if aim.target is None:
        return Explained(aim, score)
    side = sides(space, aim.target)
    return Explained(aim, score, side, _difference(space, aim.target, side, subject, own))


def _difference(space: VASpace, target: Target, side: Side, subject: VectorTarget, own: Side) -> Difference:
    apart = np.subtract(own.place, side.place).astype(np.float32)[None]
    assert subject.modality is not None
    return differences(space, target, subject.vector[None], apart, subject.modality)[0]


def _where(
    space: VASpace, whole: Explanation, method: str, options: MapOptions, progress: Progress | None
) -> Explanation:
    shown = load_picture(whole.source, min_side=SHOWN_SIDE)  # type: ignore[arg-type]
    seen = load_picture(whole.source)  # type: ignore[arg-type]
    pixels = picture_to_tensor(seen, space.config.picture.size).float() / 255
    aims = [each.aim for each in whole.explained]
    if progress is not None and options.progress is None:
        options = replace(options, progress=lambda done, total: progress("Map", done, total))
    maps = picture_maps(space, pixels, aims, method, options)
    return replace(
        whole,
        explained=tuple(
            replace(each, where=found) for each, found in zip(whole.explained, maps, strict=True)
        ),
        picture=_scaled(shown),
        method=method,
        changes=tuple(grade_changes(space, pixels, aims)),
    )


def _scaled(picture: Image.Image) -> Image.Image:
    if max(picture.size) <= SHOWN_SIDE:
        return picture
    return ImageOps.contain(picture, (SHOWN_SIDE, SHOWN_SIDE))


def _seconds(source: SoundSource) -> int:
    if isinstance(source, tuple):
        return round(max(source[0].shape) / source[1])
    return round(probe_audio(source).duration or 0)


def _when(space: VASpace, whole: Explanation, progress: Progress | None) -> Explanation:
    source: SoundSource = whole.source  # type: ignore[assignment]
    total = _seconds(source) if progress else 0

    def told(seconds: float) -> None:
        if progress:
            progress("Seconds of music", min(round(seconds), total), total)

    windows, length = short_windows(space, source, told)
    found = curves(space, windows, length, [each.aim for each in whole.explained])
    explained = tuple(replace(each, when=curve) for each, curve in zip(whole.explained, found, strict=True))
    return replace(whole, explained=explained, duration=windows.duration)
