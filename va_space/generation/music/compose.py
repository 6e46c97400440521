"""From what a user names to music: candidates by rule, chosen by two judges, played."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from va_space.errors import ConfigError, MediaError
from va_space.feedback.profile import Profile
from va_space.generation.music.controls import Wishes
from va_space.generation.music.hearing import chosen
from va_space.generation.music.judge import load_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import Composition, compose_score
from va_space.generation.music.score import Score
from va_space.generation.music.selection import HEARD, Candidate
from va_space.generation.music.soundfont import play_soundfont
from va_space.generation.music.synthesis.render import synthesize
from va_space.generation.music.synthesis.voices import SAMPLE_RATE, Samples
from va_space.generation.music.target import Course, Feeling, Named, course_of, read_feelings
from va_space.space import Failure, VASpace

SHORTEST, LONGEST = 1.0, 1200.0  # seconds
CANDIDATES = 200
_RING = 1.6  # seconds in which the last chord dies away

Wanted = Named | Feeling | list[Named | Feeling] | list[Feeling] | list[str]
"""What to compose for; a list is a feeling over time."""

Progress = Callable[[str, int, int], None]  # what is done, how many are done, of how many


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes:
        feelings: What was named, one after the other.
        course: The feeling over time, as percentiles.
        seconds: Length of the sound.
        seed: Of all choices.
        wishes: Tempo, key, instruments.
        candidates: How many scores there are to choose from; 1 is the rules alone.
    """

    feelings: tuple[Feeling, ...]
    course: Course
    seconds: float
    seed: int
    wishes: Wishes
    candidates: int


@dataclass(frozen=True)
class Take:
    """A piece of music.

    Attributes:
        score: Its notes.
        sound: (2, n) float32 in [-1, 1].
        sample_rate: Of the sound.
        chosen: What the judges said of it.
        request: What was asked for.
        model: Fingerprint of the model that heard it; None if none did.
        soundfont: Name of the SoundFont that plays it; None for the built-in instruments.
    """

    score: Score
    sound: Samples
    sample_rate: int
    chosen: Candidate
    request: Request
    model: str | None
    soundfont: str | None

    @property
    def why(self) -> str:
        """Why it sounds as it does, in words."""
        from va_space.generation.music.words import why

        return why(self)

    def save(self, path: str | Path) -> list[Path]:
        """Write it: sound with MIDI beside it, or MIDI alone, and what it was made from as JSON.

        Args:
            path: Ends with .wav, .flac, .mp3, .ogg or .mid.

        Returns:
            The files that were written.

        Raises:
            ConfigError: The ending is another one.
        """
        from va_space.generation.music.provenance import save_take

        return save_take(self, Path(path))


class Options(TypedDict, total=False):
    """The options of :func:`compose_takes`, which explains them, but the number of takes."""

    seconds: float
    seed: int
    tempo: int | None
    key: str | None
    instruments: Sequence[str]
    candidates: int
    soundfont: str | Path | None
    profile: Profile | None
    progress: Progress | None


def compose(space: VASpace | None, target: Wanted | Course, **options: Unpack[Options]) -> Take:
    """Compose music for a target: the best of :func:`compose_takes`, which has the same options.

    Example:
        >>> take = compose(None, "serene", seconds=5, candidates=1)  # rules alone: no model is needed
        >>> take.sound.shape, round(take.score.duration + 0.75)
        ((2, 220500), 5)
    """
    return compose_takes(space, target, takes=1, **options)[0]


def compose_takes(
    space: VASpace | None,
    target: Wanted | Course,
    *,
    takes: int = 3,
    seconds: float = 30.0,
    seed: int = 0,
    tempo: int | None = None,
    key: str | None = None,
    instruments: Sequence[str] = (),
    candidates: int = CANDIDATES,
    soundfont: str | Path | None = None,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> list[Take]:
    """Compose several takes for a target, best first.

    The same arguments, model and versions give the same samples.

    Args:
        space: Reads pictures and music, and hears the candidates. None if the target is a feeling and the
            symbolic judge, or with one candidate nobody, is to choose.
        target: A word of feeling, (valence, arousal), a picture or a track, as
            :func:`va_space.generation.music.target.read_feelings` takes them; a list of them is a feeling
            over time; or a :class:`Course`.
        takes: How many, at most as many as there are candidates.
        seconds: Length of the sound, 1 to 1,200.
        seed: Of all choices.
        tempo: Quarter notes a minute; by default it follows the feeling.
        key: Such as "D minor"; likewise.
        instruments: Likewise; the first has the melody.
        candidates: How many scores to choose from; 1 is the rules alone.
        soundfont: A .sf2 file to play it with, instead of the built-in instruments.
        profile: Whose wishes for music count; by default nobody's. It needs a space.
        progress: Called after each candidate that was composed and each that was heard.

    Raises:
        MediaError: The target cannot be read.
        ConfigError: An option has a wrong value.
        FeedbackError: The profile is of another model.
        MissingExtraError: A SoundFont is given, and the extra ``soundfont`` is not installed.
    """
    wishes = Wishes.read(tempo, key, tuple(instruments))
    request = make_request(space, target, seconds, seed, wishes, candidates)
    if profile is not None:
        if space is None:
            raise ConfigError("a profile needs the model that it was learnt with: a space, not None")
        profile.check_use(space)
        request = replace(request, course=_personal(request.course, profile))
    pieces = _compose_all(request, progress)
    if candidates == 1:
        ranked = [Candidate(0, pieces[0], _symbolic(pieces[0]))]
    else:
        listening = progress and partial(progress, "Listening")
        ranked = chosen(pieces, request.course, space, listening, max(takes, HEARD))
    return [_take(each, request, space, soundfont) for each in ranked[: max(1, takes)]]


def make_request(
    space: VASpace | None,
    target: Wanted | Course,
    seconds: float,
    seed: int,
    wishes: Wishes,
    candidates: int,
) -> Request:
    """What is asked for, checked and read; arguments as for :func:`compose_takes`."""
    if not SHORTEST <= seconds <= LONGEST:
        raise ConfigError(f"{seconds:g} s of music: from {SHORTEST:g} to {LONGEST:,.0f} s can be composed")
    if candidates < 1:
        raise ConfigError(f"{candidates} candidates: there must be at least 1")
    if isinstance(target, Course):
        return Request((), target, seconds, seed, wishes, candidates)
    feelings = []
    for each in _read(space, target):
        if isinstance(each, Failure):
            raise MediaError(str(each.source), each.reason)
        feelings.append(each)
    if not feelings:
        raise ConfigError("nothing to compose for: name a picture, a track, a word or a point")
    return Request(tuple(feelings), course_of(feelings, seconds), seconds, seed, wishes, candidates)


def _personal(course: Course, profile: Profile) -> Course:
    """A feeling over time where a person wants music for it."""
    places = np.round(profile.moved(course.places, "music"), 3).tolist()
    return Course(course.times, tuple((valence, arousal) for valence, arousal in places))


def _read(space: VASpace | None, target: Wanted) -> list[Feeling | Failure]:
    several = target if isinstance(target, list) else [target]
    unread = [each for each in several if not isinstance(each, Feeling)]
    read = iter(read_feelings(space, unread))
    return [each if isinstance(each, Feeling) else next(read) for each in several]


def _compose_all(request: Request, progress: Progress | None) -> list[Composition]:
    ring = min(_RING, 0.15 * request.seconds)
    pieces = []
    for number in range(request.candidates):
        source = chance(request.seed, number)
        pieces.append(compose_score(request.course, request.seconds - ring, source, request.wishes))
        if progress:
            progress("Composing", number + 1, request.candidates)
    return pieces


def _symbolic(piece: Composition) -> tuple[float, float]:
    from va_space.generation.music.features import score_features

    features = score_features(piece.score.notes(), piece.score.duration)
    if features is None:
        return 0.5, 0.5
    valence, arousal = np.round(load_judge().percentile(features[None])[0], 3).tolist()
    return valence, arousal


def _take(best: Candidate, request: Request, space: VASpace | None, soundfont: str | Path | None) -> Take:
    score = best.composition.score
    if soundfont is not None:
        sound = play_soundfont(score, request.seconds, Path(soundfont))
    else:
        sound = synthesize(score, request.seconds)
    heard = space.fingerprint if space is not None and best.heard is not None else None
    name = None if soundfont is None else Path(soundfont).name
    return Take(score, sound, SAMPLE_RATE, best, request, heard, name)
