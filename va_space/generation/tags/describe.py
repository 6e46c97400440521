"""From a recording to its description."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from va_space.emotion.words import words_near
from va_space.generation.tags.choosing import tags_between, tags_of
from va_space.generation.tags.content import content_of, remarks_on, sings
from va_space.generation.tags.description import VA, Moment, Section, Stem, TrackDescription
from va_space.generation.tags.form import Form, read_form
from va_space.generation.tags.hearing import Heard, hear, taggers_of
from va_space.generation.tags.key import find_key
from va_space.generation.tags.lyrics import read_lyrics
from va_space.generation.tags.sections import find_sections
from va_space.generation.tags.stems import StemModel, load_stem_model, stems_of
from va_space.generation.tags.vocabulary import KINDS
from va_space.media.kinds import name_of
from va_space.media.spectra import check_librosa
from va_space.media.windows import SoundSource
from va_space.space import VASpace

Progress = Callable[[str, float], None]  # what is done, and the seconds of the recording that are

_WORDS, _PER_MOMENT = 3, 3
_NEUTRAL = 0.5, 0.5


def describe(
    space: VASpace,
    track: SoundSource,
    *,
    stems: StemModel | str | Path | None = None,
    lyrics: str | Path | None = None,
    progress: Progress | None = None,
) -> TrackDescription:
    """Tell what is in a recording.

    Memory does not grow with it: of more than 20 minutes, 120 windows of 10 s are heard, spread evenly, and
    the form is read in pieces.

    Args:
        space: The model; its music encoder's taggers are used, or those of the model that ships.
        track: A file, or (samples, sample rate).
        stems: Separate the recording with this network, or the one in this file or folder, and listen to each
            stem, too; see :func:`va_space.generation.tags.stems.load_stem_model`.
        lyrics: A .txt or .lrc file with what is sung.
        progress: Called now and then.

    Raises:
        MediaError: The recording, or the lyrics, cannot be read.
        MissingExtraError: The extra ``tags``, or for stems ``stems``, is not installed.
        CheckpointError: The weights for stems cannot be read; the message says how to get them.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> found = describe(VASpace.from_pretrained(), clips()[0].path)
        >>> found.content, found.sections[0].start, found.sections[-1].end == found.duration
        ('music', 0.0, True)
    """
    check_librosa("Telling what is in music", "tags")
    sung = read_lyrics(lyrics) if lyrics is not None else ()
    separator = load_stem_model(stems, space.device) if isinstance(stems, str | Path) else stems
    heard = hear(space, track, progress and partial(progress, "Listening"))
    form = read_form(track, progress and partial(progress, "Reading the form"))
    found: tuple[Stem, ...] = ()
    if separator is not None:
        found = stems_of(separator, taggers_of(space), track, progress and partial(progress, "Separating"))
    described = _described(space, name_of(track), heard, form)
    return replace(described, stems=found, lyrics=sung)


def _described(space: VASpace, name: str, heard: Heard, form: Form) -> TrackDescription:
    content = content_of(heard, form)
    feels = partial(_feeling, space, heard) if content != "silence" else _nothing
    feeling = feels(heard.whole)
    musical = content == "music"
    key = find_key(form.chroma) if musical else None
    duration = round(form.duration, 3)
    return TrackDescription(
        path=name,
        duration=duration,
        content=content,
        genres=tags_of(heard, "genre") if musical else (),
        moods=tags_of(heard, "mood") if musical else (),
        voice=tags_of(heard, "voice") if content != "silence" else (),
        eras=tags_of(heard, "era") if musical else (),
        instruments=tags_of(heard, "instrument") if musical else (),
        sounds=tags_of(heard, "sound") if content != "silence" else (),
        words=tuple(words_near(feeling, _WORDS)),
        feeling=feeling,
        va=_pair(heard.whole) if content != "silence" else _NEUTRAL,
        tempo=round(form.tempo, 1) if musical and form.tempo is not None else None,
        key=key.key.name if key else None,
        key_margin=round(key.margin, 3) if key else None,
        key_second=key.second.name if key else None,
        loudness=form.loudness,
        sections=_sections(heard, form, feels, musical=musical),
        moments=_moments(heard, feels, musical=musical) if content != "silence" else (),
        notes=remarks_on(heard, form, content),
        model=space.fingerprint,
    )


def _sections(
    heard: Heard, form: Form, feels: Callable[[np.ndarray], VA], *, musical: bool
) -> tuple[Section, ...]:
    return tuple(
        replace(
            section,
            feeling=feels(heard.between(section.start, section.end) @ heard.va),
            instruments=tags_between(heard, section.start, section.end, "instrument") if musical else (),
        )
        for section in find_sections(form, sings=sings(heard))
    )


def _moments(heard: Heard, feels: Callable[[np.ndarray], VA], *, musical: bool) -> tuple[Moment, ...]:
    kinds = KINDS if musical else ("voice", "sound")
    return tuple(
        Moment(
            start=round(float(start), 3),
            end=round(float(end), 3),
            feeling=feels(va),
            tags={kind: tags_between(heard, start, end, kind, _PER_MOMENT) for kind in kinds},
        )
        for start, end, va in zip(heard.starts, heard.ends, heard.va, strict=True)
    )


def _feeling(space: VASpace, heard: Heard, va: np.ndarray) -> VA:
    """Percentiles among recordings of the kind; with a model without a reference what was predicted."""
    return _pair(va if space.reference is None else space.distribution(heard.kind).percentile(va))


def _nothing(va: np.ndarray) -> VA:
    return _NEUTRAL


def _pair(va: np.ndarray) -> VA:
    valence, arousal = np.round(va.astype(np.float64), 4).tolist()
    return valence, arousal
