"""Composed takes as one page: what they are for, the plane, piano rolls, players, and why they sound so.

The page is one file that needs no network and no script. Needs the extra ``report``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from va_space.errors import MediaError, MissingExtraError
from va_space.generation.music.compose import Take
from va_space.generation.music.provenance import title
from va_space.generation.music.words import feeling_words
from va_space.media.pictures import load_picture
from va_space.page.embedded import jpeg_address, mp3_address
from va_space.page.plane import Plane, spread

_SIDE = 900  # of the picture, in pixels
_COMPRESSION = 0.6
ROLL_WIDTH, ROLL_HEIGHT = 1000, 260
_COLOURS = ("var(--accent)", "var(--gloom)", "var(--calm)", "var(--joy)")
_ALL_OF_IT = ((0.0, 0.0), (1.0, 1.0))  # percentiles lie all over the plane


@dataclass(frozen=True)
class NoteBar:
    """A note as a piano roll draws it, in its pixels."""

    x: float
    y: float
    width: float
    height: float
    strength: float


@dataclass(frozen=True)
class Roll:
    """A piano roll.

    Attributes:
        lines: (instrument, colour, notes) of each part.
        phrases: (pixels from the left, name) of each phrase.
        seconds: (pixels from the left, second) of the ticks below it.
    """

    lines: list[tuple[str, str, list[NoteBar]]]
    phrases: list[tuple[float, str]]
    seconds: list[tuple[float, int]]


@dataclass(frozen=True)
class Shown:
    """A take as the page shows it.

    Attributes:
        take: The take.
        number: From 1.
        sound: data: address of the whole take as mp3.
        roll: Its notes.
        felt: (valence, arousal) as percentiles, by the judges.
        place: Of its disc on the plane, in pixels.
        home: Of its true place.
    """

    take: Take
    number: int
    sound: str
    roll: Roll
    felt: tuple[float, float]
    place: tuple[float, float]
    home: tuple[float, float]


def write_composition(path: str | Path, takes: Sequence[Take]) -> None:
    """Write a page about takes of one request.

    Args:
        path: The page, an HTML file; it is complete or not there.
        takes: Best first, at least one.

    Raises:
        MissingExtraError: The extra ``report`` is not installed.
    """
    try:
        from va_space.page.environment import page_environment, write_page
    except ImportError as error:
        raise MissingExtraError("A page about music", "report") from error
    request = takes[0].request
    plane = Plane(_ALL_OF_IT)
    course = [
        plane.xy(request.course(second)) for second in np.linspace(0, request.course.times[-1], 60).tolist()
    ]
    html = (
        page_environment(Path(__file__).parent)
        .get_template("composition.html")
        .render(
            title=title(takes[0]),
            request=request,
            words=[feeling_words(*feeling.relative) for feeling in request.feelings],
            pictures=[
                (each.name, url) for each in request.feelings if (url := _picture(each.source, each.kind))
            ],
            takes=_shown(plane, takes),
            plane=plane,
            target=course[0],
            course=course if not request.course.still else [],
            roll_width=ROLL_WIDTH,
            roll_height=ROLL_HEIGHT,
            model=takes[0].model,
        )
    )
    write_page(path, html)


def _shown(plane: Plane, takes: Sequence[Take]) -> list[Shown]:
    felt = [take.chosen.felt for take in takes]
    homes = [plane.xy(place) for place in felt]
    places = [(round(x, 1), round(y, 1)) for x, y in spread(homes, 12).tolist()]
    return [
        Shown(take, number, _mp3(take), roll_of(take), where, place, home)
        for number, (take, where, place, home) in enumerate(
            zip(takes, felt, places, homes, strict=True), start=1
        )
    ]


def roll_of(take: Take) -> Roll:
    """The piano roll of a take, in a drawing of ROLL_WIDTH by ROLL_HEIGHT pixels."""
    score = take.score
    pitched = [part for part in score.parts if part.instrument != "percussion"]
    pitches = [note.pitch for part in pitched for note in part.notes]
    low, high = min(pitches) - 2, max(pitches) + 2
    across, up = ROLL_WIDTH / score.duration, ROLL_HEIGHT / (high - low + 1)
    lines = []
    for part, colour in zip(pitched, _COLOURS, strict=False):
        bars = []
        for note in part.notes:
            start, end = score.seconds(note.start), score.seconds(note.start + note.length)
            top = (high - note.pitch) * up
            width = max(1.0, (end - start) * across)
            bars.append(
                NoteBar(
                    round(start * across, 1),
                    round(top, 1),
                    round(width, 1),
                    round(up, 1),
                    round(note.velocity / 127, 2),
                )
            )
        lines.append((part.instrument, colour, bars))
    phrases = [(round(score.seconds(each.start) * across, 1), each.name) for each in score.sections]
    step = 5 if score.duration <= 60 else 30
    ticks = [(round(second * across, 1), second) for second in range(0, int(score.duration) + 1, step)]
    return Roll(lines, phrases, ticks)


def _mp3(take: Take) -> str:
    return mp3_address(take.sound.T, take.sample_rate, _COMPRESSION)


def _picture(source: object, kind: str) -> str | None:
    if kind != "picture":
        return None
    try:
        picture = load_picture(source, min_side=_SIDE)  # type: ignore[arg-type]
    except MediaError:  # it is there no more; the music is
        return None
    return jpeg_address(picture, _SIDE)
