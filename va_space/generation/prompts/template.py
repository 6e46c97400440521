"""A prompt by a template, whose every part follows from something that is heard.

``{medium} of {scene}, {instruments}, {lyrics}, {mood}, {light}, {colours}, {motion}, {use}``

- *scene*: what the painter's motif shows that suits best.
- *instruments*: up to two, "with hints of ...".
- *lyrics*: up to three words that are sung most; of a section, those sung in it.
- *mood*: words of feeling nearest to it, then moods that are heard.
- *light*: by quadrant of the feeling.
- *colours*: the name of the harmony that stands nearest.
- *motion*: by tempo and, for a section, by what it does.
- *medium*: by families of instruments.
- *use*: "album cover art", after the genre.

The negative prompt names what spoils covers, and the opposite of the feeling, the more of it the farther that
is from the middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from va_space.emotion.words import words_near
from va_space.generation.artwork.direction import Direction, direction_of
from va_space.generation.artwork.motifs import MOTIFS
from va_space.generation.artwork.palette import HARMONIES
from va_space.generation.prompts.lyrics import sung_most
from va_space.generation.tags.description import SURE, Section, TrackDescription

_LIGHT: Mapping[tuple[bool, bool], str] = {
    (True, True): "bright sunlight",
    (True, False): "soft morning light",
    (False, True): "harsh stormy light",
    (False, False): "dim overcast light",
}
_MEDIA: Mapping[str, str] = {
    "electronic": "a digital painting",
    "heavy": "a palette knife painting",
    "strings": "an oil painting",
    "keys": "a watercolour",
    "guitar": "a gouache painting",
    "wind": "a pastel drawing",
}
_DOING: Mapping[str, str] = {
    "intro": "emerging",
    "build": "rising tension",
    "drop": "an outburst at its height",
    "climax": "an outburst at its height",
    "chorus": "wide and full",
    "break": "sparse and waiting",
    "bridge": "turning",
    "outro": "fading away",
}
_SPOILED = ("text", "letters", "watermark", "signature", "frame", "blurry", "low quality", "deformed")
# The opposites of a feeling by axis and side, the plainest first.
_OPPOSITE: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("valence", True): ("gloomy", "dark", "grim"),
    ("valence", False): ("cheerful", "bright colours", "smiling"),
    ("arousal", True): ("calm", "static", "empty"),
    ("arousal", False): ("busy", "crowded", "aggressive"),
}
_STEP = 0.12


@dataclass(frozen=True)
class Prompt:
    """What a picture is to show, in words.

    Attributes:
        prompt: What to show.
        negative: What not to show.
        parts: The parts of the prompt by what they are about.
    """

    prompt: str
    negative: str
    parts: Mapping[str, str]


def make_prompt(description: TrackDescription, section: Section | None = None, seed: int = 0) -> Prompt:
    """A prompt for a recording, or for a section of it, by the template above.

    Args:
        description: Of the recording.
        section: Whose feeling, instruments and lyrics to go by; by default the whole.
        seed: As the painter takes it: of two motifs that suit, another seed may show the other.

    Example:
        >>> from va_space.generation.tags.description import Section, TrackDescription
        >>> whole = Section("whole", 0.0, 60.0, 0.5, -14.0)
        >>> nothing = ((),) * 5
        >>> feeling = ("serene",), (0.8, 0.2), (0.6, 0.4)
        >>> heard = TrackDescription(
        ...     "a.ogg", 60.0, "music", *nothing, *feeling, 70.0, "C major", -14.0, (whole,)
        ... )
        >>> made = make_prompt(heard)
        >>> made.parts["light"], made.parts["motion"]
        ('soft morning light', 'slow and still')
        >>> made.negative.endswith("gloomy, dark, busy, crowded")
        True
    """
    direction = direction_of(description, seed, section)
    feeling = direction.valence, direction.arousal
    playing = (section.instruments if section else ()) or description.instruments
    instruments = [tag.name for tag in playing if tag.sure][:2]
    sung = sung_most(description.lyrics, section)
    moods = [*words_near(feeling, 2), *(tag.name for tag in description.moods[:2])]
    genre = description.genres[0].name if description.genres else ""
    parts = {
        "medium": _medium(direction),
        "scene": _scene(direction),
        "instruments": f"with hints of {' and '.join(instruments)}" if instruments else "",
        "lyrics": f"about {', '.join(sung)}" if sung else "",
        "mood": ", ".join(dict.fromkeys(moods)),
        "light": _LIGHT[feeling[0] >= 0.5, feeling[1] >= 0.5],
        "colours": f"colours of {_harmony(feeling)}",
        "motion": _motion(direction, description.tempo, section),
        "use": f"{genre} album cover art".strip(),
    }
    subject = f"{parts['medium']} of {parts['scene']}"
    rest = [text for name, text in parts.items() if name not in ("medium", "scene") and text]
    return Prompt(", ".join([subject, *rest]), _negative(feeling), parts)


def _medium(direction: Direction) -> str:
    heard = {family: direction.families[family] for family in _MEDIA}
    best = max(heard, key=lambda family: heard[family])
    return _MEDIA[best] if heard[best] >= SURE else "an oil painting"


def _scene(direction: Direction) -> str:
    motifs = [MOTIFS[name]() for name in MOTIFS.names()]
    weights = np.array([motif.suits(direction) for motif in motifs])
    # Nearly the best, so that seeds differ without the scene's ceasing to suit.
    good = np.flatnonzero(weights >= 0.85 * weights.max())
    return motifs[int(direction.rng(9).choice(good))].shows


def _harmony(feeling: tuple[float, float]) -> str:
    away = [np.hypot(each.valence - feeling[0], each.arousal - feeling[1]) for each in HARMONIES]
    return HARMONIES[int(np.argmin(away))].name


def _motion(direction: Direction, tempo: float | None, section: Section | None) -> str:
    pace = direction.arousal if tempo is None else (direction.arousal + np.clip((tempo - 60) / 120, 0, 1)) / 2
    moving = "slow and still" if pace < 0.33 else "flowing" if pace < 0.66 else "fast and energetic"
    doing = _DOING.get(section.label, "") if section else ""
    return f"{moving}, {doing}" if doing else moving


def _negative(feeling: tuple[float, float]) -> str:
    words = list(_SPOILED)
    for axis, share in zip(("valence", "arousal"), feeling, strict=True):
        count = int(abs(share - 0.5) / _STEP)
        words += _OPPOSITE[axis, share >= 0.5][:count]
    return ", ".join(words)
