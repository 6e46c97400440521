"""The sections of a recording, and what each does.

Boundaries are those of :mod:`va_space.media.structure` (novelty of Foote 2000), but of a long recording the
:data:`MOST` - 1 clearest ones. Neighbours that share a letter and differ in energy by less than :data:`LEVEL`
are one section.

**Energy** is the mean of two steps: the loudness in LUFS, of which :data:`STEP_LOUDNESS` make a step, and the
logarithm of the onset strength, of which a factor of :data:`STEP_ONSETS` makes one. It is scaled to 0 for the
least energetic section and 1 for the most; where all lie within :data:`LEAST_RANGE` steps, the differences
stay small and lie around 0.5.

**Letters**: sections whose mean timbre, harmony and loudness are nearer than :data:`ALIKE` share one.

**Labels**, each by the first rule that fits:

1. ``whole``: there is but one section.
2. ``intro``: the first section, if it has :data:`CLEAR` less energy than the next or than the mean of the
   rest, lasts at most :data:`END_SHARE` of the whole, and does not come back before the end. ``outro``: the
   last section, likewise with those before it.
3. In songs: ``chorus`` is what comes back with the most energy, at least 0.5; ``verse`` is anything else that
   comes back. ``bridge`` comes once, between two choruses.
4. ``break``: :data:`CLEAR` less energy than the sections before and after it, and less than 0.5.
5. ``drop``: energy of at least :data:`HIGH`, and :data:`JUMP` more than the section before.
6. ``build``: neither first nor last; what follows has more energy, and its own energy rises by at least
   :data:`RISE` from its first to its last quarter; or, not in songs, it lies :data:`CLEAR` above what is
   before and below what is after it.
7. ``climax``: the section with the most energy, if it has at least :data:`HIGH` and there is neither drop nor
   chorus.
8. ``part``: anything else.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from va_space.generation.tags.description import ALSO, Label, Section
from va_space.generation.tags.form import Form
from va_space.media.boundaries import standardised

__all__ = ["ALSO", "find_sections"]

Floats = NDArray[np.float64]
Span = tuple[float, float]

MOST = 40
STEP_LOUDNESS = 6.0  # LU
STEP_ONSETS = 2.0
LEAST_RANGE = 1.5
ALIKE = 0.27
LEVEL = 0.12
CLEAR, JUMP, RISE, HIGH = 0.2, 0.3, 0.2, 0.65
END_SHARE = 0.35
_QUIET = -70.0


def find_sections(form: Form, *, sings: bool = False) -> tuple[Section, ...]:
    """The sections of a recording, in order; together they are the whole.

    Args:
        form: How the recording runs.
        sings: Whether somebody sings in it: only songs have verses and choruses.
    """
    spans = _merged(form, _spans(form))
    raw, letters = _raw(form, spans), _letters(form, spans)
    energies = _scaled(raw)
    rises = [_rise(form, start, end, raw) for start, end in spans]
    labels = _labels(spans, energies, letters, rises, sings=sings)
    return tuple(
        Section(
            label=label,
            start=round(start, 3),
            end=round(end, 3),
            energy=round(float(energy), 3),
            loudness=form.loudness_between(start, end),
            letter=letter,
        )
        for (start, end), label, energy, letter in zip(spans, labels, energies, letters, strict=True)
    )


def _spans(form: Form) -> list[Span]:
    clearest = sorted(form.boundaries, key=lambda boundary: -boundary.novelty)[: MOST - 1]
    edges = [0.0, *sorted(boundary.seconds for boundary in clearest), form.duration]
    return list(pairwise(edges))


def _merged(form: Form, spans: list[Span]) -> list[Span]:
    """Spans without the borders between neighbours that are alike."""
    letters, energies = _letters(form, spans), _scaled(_raw(form, spans))
    merged = [spans[0]]
    for number in range(1, len(spans)):
        near = abs(energies[number] - energies[number - 1]) < LEVEL
        if near and letters[number] == letters[number - 1]:
            merged[-1] = (merged[-1][0], spans[number][1])
        else:
            merged.append(spans[number])
    return merged


def _raw(form: Form, spans: list[Span]) -> Floats:
    return np.array([_energy(form, start, end) for start, end in spans])


def _energy(form: Form, start: float, end: float) -> float:
    """Energy of a part, in steps."""
    part = form.part(start, end)
    loudness = form.loudness_between(start, end)
    onsets = max(float(form.onsets[part].mean()), 0.05)
    return (
        (_QUIET if loudness is None else loudness) / STEP_LOUDNESS + np.log(onsets) / np.log(STEP_ONSETS)
    ) / 2


def _scaled(raw: Floats) -> Floats:
    low, high = raw.min(), raw.max()
    return 0.5 + (raw - (low + high) / 2) / max(high - low, LEAST_RANGE)


def _rise(form: Form, start: float, end: float, raw: Floats) -> float:
    """Energy of the last quarter of a part less that of its first, on the scale of energies."""
    quarter = (end - start) / 4
    rise = _energy(form, end - quarter, end) - _energy(form, start, start + quarter)
    return float(rise / max(raw.max() - raw.min(), LEAST_RANGE))


def _letters(form: Form, spans: list[Span]) -> list[str]:
    """A letter for each part: that of the first part before it that sounds like it."""
    scaled = standardised(form.features)
    means = [scaled[form.part(start, end)].mean(axis=0) for start, end in spans]
    letters: list[str] = []
    firsts: list[int] = []
    for number, mean in enumerate(means):
        away = [float(np.linalg.norm(mean - means[first])) for first in firsts]
        if away and min(away) < ALIKE:
            letters.append(letters[firsts[int(np.argmin(away))]])
        else:
            letters.append(_letter(len(firsts)))
            firsts.append(number)
    return letters


def _letter(number: int) -> str:
    """A to Z, then A2 and so on."""
    again, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(again + 1) if again else "")


def _labels(
    spans: list[Span], energies: Floats, letters: list[str], rises: list[float], *, sings: bool
) -> list[Label]:
    count = len(spans)
    if count == 1:
        return ["whole"]
    found: dict[int, Label] = {}
    _ends(spans, energies, letters, found)
    if sings:
        _song(energies, letters, found)
    rules = {"break": _is_break, "drop": _is_drop, "build": _is_build}
    for label, fits in rules.items():
        for number in range(count):
            if number not in found and fits(number, energies, rises, sings):
                found[number] = label  # type: ignore[assignment]
    best = int(energies.argmax())
    if not {"drop", "chorus"} & set(found.values()) and best not in found and energies[best] >= HIGH:
        found[best] = "climax"
    return [found.get(number, "part") for number in range(count)]


def _ends(spans: list[Span], energies: Floats, letters: list[str], found: dict[int, Label]) -> None:
    """Rule 2."""
    whole = spans[-1][1]
    short = [end - start <= END_SHARE * whole for start, end in spans]
    inner = letters[1:-1]
    if short[0] and letters[0] not in inner and max(energies[1], energies[1:].mean()) - energies[0] >= CLEAR:
        found[0] = "intro"
    if (
        short[-1]
        and letters[-1] not in inner
        and max(energies[-2], energies[:-1].mean()) - energies[-1] >= CLEAR
    ):
        found[len(spans) - 1] = "outro"


def _song(energies: Floats, letters: list[str], found: dict[int, Label]) -> None:
    """Rule 3."""
    free = [number for number in range(len(letters)) if number not in found]
    rows = {letter: [number for number in free if letters[number] == letter] for letter in set(letters)}
    strength = {letter: float(energies[again].mean()) for letter, again in rows.items() if len(again) > 1}
    if not strength:
        return
    best = max(strength, key=lambda letter: strength[letter])
    chorus = best if strength[best] >= 0.5 else None
    for letter in strength:
        for number in rows[letter]:
            found[number] = "chorus" if letter == chorus else "verse"
    if chorus is not None:
        for number in free:
            if number not in found and rows[chorus][0] < number < rows[chorus][-1]:
                found[number] = "bridge"


def _is_break(number: int, energies: Floats, rises: list[float], sings: bool) -> bool:
    if not 0 < number < len(energies) - 1:
        return False
    around = min(energies[number - 1], energies[number + 1])
    return bool(energies[number] < 0.5 and around - energies[number] >= CLEAR)


def _is_drop(number: int, energies: Floats, rises: list[float], sings: bool) -> bool:
    return bool(number and energies[number] >= HIGH and energies[number] - energies[number - 1] >= JUMP)


def _is_build(number: int, energies: Floats, rises: list[float], sings: bool) -> bool:
    if not 0 < number < len(energies) - 1 or energies[number + 1] <= energies[number]:
        return False
    stair = (
        energies[number] - energies[number - 1] >= CLEAR and energies[number + 1] - energies[number] >= CLEAR
    )
    return bool(rises[number] >= RISE or (stair and not sings))
