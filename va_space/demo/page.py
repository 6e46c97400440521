"""The demo's result as one page that needs no network and, but for its players, no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from va_space.demo.music import Clip
from va_space.demo.photographs import Photograph
from va_space.retrieval.report.plane import SIZE, Plane, spread
from va_space.errors import MissingExtraError

MATCHES = 3
_THUMBNAIL = 20.0  # radius in pixels of the plane
_LINE = 17.0  # height of a line of text there


@dataclass(frozen=True)
class Track:
    """A clip as one picture finds it.

    Attributes:
        clip: The music.
        valence: Predicted, in [0, 1].
        arousal: Likewise.
        score: Predicted similarity to the picture, in [0, 1].
    """

    clip: Clip
    valence: float
    arousal: float
    score: float


@dataclass(frozen=True)
class Picture:
    """A photograph with all the music, best match first.

    Attributes:
        photo: The photograph; its file is ``pictures/NAME.jpg`` beside the page.
        valence: Predicted, in [0, 1].
        arousal: Likewise.
        tracks: Every clip; its file is ``music/NAME`` beside the page.
    """

    photo: Photograph
    valence: float
    arousal: float
    tracks: Sequence[Track]

    @property
    def matches(self) -> Sequence[Track]:
        """The tracks to show."""
        return self.tracks[:MATCHES]


def render(pictures: Sequence[Picture], model: str) -> str:
    """The page.

    Args:
        pictures: What to show, at least one.
        model: Identity of the model.

    Returns:
        HTML that refers to ``pictures/`` and ``music/`` beside it, and to nothing else.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError as error:
        raise MissingExtraError("The demo's page", "demo") from error
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["feeling"] = _feeling
    template = files("va_space.demo").joinpath("page.html").read_text(encoding="utf-8")
    music = sorted(pictures[0].tracks, key=lambda track: track.clip.title)
    everything: list[Picture | Track] = [*pictures, *music]
    plane = Plane([(each.valence, each.arousal) for each in everything])
    places = spread([plane.xy((each.valence, each.arousal)) for each in pictures], _THUMBNAIL)
    return environment.from_string(template).render(
        pictures=pictures,
        places=[(round(x, 1), round(y, 1)) for x, y in places],
        labels=[_labels(plane, picture.matches) for picture in pictures],
        music=music,
        plane=plane,
        size=SIZE,
        radius=_THUMBNAIL,
        model=model,
    )


def _labels(plane: Plane, tracks: Sequence[Track]) -> list[tuple[Track, float, float, float]]:
    """For each track its place (x, y) and the height of its label, no label on another."""
    placed = [(track, *plane.xy((track.valence, track.arousal))) for track in tracks]
    lowest = -_LINE
    labels = []
    for track, x, y in sorted(placed, key=lambda item: item[2]):
        lowest = max(y, lowest + _LINE)
        labels.append((track, x, y, round(lowest, 1)))
    return labels


def _feeling(point: Picture | Track) -> str:
    """Valence and arousal in words."""
    valence = "pleasant" if point.valence > 0.55 else "unpleasant" if point.valence < 0.45 else ""
    arousal = "excited" if point.arousal > 0.55 else "calm" if point.arousal < 0.45 else ""
    return " and ".join(word for word in (valence, arousal) if word) or "near neutral"
